//! Build/AWS/CodeBuild/1 and Test/AWS/CodeBuild/1: runs a CodeBuild project on the input artifacts.
//!
//! | configuration | |
//! | --- | --- |
//! | `ProjectName` | required |
//! | `PrimarySource` | the input artifact with the buildspec; required with more than one |
//! | `EnvironmentVariables` | a JSON array of `name`, `value`, `type` |
//! | `BuildspecOverride` | a buildspec, or its path |
//! | `BatchEnabled` | `true`: all builds of the buildspec's `batch` instead of one |
//! | `CombineArtifacts` | `true`: a batch's artifacts become one; without a batch it says nothing |
//!
//! 1 to 5 artifacts in, 0 to 5 out. A single output artifact is the buildspec's `artifacts`; several are
//! its `secondary-artifacts` of the same names. Output variables: what the buildspec exports. Ends with
//! CodeBuild's event.
//!
//! Of a batch, each output artifact is that of a build: `<build>`, or `<build>_<secondary artifact>`. With
//! `CombineArtifacts` there is one output, of the artifacts of all builds (CodeBuild user guide, "Samples of
//! CodePipeline/CodeBuild integrations and batch builds"). Output variables: `<build>_<NAME>`, and `NAME` where
//! all builds that export it agree. Ends with the event of its last build: batches have none themselves.
//!
//! Failures: ConfigurationError (no such project, bad configuration), JobFailed (the build failed).
//! Permissions: codebuild:StartBuild on the project; for batches StartBuildBatch, BatchGetBuildBatches and
//! BatchGetBuilds. The artifact bucket is read and written by the project's own role.

mod environment;

use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use platform::outside::BuildRequest;
use platform::store::Provider;
use platform::{Fault, Platform};

/// What an action starts: a build, or with `BatchEnabled` a batch.
pub fn work(job: &ActionJob) -> Provider {
    if job.is_set("BatchEnabled") { Provider::CodeBuildBatch } else { Provider::CodeBuild }
}

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
    if work(&job) == Provider::CodeBuild {
        return platform.start_build(&job, build).await;
    }
    let combine_artifacts = job.is_set("CombineArtifacts");
    if combine_artifacts && job.declaration.output_artifacts().len() > 1 {
        return Ok(several_outputs(&job));
    }
    platform.start_build_batch(&job, build, combine_artifacts).await
}

fn several_outputs(job: &ActionJob) -> ActionResult {
    let message = format!(
        "Action '{}' has {} output artifacts; with CombineArtifacts there is only one, of all builds of the batch. \
         Declare one, or remove CombineArtifacts.",
        job.declaration.name,
        job.declaration.output_artifacts().len()
    );
    ActionResult::failed(FailureType::ConfigurationError, message)
}
