//! Starting a build for an action.

use aws_sdk_codebuild::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_codebuild::types::SourceType;
use engine::decide::FailureType;

use super::build_overrides::{BuildInputs, OutputPlaces};
use crate::action::{ActionJob, ActionResult};
use crate::store::Provider;
use crate::{Fault, Platform};

/// What an action wants of CodeBuild, besides its artifacts.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    pub project: String,
    /// A buildspec or its path; `None` for the project's own.
    pub buildspec: Option<String>,
    pub variables: Vec<BuildVariable>,
    /// The input artifact that the build runs in; `None` for the first.
    pub primary_source: Option<String>,
}

/// An environment variable of a build. Its value is data, never a part of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildVariable {
    pub name: String,
    pub value: String,
    /// `PLAINTEXT`, `PARAMETER_STORE` or `SECRETS_MANAGER`.
    pub kind: String,
}

impl Platform {
    /// Starts the build of an action, whose event will end the action. The same action execution always
    /// asks for the same build: the idempotency token is its id.
    ///
    /// # Errors
    /// What the user can mend fails the action; everything else is a fault, and is tried again.
    pub async fn start_build(&self, job: &ActionJob, build: BuildRequest) -> Result<ActionResult, Fault> {
        let (work, _) = self.keep_outside_work_of(job, Provider::CodeBuild).await?;
        // CodeBuild forgets idempotency tokens after five minutes; what is written down stays.
        if let Some(id) = work.external_execution_id.clone() {
            return Ok(ActionResult::outside(work, &id, None));
        }
        let inputs = BuildInputs::of(job, &build);
        let outputs = OutputPlaces::of_build(&work.output_artifacts);
        let request = self
            .codebuild
            .start_build()
            .project_name(build.project)
            .idempotency_token(&job.action.action_execution_id)
            .source_type_override(SourceType::S3)
            .set_source_location_override(inputs.source_location)
            .set_secondary_sources_override(Some(inputs.secondary_sources))
            .set_artifacts_override(outputs.primary)
            .set_secondary_artifacts_override(Some(outputs.secondary))
            .set_environment_variables_override(Some(inputs.variables))
            .set_buildspec_override(build.buildspec);
        match request.send().await {
            Ok(output) => {
                let started =
                    output.build_value.ok_or_else(|| Fault::unavailable("CodeBuild names no build"))?;
                let id = started.id.ok_or_else(|| Fault::unavailable("CodeBuild names no build"))?;
                Ok(ActionResult::outside(work, &id, started.logs.and_then(|logs| logs.deep_link)))
            }
            Err(error) => self.refuse_start(job, "StartBuild", error).await,
        }
    }

    /// What the user can mend fails the action, and nobody asks about work that was never begun.
    pub(super) async fn refuse_start<E>(
        &self,
        job: &ActionJob,
        operation: &str,
        error: SdkError<E>,
    ) -> Result<ActionResult, Fault>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let Some(failure_type) = error.as_service_error().and_then(|error| refusal(error.code()?)) else {
            return Err(Fault::of_call("starting a build", error));
        };
        self.store.forget_outside_work(&job.action.action_execution_id).await?;
        let fault = Fault::of_call(&format!("Error calling {operation}"), error);
        Ok(ActionResult::failed(failure_type, fault.to_string()))
    }
}

fn refusal(code: &str) -> Option<FailureType> {
    match code {
        "ResourceNotFoundException" | "InvalidInputException" => Some(FailureType::ConfigurationError),
        "AccountLimitExceededException" => Some(FailureType::JobFailed),
        "AccessDeniedException" => Some(FailureType::PermissionError),
        _ => None,
    }
}
