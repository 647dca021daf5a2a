//! RetryStageExecution: the same execution runs the failed actions of a stage, or all of them, again.

use engine::decide::{Event, EventKind, RetryMode, StageRetryRequested};
use engine::declaration::schema::{Member, Shape, required};
use engine::execution::PipelineExecutionId;
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
    required("retryMode", Shape::Word(&["FAILED_ACTIONS", "ALL_ACTIONS"])),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    pipeline_execution_id: PipelineExecutionId,
    retry_mode: RetryMode,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let execution_id = input.pipeline_execution_id;
    let key = state_key(platform, &input.pipeline_name, &execution_id).await?;
    let (stage_name, retry_mode) = (input.stage_name, input.retry_mode);
    let requested = StageRetryRequested { execution_id: execution_id.clone(), stage_name, retry_mode };
    platform.tell(&Event { key, kind: EventKind::StageRetryRequested(requested) }).await?;
    Ok(json!({ "pipelineExecutionId": execution_id }))
}
