//! `ActionExecutionDetail`.

use engine::decide::ArtifactLocation;
use engine::declaration::StageDeclaration;
use platform::store::{ActionRow, ExecutionRow};
use serde_json::{Value, json};

use super::links::Links;
use super::{time, without_nulls};

/// `stage` is the stage's declaration in the version that the action ran under.
pub(crate) fn action_execution_detail(
    links: &Links<'_>,
    row: &ActionRow,
    execution: &ExecutionRow,
    stage: Option<&StageDeclaration>,
) -> Value {
    let (action, config) = (&row.execution, links.config);
    let declared = stage.and_then(|stage| stage.actions.iter().find(|declared| declared.name == action.name));
    let input = row.input.clone().unwrap_or_default();
    let output = row.output.clone().unwrap_or_default();
    let log_stream = declared.and_then(|declared| links.log_stream_arn(declared, row));
    without_nulls(json!({
        "pipelineExecutionId": execution.execution.execution_id,
        "actionExecutionId": action.id,
        "pipelineVersion": execution.execution.version,
        "stageName": stage.map(|stage| stage.name.as_str()).unwrap_or_default(),
        "actionName": action.name,
        "startTime": time(action.started_at),
        "lastUpdateTime": time(action.updated_at),
        "updatedBy": action.updated_by,
        "status": action.status,
        "input": without_nulls(json!({
            "actionTypeId": declared.map(|d| json!(d.action_type_id)),
            "configuration": declared.and_then(|d| d.configuration.clone()),
            "resolvedConfiguration": input.resolved_configuration,
            "roleArn": declared.and_then(|d| d.role_arn.clone()),
            "region": declared.map(|d| d.region.as_ref().unwrap_or(&config.region)),
            "inputArtifacts": input.input_artifacts.iter().map(artifact).collect::<Vec<_>>(),
            "namespace": declared.and_then(|d| d.namespace.clone()),
        })),
        "output": without_nulls(json!({
            "outputArtifacts": output.artifacts.iter().map(artifact).collect::<Vec<_>>(),
            "executionResult": without_nulls(json!({
                "externalExecutionId": action.external_execution_id,
                "externalExecutionSummary": action.summary,
                "externalExecutionUrl": links.execution_url(declared, row),
                "errorDetails": action.error.as_ref().map(|e| json!({ "code": e.code, "message": e.message })),
                "logStreamARN": log_stream,
            })),
            "outputVariables": output.variables,
        })),
    }))
}

/// `sha256` is ours: CodePipeline does not tell.
pub(super) fn artifact(artifact: &ArtifactLocation) -> Value {
    json!({
        "name": artifact.name,
        "s3location": { "bucket": artifact.bucket, "key": artifact.key },
        "sha256": artifact.sha256,
    })
}
