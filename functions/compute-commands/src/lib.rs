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

use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use platform::outside::BuildRequest;
use platform::store::Provider;
use platform::{Fault, Platform};

/// What an action starts.
pub fn work(_: &ActionJob) -> Provider {
    Provider::CodeBuild
}

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let program = match buildspec::program(&job) {
        Ok(program) => program,
        Err(message) => return Ok(ActionResult::failed(FailureType::ConfigurationError, message)),
    };
    let build = BuildRequest {
        project: platform.config.commands_project.clone(),
        buildspec: Some(program.buildspec),
        variables: program.variables,
        primary_source: None,
    };
    platform.start_build(&job, build).await
}
