//! DisableStageTransition: nothing enters (or leaves) the stage until it is enabled again.

use engine::Rejection;
use engine::decide::{Event, EventKind, TransitionChanged};
use engine::execution::{StateKey, TransitionKind};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::parse;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    transition_type: TransitionKind,
    reason: String,
}

/// CodePipeline's limit of a reason, in characters.
const REASON_MAX: usize = 300;

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(&request.input)?;
    if !is_reason(&input.reason) {
        return Err(Rejection::Validation(format!(
            "1 validation error detected: Value at 'reason' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [a-zA-Z0-9!@ \\(\\)\\.\\*\\?\\-]+ and have length less than or equal \
             to {REASON_MAX}"
        ))
        .into());
    }
    let changed = TransitionChanged {
        stage_name: input.stage_name,
        transition: input.transition_type,
        disabled: Some(input.reason),
        changed_by: request.caller.clone(),
    };
    let key = StateKey::pipeline(&input.pipeline_name);
    platform.tell(&Event { key, kind: EventKind::TransitionChanged(changed) }).await?;
    Ok(json!({}))
}

/// `[a-zA-Z0-9!@ \(\)\.\*\?\-]+` of the service model.
fn is_reason(reason: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!@ ().*?-".contains(c);
    !reason.is_empty() && reason.chars().count() <= REASON_MAX && reason.chars().all(allowed)
}
