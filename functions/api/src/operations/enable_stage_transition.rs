//! EnableStageTransition: whoever waits behind the transition may go on.

use engine::decide::{Event, EventKind, TransitionChanged};
use engine::declaration::schema::{Member, Shape, required};
use engine::execution::{StateKey, TransitionKind};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::Value;

use crate::Request;
use crate::input::{NAME, parse};

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    required("stageName", NAME),
    required("transitionType", Shape::Word(&["Inbound", "Outbound"])),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    transition_type: TransitionKind,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let changed = TransitionChanged {
        stage_name: input.stage_name,
        transition: input.transition_type,
        disabled: None,
        changed_by: request.caller.clone(),
    };
    let key = StateKey::pipeline(&input.pipeline_name);
    platform.tell(&Event { key, kind: EventKind::TransitionChanged(changed) }).await?;
    Ok(Value::Null)
}
