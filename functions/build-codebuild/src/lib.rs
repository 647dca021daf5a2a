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

use platform::action::{ActionJob, ActionResult};
use platform::outside::BuildRequest;
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let (project, variables) = match (job.required("ProjectName"), environment::variables(&job)) {
        (Ok(project), Ok(variables)) => (project.to_owned(), variables),
        (Err(refusal), _) | (_, Err(refusal)) => return Ok(refusal),
    };
    let build = BuildRequest {
        project,
        variables,
        buildspec: job.optional("BuildspecOverride").map(str::to_owned),
        primary_source: job.optional("PrimarySource").map(str::to_owned),
    };
    platform.start_build(&job, build).await
}
