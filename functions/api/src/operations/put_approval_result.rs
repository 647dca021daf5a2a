//! PutApprovalResult: a person's answer to an approval.

use engine::Rejection;
use engine::decide::{ApprovalAnswer, ApprovalAnswered, Event, EventKind};
use engine::execution::{ActionRef, StateKey};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{no_such_pipeline, parse};
use crate::output::time;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    action_name: String,
    result: Answer,
    token: String,
}

#[derive(Deserialize)]
struct Answer {
    summary: String,
    status: ApprovalAnswer,
}

/// CodePipeline's limit of an approval's summary, in characters.
const SUMMARY_MAX: usize = 512;

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(&request.input)?;
    if input.result.summary.chars().count() > SUMMARY_MAX {
        return Err(Rejection::Validation(format!(
            "1 validation error detected: Value at 'result.summary' failed to satisfy constraint: Member must \
             have length less than or equal to {SUMMARY_MAX}"
        ))
        .into());
    }
    let name = &input.pipeline_name;
    if platform.store.pipeline(name).await?.is_none() {
        return Err(no_such_pipeline(name));
    }
    // The token leads to the state; one that was never drawn is refused there.
    let known =
        platform.store.approval(&input.token).await?.filter(|action| action.key.pipeline_name == *name);
    let key = known.as_ref().map_or_else(|| StateKey::pipeline(name), |action| action.key.clone());
    let answered = ApprovalAnswered {
        stage_name: input.stage_name,
        action_name: input.action_name,
        token: input.token,
        answer: input.result.status,
        summary: input.result.summary,
        answered_by: request.caller.clone(),
    };
    match platform.tell(&Event { key, kind: EventKind::ApprovalAnswered(answered) }).await {
        Ok(_) => Ok(json!({ "approvedAt": time(platform.clock.now()) })),
        Err(refused) => match known {
            Some(action) if was_answered(platform, &action).await? => Err(already_completed(&action)),
            _ => Err(refused),
        },
    }
}

/// The state forgets an approval once its stage is over; its row tells whether a person ended it.
async fn was_answered(platform: &Platform, action: &ActionRef) -> Result<bool, StoreError> {
    let rows = platform.store.actions(&action.pipeline_execution_id).await?;
    let row = rows.iter().find(|row| row.execution.id == action.action_execution_id);
    Ok(row.is_some_and(|row| row.execution.updated_by.is_some()))
}

fn already_completed(action: &ActionRef) -> StoreError {
    Rejection::ApprovalAlreadyCompleted(format!(
        "The approval action '{}' has already been approved or rejected.",
        action.action_name
    ))
    .into()
}
