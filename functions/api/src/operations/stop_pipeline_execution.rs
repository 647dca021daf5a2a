//! StopPipelineExecution: wait for what runs, or abandon it.

use engine::decide::{Event, EventKind, StopRequested};
use engine::declaration::schema::{Member, Shape, TextRule, optional, required, text};
use engine::execution::PipelineExecutionId;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{EXECUTION_ID, NAME, parse};
use crate::pipelines::state_key;

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    required("pipelineExecutionId", EXECUTION_ID),
    optional("abandon", Shape::Flag),
    optional("reason", Shape::Text(&REASON)),
];
static REASON: TextRule = text(0, 200);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    pipeline_execution_id: PipelineExecutionId,
    #[serde(default)]
    abandon: bool,
    #[serde(default)]
    reason: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name, pipeline_execution_id: execution_id, abandon, reason } =
        parse(MEMBERS, &request.input)?;
    let key = state_key(platform, &pipeline_name, &execution_id).await?;
    let requested = StopRequested { execution_id: execution_id.clone(), abandon, reason };
    platform.tell(&Event { key, kind: EventKind::StopRequested(requested) }).await?;
    Ok(json!({ "pipelineExecutionId": execution_id }))
}
