//! StartBuild on the stack's project, with everything of the action in it.

use aws_sdk_codebuild::operation::start_build::builders::StartBuildFluentBuilder;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, EnvironmentVariable, EnvironmentVariableType,
    ProjectArtifacts, ProjectSource, SourceType,
};
use platform::Platform;
use platform::action::ActionJob;
use platform::outside::ACTION_EXECUTION_VARIABLE;
use platform::store::OutsideWork;

use crate::buildspec::Program;

pub(super) fn start_build(
    platform: &Platform,
    job: &ActionJob,
    work: &OutsideWork,
    program: &Program,
) -> StartBuildFluentBuilder {
    let id = &job.action.action_execution_id;
    let ours = EnvironmentVariable::builder().name(ACTION_EXECUTION_VARIABLE).value(id).build().ok();
    let variables = program.environment.iter().filter_map(|variable| {
        let kind = EnvironmentVariableType::from(variable.kind.as_str());
        EnvironmentVariable::builder().name(&variable.name).value(&variable.value).r#type(kind).build().ok()
    });
    let mut sources = job.input_artifacts.iter();
    let primary = sources.next().map(|artifact| format!("{}/{}", artifact.bucket, artifact.key));
    let others = sources.filter_map(|artifact| {
        let location = format!("{}/{}", artifact.bucket, artifact.key);
        let source = ProjectSource::builder().r#type(SourceType::S3).location(location);
        source.source_identifier(&artifact.name).build().ok()
    });
    platform
        .codebuild
        .start_build()
        .project_name(&platform.config.commands_project)
        .idempotency_token(id)
        .source_type_override(SourceType::S3)
        .set_source_location_override(primary)
        .set_secondary_sources_override(Some(others.collect()))
        .set_artifacts_override(artifacts(work))
        .set_environment_variables_override(Some(variables.chain(ours).collect()))
        .buildspec_override(&program.buildspec)
}

fn artifacts(work: &OutsideWork) -> Option<ProjectArtifacts> {
    let Some(artifact) = work.output_artifacts.first() else {
        return ProjectArtifacts::builder().r#type(ArtifactsType::NoArtifacts).build().ok();
    };
    let (path, name) = artifact.key.rsplit_once('/').unwrap_or(("", &artifact.key));
    ProjectArtifacts::builder()
        .r#type(ArtifactsType::S3)
        .location(&artifact.bucket)
        .path(path)
        .name(name)
        .namespace_type(ArtifactNamespace::None)
        .packaging(ArtifactPackaging::Zip)
        .build()
        .ok()
}
