//! A provider's work has ended, says EventBridge: find the action it belongs to and end it. And a stage's
//! state machine has ended in another way than by itself: end the stage.
//!
//! Events may come twice, late, out of order, or for work that is not ours; the provider itself is asked
//! how the work ended, so that an event is only a hint.
//!
//! Permissions: those of advance-execution; codebuild:BatchGetBuilds, codebuild:BatchGetBuildBatches,
//! codedeploy:GetDeployment.

use engine::decide::{Event, EventKind, WorkflowLost};
use engine::execution::StageInput;
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

/// The part of an EventBridge event that matters here. Unknown kinds are passed over.
#[derive(Debug, Deserialize)]
pub struct ProviderEvent {
    source: String,
    #[serde(default)]
    detail: Value,
}

pub async fn handle(platform: Platform, event: ProviderEvent) -> Result<Value, Fault> {
    let concluded = match event.source.as_str() {
        "aws.codebuild" => codebuild(&platform, &event.detail).await?,
        "aws.codedeploy" => codedeploy(&platform, &event.detail).await?,
        "aws.cloudformation" => cloudformation(&platform, &event.detail).await?,
        "aws.states" => stepfunctions(&platform, &event.detail).await?,
        other => {
            tracing::warn!(source = other, "no provider of ours sends such events");
            false
        }
    };
    Ok(json!({ "ours": concluded }))
}

/// "CodeBuild Build State Change": `detail.build-id` is the build's ARN.
async fn codebuild(platform: &Platform, detail: &Value) -> Result<bool, Fault> {
    let Some(arn) = detail["build-id"].as_str() else { return Ok(false) };
    if detail["build-status"] == "IN_PROGRESS" {
        return Ok(false);
    }
    let build_id = arn.rsplit_once('/').map_or(arn, |(_, id)| id);
    platform.conclude_build(build_id).await
}

/// "CodeDeploy Deployment State-change Notification".
async fn codedeploy(platform: &Platform, detail: &Value) -> Result<bool, Fault> {
    let Some(deployment_id) = detail["deploymentId"].as_str() else { return Ok(false) };
    if detail["state"] == "START" {
        return Ok(false);
    }
    platform.conclude_deployment(deployment_id).await
}

/// "CloudFormation Stack Status Change": the token is the one that the operation was asked for with.
async fn cloudformation(platform: &Platform, detail: &Value) -> Result<bool, Fault> {
    match detail["client-request-token"].as_str() {
        Some(token) => platform.conclude_stack(token).await,
        None => Ok(false),
    }
}

/// "Step Functions Execution Status Change": of a machine that an action has started, or of the one that runs stages,
/// whose input says which stage it ran.
async fn stepfunctions(platform: &Platform, detail: &Value) -> Result<bool, Fault> {
    if detail["stateMachineArn"] != platform.config.stage_execution_state_machine_arn.as_str() {
        let text = |name: &str| detail[name].as_str().unwrap_or_default();
        return platform.conclude_machine(text("executionArn"), text("name")).await;
    }
    let input = detail["input"].as_str().unwrap_or_default();
    let Ok(StageInput { stage, .. }) = serde_json::from_str(input) else { return Ok(false) };
    let status = detail["status"].as_str().unwrap_or_default();
    let workflow = stage.workflow_name();
    let lost = WorkflowLost {
        execution_id: stage.pipeline_execution_id,
        stage_index: stage.stage_index,
        attempt: stage.attempt,
        error: format!("{status} {}", detail["error"].as_str().unwrap_or_default()).trim_end().to_owned(),
    };
    match platform.tell(&Event { key: stage.key, kind: EventKind::WorkflowLost(lost) }).await {
        Ok(committed) if committed.is_written => {
            // An alarm of template.yaml counts these.
            tracing::error!(lost_work = 1, workflow, status, "a stage has lost its workflow");
            Ok(true)
        }
        Ok(_) | Err(StoreError::Rejected(_)) => Ok(true),
        Err(StoreError::Fault(fault)) => Err(fault),
    }
}
