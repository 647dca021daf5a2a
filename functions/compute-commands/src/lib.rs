//! Compute/AWS/Commands/1: runs the lines of `commands` on the stack's own CodeBuild project.
//!
//! Not in `configuration` but in the action itself: `commands` (required), `outputVariables`,
//! `environmentVariables`, and `files` of the output artifact. `EnvironmentType` and `ComputeType` choose
//! the project's compute on AWS.
//!
//! 1 to 10 artifacts in (the first is the working directory), at most one out. A variable `#{a.b}` never
//! becomes a part of a command: its value travels in an environment variable, and the command gets a
//! quoted reference to that. Ends with CodeBuild's event.
//!
//! Failures: ConfigurationError, JobFailed (a command failed).
//! Permissions: codebuild:StartBuild on the stack's project.

mod buildspec;
mod request;

use aws_sdk_codebuild::operation::start_build::StartBuildError;
use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use platform::store::{OutsideWork, Provider};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let program = match buildspec::program(&job) {
        Ok(program) => program,
        Err(message) => return Ok(ActionResult::failed(FailureType::ConfigurationError, message)),
    };
    let work = platform.store.keep_outside_work(planned_work(&platform, &job)).await?;
    match request::start_build(&platform, &job, &work, &program).send().await {
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
        Err(error) if error.as_service_error().is_some_and(StartBuildError::is_invalid_input_exception) => {
            platform.store.forget_outside_work(&job.action.action_execution_id).await?;
            let fault = Fault::of_call("Error calling StartBuild", error);
            Ok(ActionResult::failed(FailureType::ConfigurationError, fault.to_string()))
        }
        Err(error) => Err(Fault::of_call("starting a build", error)),
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
