//! PutApprovalResult: a person's answer to an approval.

use engine::Rejection;
use engine::decide::{ApprovalAnswer, ApprovalAnswered, Event, EventKind};
use engine::declaration::schema::{Member, Shape, TextRule, required, text};
use engine::execution::{ActionRef, StateKey};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, UUID, parse};
use crate::output::time;
use crate::pipelines::pipeline;

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    required("stageName", NAME),
    required("actionName", NAME),
    required(
        "result",
        Shape::Structure(&[
            required("summary", Shape::Text(&SUMMARY)),
            required("status", Shape::Word(&["Approved", "Rejected"])),
        ]),
    ),
    required("token", Shape::Text(&UUID)),
];
static SUMMARY: TextRule = text(0, 512);

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

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let name = &input.pipeline_name;
    pipeline(platform, name).await?;
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
