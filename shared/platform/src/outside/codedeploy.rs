//! A deployment as the outcome of an action.

use aws_sdk_codedeploy::types::{DeploymentInfo, DeploymentStatus};
use engine::decide::{ActionOutcome, ActionOutput, FailureType};

use crate::{Fault, Platform};

/// We put the action execution's id into the description: CodeDeploy's events carry nothing of ours.
pub(super) fn action_of(deployment: &DeploymentInfo) -> Option<&str> {
    deployment.description.as_deref()
}

/// `None` while the deployment goes on.
pub(super) fn outcome(deployment: Option<&DeploymentInfo>, deployment_id: &str) -> Option<ActionOutcome> {
    let Some(deployment) = deployment else {
        return Some(failed(format!("The deployment {deployment_id} does not exist any more.")));
    };
    match &deployment.status {
        Some(DeploymentStatus::Succeeded) => Some(ActionOutcome::Succeeded(ActionOutput {
            external_execution_id: Some(deployment_id.to_owned()),
            summary: Some(format!("Deployment {deployment_id} succeeded")),
            ..ActionOutput::default()
        })),
        Some(status @ (DeploymentStatus::Failed | DeploymentStatus::Stopped)) => {
            Some(failed(why(deployment, deployment_id, status)))
        }
        _ => None,
    }
}

pub(super) async fn describe(
    platform: &Platform,
    deployment_id: &str,
) -> Result<Option<DeploymentInfo>, Fault> {
    match platform.codedeploy.get_deployment().deployment_id(deployment_id).send().await {
        Ok(output) => Ok(output.deployment_info),
        Err(error)
            if error.as_service_error().is_some_and(|e| e.is_deployment_does_not_exist_exception()) =>
        {
            Ok(None)
        }
        Err(error) => Err(Fault::of_call(&format!("asking for the deployment {deployment_id}"), error)),
    }
}

fn why(deployment: &DeploymentInfo, id: &str, status: &DeploymentStatus) -> String {
    let error = deployment.error_information.as_ref();
    let code =
        error.and_then(|error| error.code.as_ref()).map(|code| code.as_str()).unwrap_or("no error code");
    let message = error.and_then(|error| error.message.as_deref()).unwrap_or_default();
    format!("Deployment {id} ended as {}: {code}: {message}", status.as_str())
}

fn failed(message: String) -> ActionOutcome {
    ActionOutcome::Failed { failure_type: FailureType::JobFailed, message }
}
