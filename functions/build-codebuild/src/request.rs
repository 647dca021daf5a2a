//! StartBuild for an action: where the project's source and artifacts of type CODEPIPELINE would be, the
//! artifacts' places in S3 are given.

use aws_sdk_codebuild::operation::start_build::builders::StartBuildFluentBuilder;
use aws_sdk_codebuild::types::builders::ProjectArtifactsBuilder;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, EnvironmentVariable, ProjectArtifacts,
    ProjectSource, SourceType,
};
use engine::decide::ArtifactLocation;
use platform::Platform;
use platform::action::ActionJob;
use platform::outside::ACTION_EXECUTION_VARIABLE;
use platform::store::OutsideWork;

/// The same action execution always asks for the same build: the idempotency token is its id.
pub(super) fn start_build(
    platform: &Platform,
    job: &ActionJob,
    work: &OutsideWork,
    environment: Vec<EnvironmentVariable>,
) -> StartBuildFluentBuilder {
    let id = &job.action.action_execution_id;
    let ours = EnvironmentVariable::builder().name(ACTION_EXECUTION_VARIABLE).value(id).build().ok();
    let primary = primary_source(job);
    let others =
        job.input_artifacts.iter().filter(|artifact| Some(&artifact.name) != primary.map(|p| &p.name));
    let (primary_artifacts, secondary_artifacts) = artifacts(&work.output_artifacts);
    platform
        .codebuild
        .start_build()
        .idempotency_token(id)
        .source_type_override(SourceType::S3)
        .set_source_location_override(primary.map(location))
        .set_secondary_sources_override(Some(others.filter_map(secondary_source).collect()))
        .set_artifacts_override(primary_artifacts)
        .set_secondary_artifacts_override(Some(secondary_artifacts))
        .set_environment_variables_override(Some(environment.into_iter().chain(ours).collect()))
        .set_buildspec_override(job.optional("BuildspecOverride").map(str::to_owned))
}

fn primary_source(job: &ActionJob) -> Option<&ArtifactLocation> {
    let named = job.optional("PrimarySource");
    let mut inputs = job.input_artifacts.iter();
    inputs.find(|artifact| named.is_none_or(|name| artifact.name == name))
}

fn location(artifact: &ArtifactLocation) -> String {
    format!("{}/{}", artifact.bucket, artifact.key)
}

fn secondary_source(artifact: &ArtifactLocation) -> Option<ProjectSource> {
    let source = ProjectSource::builder().r#type(SourceType::S3).location(location(artifact));
    source.source_identifier(&artifact.name).build().ok()
}

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
