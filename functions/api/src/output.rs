//! Rows as the API shows them. Times are seconds since the epoch, with milliseconds.

use engine::decide::ArtifactLocation;
use engine::execution::{SourceRevision, Timestamp};
use platform::Config;
use platform::store::{ActionRow, ExecutionRow, PipelineHead};
use serde_json::{Map, Value, json};

pub(crate) fn time(at: Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this millennium fit a double exactly")]
    let seconds = at.0 as f64 / 1000.0;
    json!(seconds)
}

pub(crate) fn metadata(config: &Config, head: &PipelineHead) -> Value {
    json!({
        "pipelineArn": format!("arn:aws:codepipeline:{}:{}:{}", config.region, config.account_id, head.name),
        "created": time(head.created_at),
        "updated": time(head.updated_at),
    })
}

pub(crate) fn pipeline_execution(row: &ExecutionRow) -> Value {
    let execution = &row.execution;
    let variables =
        row.variables.iter().map(|v| json!({ "name": v.name, "resolvedValue": v.resolved_value }));
    let revisions = execution.source_revisions.iter().map(artifact_revision);
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
        "executionType": "STANDARD",
    }))
}

pub(crate) fn pipeline_execution_summary(row: &ExecutionRow) -> Value {
    let execution = &row.execution;
    let stop = (execution.status == engine::execution::ExecutionStatus::Stopped)
        .then(|| json!({ "reason": execution.status_summary.clone().unwrap_or_default() }));
    without_nulls(json!({
        "pipelineExecutionId": execution.execution_id,
        "status": execution.status,
        "statusSummary": execution.status_summary,
        "startTime": time(execution.started_at),
        "lastUpdateTime": time(execution.updated_at),
        "sourceRevisions": execution.source_revisions.iter().map(source_revision).collect::<Vec<_>>(),
        "trigger": execution.trigger,
        "stopTrigger": stop,
        "executionMode": execution.mode,
        "executionType": "STANDARD",
    }))
}

fn artifact_revision(revision: &SourceRevision) -> Value {
    without_nulls(json!({
        "name": revision.action_name,
        "revisionId": revision.revision_id,
        "revisionSummary": revision.revision_summary,
        "revisionUrl": revision.revision_url,
    }))
}

fn source_revision(revision: &SourceRevision) -> Value {
    without_nulls(json!({
        "actionName": revision.action_name,
        "revisionId": revision.revision_id,
        "revisionSummary": revision.revision_summary,
        "revisionUrl": revision.revision_url,
    }))
}

/// `declared` is the action's declaration in the version that it ran under.
pub(crate) fn action_execution_detail(
    row: &ActionRow,
    execution: &ExecutionRow,
    stage_name: &str,
    declared: Option<&engine::declaration::ActionDeclaration>,
) -> Value {
    let action = &row.execution;
    let input = row.input.clone().unwrap_or_default();
    let output = row.output.clone().unwrap_or_default();
    let details = action.error.as_ref().map(|e| json!({ "code": e.code, "message": e.message }));
    without_nulls(json!({
        "pipelineExecutionId": execution.execution.execution_id,
        "actionExecutionId": action.id,
        "pipelineVersion": execution.execution.version,
        "stageName": stage_name,
        "actionName": action.name,
        "startTime": time(action.started_at),
        "lastUpdateTime": time(action.updated_at),
        "updatedBy": action.updated_by,
        "status": action.status,
        "input": without_nulls(json!({
            "actionTypeId": declared.map(|d| json!(d.action_type_id)),
            "configuration": declared.and_then(|d| d.configuration.clone()),
            "resolvedConfiguration": input.resolved_configuration,
            "region": declared.and_then(|d| d.region.clone()),
            "inputArtifacts": input.input_artifacts.iter().map(artifact).collect::<Vec<_>>(),
            "namespace": declared.and_then(|d| d.namespace.clone()),
        })),
        "output": without_nulls(json!({
            "outputArtifacts": output.artifacts.iter().map(artifact).collect::<Vec<_>>(),
            "executionResult": without_nulls(json!({
                "externalExecutionId": action.external_execution_id,
                "externalExecutionSummary": action.summary,
                "externalExecutionUrl": action.external_execution_url,
                "errorDetails": details,
            })),
            "outputVariables": output.variables,
        })),
    }))
}

/// `sha256` and `sizeBytes` are ours: CodePipeline does not tell.
fn artifact(artifact: &ArtifactLocation) -> Value {
    json!({
        "name": artifact.name,
        "s3location": { "bucket": artifact.bucket, "key": artifact.key },
        "sha256": artifact.sha256,
    })
}

/// The API leaves out what is not there.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}
