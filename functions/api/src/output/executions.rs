//! `PipelineExecution` and `PipelineExecutionSummary`.

use engine::decide::ExecutionRecord;
use engine::declaration::PipelineDeclaration;
use engine::execution::{ExecutionStatus, SourceRevision};
use platform::store::ExecutionRow;
use serde_json::{Value, json};

use super::{time, without_nulls};

/// `declaration` is the version that the execution runs under; without it, revisions are shown under the names
/// of their actions.
pub(crate) fn pipeline_execution(row: &ExecutionRow, declaration: Option<&PipelineDeclaration>) -> Value {
    let execution = &row.execution;
    let variables =
        row.variables.iter().map(|v| json!({ "name": v.name, "resolvedValue": v.resolved_value }));
    let revisions = execution.source_revisions.iter().map(|revision| {
        let artifact = declaration.and_then(|declaration| artifact_of(declaration, &revision.action_name));
        revision_as("name", artifact.unwrap_or(&revision.action_name), revision)
    });
    without_nulls(json!({
        "pipelineName": execution.pipeline_name,
        "pipelineVersion": execution.version,
        "pipelineExecutionId": execution.execution_id,
        "status": execution.status,
        "statusSummary": execution.status_summary,
        "artifactRevisions": revisions.collect::<Vec<_>>(),
        "variables": variables.collect::<Vec<_>>(),
        "trigger": execution.trigger,
        "executionMode": execution.mode,
        "executionType": execution_type(execution),
        "rollbackMetadata": rollback_metadata(execution),
    }))
}

pub(crate) fn pipeline_execution_summary(row: &ExecutionRow) -> Value {
    let execution = &row.execution;
    let revisions = execution.source_revisions.iter();
    let revisions = revisions.map(|revision| revision_as("actionName", &revision.action_name, revision));
    let is_stopped = matches!(execution.status, ExecutionStatus::Stopping | ExecutionStatus::Stopped);
    let stop = is_stopped.then(|| without_nulls(json!({ "reason": execution.status_summary })));
    without_nulls(json!({
        "pipelineExecutionId": execution.execution_id,
        "status": execution.status,
        "statusSummary": execution.status_summary,
        "startTime": time(execution.started_at),
        "lastUpdateTime": time(execution.updated_at),
        "sourceRevisions": revisions.collect::<Vec<_>>(),
        "trigger": execution.trigger,
        "stopTrigger": stop,
        "executionMode": execution.mode,
        "executionType": execution_type(execution),
        "rollbackMetadata": rollback_metadata(execution),
    }))
}

/// `ExecutionType` of the API.
pub(super) fn execution_type(execution: &ExecutionRecord) -> &'static str {
    if execution.rollback_of.is_some() { "ROLLBACK" } else { "STANDARD" }
}

fn rollback_metadata(execution: &ExecutionRecord) -> Option<Value> {
    let target = execution.rollback_of.as_ref()?;
    Some(json!({ "rollbackTargetPipelineExecutionId": target }))
}

/// What the source action makes.
fn artifact_of<'a>(declaration: &'a PipelineDeclaration, action_name: &str) -> Option<&'a str> {
    let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    let action = actions.find(|action| action.is_source() && action.name == action_name)?;
    action.output_artifacts().first().map(|artifact| artifact.name.as_str())
}

fn revision_as(member: &str, name: &str, revision: &SourceRevision) -> Value {
    without_nulls(json!({
        member: name,
        "revisionId": revision.revision_id,
        "revisionSummary": revision.revision_summary,
        "revisionUrl": revision.revision_url,
    }))
}
