//! OverrideStageCondition: an execution goes on as if a condition of its stage were met.

use engine::decide::{ConditionOverridden, Event, EventKind};
use engine::declaration::schema::{Member, Shape, required};
use engine::execution::{ConditionType, PipelineExecutionId};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{EXECUTION_ID, NAME, parse};
use crate::pipelines::state_key;

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    required("stageName", NAME),
    required("pipelineExecutionId", EXECUTION_ID),
    required("conditionType", Shape::Word(&["BEFORE_ENTRY", "ON_SUCCESS"])),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    pipeline_execution_id: PipelineExecutionId,
    condition_type: ConditionType,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let key = state_key(platform, &input.pipeline_name, &input.pipeline_execution_id).await?;
    let overridden = ConditionOverridden {
        execution_id: input.pipeline_execution_id,
        stage_name: input.stage_name,
        condition: input.condition_type,
        overridden_by: request.caller.clone(),
    };
    platform.tell(&Event { key, kind: EventKind::ConditionOverridden(overridden) }).await?;
    Ok(json!({}))
}
