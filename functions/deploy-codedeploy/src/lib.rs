//! Deploy/AWS/CodeDeploy/1: deploys the input artifact with CodeDeploy.
//!
//! | configuration | |
//! | --- | --- |
//! | `ApplicationName` | required |
//! | `DeploymentGroupName` | required |
//!
//! One artifact in, a zip with an `appspec.yml`; none out. Ends with CodeDeploy's event.
//!
//! Failures: ConfigurationError (no such application or group), JobFailed (the deployment failed).
//! Permissions: codedeploy:CreateDeployment, ListDeployments, BatchGetDeployments, GetDeploymentConfig,
//! RegisterApplicationRevision, GetApplicationRevision.

mod created_before;

use aws_sdk_codedeploy::config::Config;
use aws_sdk_codedeploy::config::retry::RetryConfig;
use aws_sdk_codedeploy::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_codedeploy::operation::create_deployment::CreateDeploymentError;
use aws_sdk_codedeploy::types::{BundleType, RevisionLocation, RevisionLocationType, S3Location};
use engine::decide::{ArtifactLocation, FailureType};
use platform::action::{ActionJob, ActionResult};
use platform::store::Provider;
use platform::{Fault, Platform};

/// What an action starts.
pub fn work(_: &ActionJob) -> Provider {
    Provider::CodeDeploy
}

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let (application, group) = match (job.required("ApplicationName"), job.required("DeploymentGroupName")) {
        (Ok(application), Ok(group)) => (application, group),
        (Err(refusal), _) | (_, Err(refusal)) => return Ok(refusal),
    };
    let Some(artifact) = job.input_artifacts.first() else {
        return Ok(ActionResult::failed(
            FailureType::ConfigurationError,
            "CodeDeploy needs an input artifact.",
        ));
    };
    let (work, is_new) = platform.keep_outside_work_of(&job, Provider::CodeDeploy).await?;
    if let Some(id) = work.external_execution_id.clone() {
        return Ok(ActionResult::outside(work, &id, None));
    }
    if !is_new && let Some(id) = created_before::find(&platform, &work, application, group).await? {
        return Ok(ActionResult::outside(work, &id, None));
    }
    let request = platform
        .codedeploy
        .create_deployment()
        .application_name(application)
        .deployment_group_name(group)
        .description(&job.action.action_execution_id)
        .revision(revision(artifact));
    // The SDK would create a second one when only the answer was lost.
    let once = Config::builder().retry_config(RetryConfig::disabled());
    match request.customize().config_override(once).send().await {
        Ok(output) => {
            let id =
                output.deployment_id.ok_or_else(|| Fault::unavailable("CodeDeploy names no deployment"))?;
            Ok(ActionResult::outside(work, &id, None))
        }
        Err(error) => refused(&platform, &job, error).await,
    }
}

fn revision(artifact: &ArtifactLocation) -> RevisionLocation {
    let location =
        S3Location::builder().bucket(&artifact.bucket).key(&artifact.key).bundle_type(BundleType::Zip);
    RevisionLocation::builder().revision_type(RevisionLocationType::S3).s3_location(location.build()).build()
}

/// CodeDeploy's own errors about the request are the user's to mend, but for those about too many
/// deployments at once.
async fn refused(
    platform: &Platform,
    job: &ActionJob,
    error: SdkError<CreateDeploymentError>,
) -> Result<ActionResult, Fault> {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    let failure_type = match code {
        "ThrottlingException" => return Err(Fault::of_call("creating a deployment", error)),
        "DeploymentLimitExceededException" => FailureType::JobFailed,
        "AccessDeniedException" => FailureType::PermissionError,
        code if code.ends_with("Exception") => FailureType::ConfigurationError,
        _ => return Err(Fault::of_call("creating a deployment", error)),
    };
    platform.store.forget_outside_work(&job.action.action_execution_id).await?;
    Ok(ActionResult::failed(
        failure_type,
        Fault::of_call("Error calling CreateDeployment", error).to_string(),
    ))
}
