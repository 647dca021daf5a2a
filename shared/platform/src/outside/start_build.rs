//! Starting a build for an action: its artifacts' places in S3 are given where a project's source and
//! artifacts of type CODEPIPELINE would be, so that projects made for CodePipeline work.

use aws_sdk_codebuild::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_codebuild::operation::start_build::StartBuildError;
use aws_sdk_codebuild::operation::start_build::builders::StartBuildFluentBuilder;
use aws_sdk_codebuild::types::builders::ProjectArtifactsBuilder;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, EnvironmentVariable, EnvironmentVariableType,
    ProjectArtifacts, ProjectSource, SourceType,
};
use engine::decide::{ArtifactLocation, FailureType};

use super::ACTION_EXECUTION_VARIABLE;
use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
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
        match request(self, job, &work, build).send().await {
            Ok(output) => {
                let started =
                    output.build_value.ok_or_else(|| Fault::unavailable("CodeBuild names no build"))?;
                let id = started.id.ok_or_else(|| Fault::unavailable("CodeBuild names no build"))?;
                Ok(ActionResult::outside(work, &id, started.logs.and_then(|logs| logs.deep_link)))
            }
            Err(error) => {
                let Some(failure_type) = refusal(&error) else {
                    return Err(Fault::of_call("starting a build", error));
                };
                self.store.forget_outside_work(&job.action.action_execution_id).await?;
                let fault = Fault::of_call("Error calling StartBuild", error);
                Ok(ActionResult::failed(failure_type, fault.to_string()))
            }
        }
    }
}

/// What the user can mend.
fn refusal(error: &SdkError<StartBuildError>) -> Option<FailureType> {
    match error.as_service_error()? {
        StartBuildError::ResourceNotFoundException(_) | StartBuildError::InvalidInputException(_) => {
            Some(FailureType::ConfigurationError)
        }
        StartBuildError::AccountLimitExceededException(_) => Some(FailureType::JobFailed),
        error if error.code() == Some("AccessDeniedException") => Some(FailureType::PermissionError),
        _ => None,
    }
}

fn request(
    platform: &Platform,
    job: &ActionJob,
    work: &OutsideWork,
    build: BuildRequest,
) -> StartBuildFluentBuilder {
    let id = &job.action.action_execution_id;
    let ours =
        BuildVariable { name: ACTION_EXECUTION_VARIABLE.into(), value: id.clone(), kind: "PLAINTEXT".into() };
    // Nobody but we may say whose build it is.
    let given = build.variables.into_iter().filter(|given| given.name != ours.name);
    let variables = given.chain([ours.clone()]).filter_map(variable);
    let mut inputs = job.input_artifacts.iter();
    let primary =
        inputs.find(|artifact| build.primary_source.as_ref().is_none_or(|name| artifact.name == *name));
    let others =
        job.input_artifacts.iter().filter(|artifact| Some(&artifact.name) != primary.map(|p| &p.name));
    let (primary_artifacts, secondary_artifacts) = artifacts(&work.output_artifacts);
    platform
        .codebuild
        .start_build()
        .project_name(build.project)
        .idempotency_token(id)
        .source_type_override(SourceType::S3)
        .set_source_location_override(primary.map(location))
        .set_secondary_sources_override(Some(others.filter_map(secondary_source).collect()))
        .set_artifacts_override(primary_artifacts)
        .set_secondary_artifacts_override(Some(secondary_artifacts))
        .set_environment_variables_override(Some(variables.collect()))
        .set_buildspec_override(build.buildspec)
}

fn variable(variable: BuildVariable) -> Option<EnvironmentVariable> {
    let kind = EnvironmentVariableType::from(variable.kind.as_str());
    EnvironmentVariable::builder().name(variable.name).value(variable.value).r#type(kind).build().ok()
}

fn location(artifact: &ArtifactLocation) -> String {
    format!("{}/{}", artifact.bucket, artifact.key)
}

fn secondary_source(artifact: &ArtifactLocation) -> Option<ProjectSource> {
    let source = ProjectSource::builder().r#type(SourceType::S3).location(location(artifact));
    source.source_identifier(&artifact.name).build().ok()
}

/// A single output is the buildspec's `artifacts`; several are its `secondary-artifacts`, by their names.
fn artifacts(outputs: &[ArtifactLocation]) -> (Option<ProjectArtifacts>, Vec<ProjectArtifacts>) {
    match outputs {
        [only] => (zipped(only).build().ok(), Vec::new()),
        several => {
            let none = ProjectArtifacts::builder().r#type(ArtifactsType::NoArtifacts).build().ok();
            let named =
                several.iter().filter_map(|one| zipped(one).artifact_identifier(&one.name).build().ok());
            (none, named.collect())
        }
    }
}

fn zipped(artifact: &ArtifactLocation) -> ProjectArtifactsBuilder {
    let (path, name) = artifact.key.rsplit_once('/').unwrap_or(("", &artifact.key));
    ProjectArtifacts::builder()
        .r#type(ArtifactsType::S3)
        .location(&artifact.bucket)
        .path(path)
        .name(name)
        .namespace_type(ArtifactNamespace::None)
        .packaging(ArtifactPackaging::Zip)
        .override_artifact_name(false)
}
