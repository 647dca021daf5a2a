//! Build/AWS/CodeBuild/1 and Test/AWS/CodeBuild/1: runs a CodeBuild project on the input artifacts.
//!
//! | configuration | |
//! | --- | --- |
//! | `ProjectName` | required |
//! | `PrimarySource` | the input artifact with the buildspec; required with more than one |
//! | `EnvironmentVariables` | a JSON array of `name`, `value`, `type` |
//! | `BuildspecOverride` | a buildspec, or its path |
//!
//! 1 to 5 artifacts in, 0 to 5 out. A single output artifact is the buildspec's `artifacts`; several are
//! its `secondary-artifacts` of the same names. Output variables: what the buildspec exports. Ends with
//! CodeBuild's event.
//!
//! Failures: ConfigurationError (no such project, bad configuration), JobFailed (the build failed).
//! Permissions: codebuild:StartBuild on the project; the artifact bucket is read and written by the
//! project's own role.

mod environment;
mod request;

use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use platform::store::{OutsideWork, Provider};
use platform::{Fault, Platform};

use aws_sdk_codebuild::error::SdkError;
use aws_sdk_codebuild::operation::start_build::StartBuildError;

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let environment = match environment::variables(&job) {
        Ok(environment) => environment,
        Err(refusal) => return Ok(refusal),
    };
    let project = match job.required("ProjectName") {
        Ok(project) => project.to_owned(),
        Err(refusal) => return Ok(refusal),
    };
    let work = platform.store.keep_outside_work(planned_work(&platform, &job)).await?;
    let request = request::start_build(&platform, &job, &work, environment).project_name(&project);
    match request.send().await {
        Ok(output) => {
            let build =
                output.build_value.unwrap_or_else(|| aws_sdk_codebuild::types::Build::builder().build());
            let id = build.id.unwrap_or_default();
            let external_execution_id = Some(id.clone());
            platform.store.update_outside_work(&OutsideWork { external_execution_id, ..work }).await?;
            Ok(ActionResult::InProgress {
                external_execution_id: id,
                external_execution_url: build.logs.and_then(|logs| logs.deep_link),
                summary: None,
            })
        }
        Err(error) => refused(&platform, &job, error).await,
    }
}

fn planned_work(platform: &Platform, job: &ActionJob) -> OutsideWork {
    let names = job.declaration.output_artifacts().iter().map(|artifact| &artifact.name);
    OutsideWork {
        action: job.action.clone(),
        provider: Provider::CodeBuild,
        external_execution_id: None,
        output_artifacts: names.map(|name| platform.artifacts.place(job.pipeline_name(), name)).collect(),
        started_at: platform.clock.now(),
    }
}

/// What the user can mend fails the action; everything else is tried again.
async fn refused(
    platform: &Platform,
    job: &ActionJob,
    error: SdkError<StartBuildError>,
) -> Result<ActionResult, Fault> {
    let failure_type = match error.as_service_error() {
        Some(StartBuildError::ResourceNotFoundException(_) | StartBuildError::InvalidInputException(_)) => {
            FailureType::ConfigurationError
        }
        _ => return Err(Fault::of_call("starting a build", error)),
    };
    platform.store.forget_outside_work(&job.action.action_execution_id).await?;
    Ok(ActionResult::failed(failure_type, Fault::of_call("Error calling StartBuild", error).to_string()))
}
