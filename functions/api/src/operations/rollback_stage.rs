//! RollbackStage: a stage runs again with what an earlier execution had when it succeeded there.

use engine::decide::{Event, EventKind, StageRollbackRequested};
use engine::declaration::schema::{Member, required};
use engine::execution::{PipelineExecutionId, RollbackTarget, StageStatus, StateKey};
use platform::store::ExecutionRow;
use platform::{Fault, Platform, StoreError, ids};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{EXECUTION_ID, NAME, parse};
use crate::pipelines::{pipeline, required_execution};

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    required("stageName", NAME),
    required("targetPipelineExecutionId", EXECUTION_ID),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    target_pipeline_execution_id: PipelineExecutionId,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let input: Input = parse(MEMBERS, &request.input)?;
    let head = pipeline(platform, &input.pipeline_name).await?;
    let target = required_execution(platform, &head, &input.target_pipeline_execution_id).await?;
    let execution_id = PipelineExecutionId(ids::uuid());
    let requested = StageRollbackRequested {
        execution_id: execution_id.clone(),
        target_is_rollback: target.execution.rollback_of.is_some(),
        target_status: status_in(platform, &target, &input.stage_name).await?,
        target: RollbackTarget {
            execution_id: target.execution.execution_id,
            version: target.execution.version,
            source_revisions: target.execution.source_revisions,
        },
        stage_name: input.stage_name,
        requested_by: request.caller.clone(),
    };
    let key = StateKey::pipeline(&head.name);
    platform.tell(&Event { key, kind: EventKind::StageRollbackRequested(requested) }).await?;
    Ok(json!({ "pipelineExecutionId": execution_id }))
}

/// How the target left the stage; `None` if it has not been there.
async fn status_in(
    platform: &Platform,
    target: &ExecutionRow,
    stage_name: &str,
) -> Result<Option<StageStatus>, Fault> {
    let execution = &target.execution;
    let version = platform.store.pipeline_version(&execution.pipeline_name, execution.version).await?;
    let mut stages = version.iter().flat_map(|version| &version.declaration.stages);
    let Some(index) = stages.position(|stage| stage.name == stage_name) else { return Ok(None) };
    let stage = platform.store.stage(&execution.execution_id, index).await?;
    Ok(stage.map(|stage| stage.status))
}
