//! The project as one start wants it: its settings with the overrides, checked. Pure.

use local_service::ApiError;
use serde::Deserialize;

use crate::error;
use crate::model::{
    ArtifactsType, EnvironmentVariable, ProjectArtifacts, ProjectCache, ProjectSettings, ProjectSource,
    SourceType, check_queued_timeout, check_timeout, check_variables,
};
use crate::run;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    pub project_name: String,
    pub idempotency_token: Option<String>,
    source_version: Option<String>,
    source_type_override: Option<SourceType>,
    source_location_override: Option<String>,
    buildspec_override: Option<String>,
    secondary_sources_override: Option<Vec<ProjectSource>>,
    artifacts_override: Option<ProjectArtifacts>,
    secondary_artifacts_override: Option<Vec<ProjectArtifacts>>,
    environment_variables_override: Option<Vec<EnvironmentVariable>>,
    environment_type_override: Option<String>,
    image_override: Option<String>,
    compute_type_override: Option<String>,
    privileged_mode_override: Option<bool>,
    timeout_in_minutes_override: Option<u32>,
    queued_timeout_in_minutes_override: Option<u32>,
    service_role_override: Option<String>,
    encryption_key_override: Option<String>,
    cache_override: Option<ProjectCache>,
}

pub struct Started {
    /// With the overrides.
    pub project: ProjectSettings,
    pub source_version: Option<String>,
}

pub fn apply(mut project: ProjectSettings, input: Input) -> Result<Started, ApiError> {
    apply_to_source(&mut project, &input)?;
    let source_version = input.source_version.or(project.source_version.take());
    check_source_version(&project.source, source_version.as_deref())?;
    if let Some(artifacts) = input.artifacts_override {
        project.artifacts = artifacts;
    }
    project.secondary_artifacts = input.secondary_artifacts_override.unwrap_or(project.secondary_artifacts);
    project.artifacts.check()?;
    project.secondary_artifacts.iter().try_for_each(ProjectArtifacts::check_secondary)?;
    let artifacts = std::iter::once(&project.artifacts).chain(&project.secondary_artifacts);
    if artifacts.into_iter().any(|artifacts| artifacts.artifacts_type == ArtifactsType::Codepipeline) {
        return Err(error::invalid(format!(
            "Project {} has artifacts of type CODEPIPELINE, which have no location: give artifactsOverride \
             with type S3 or NO_ARTIFACTS",
            project.name
        )));
    }
    let environment = &mut project.environment;
    environment.environment_type =
        input.environment_type_override.unwrap_or_else(|| environment.environment_type.clone());
    environment.image = input.image_override.unwrap_or_else(|| environment.image.clone());
    environment.compute_type =
        input.compute_type_override.unwrap_or_else(|| environment.compute_type.clone());
    environment.privileged_mode = input.privileged_mode_override.unwrap_or(environment.privileged_mode);
    let variables = input.environment_variables_override.unwrap_or_default();
    check_variables(&variables)?;
    environment.environment_variables =
        merge(std::mem::take(&mut environment.environment_variables), variables);
    environment.check()?;
    project.timeout_in_minutes = input.timeout_in_minutes_override.unwrap_or(project.timeout_in_minutes);
    check_timeout(project.timeout_in_minutes)?;
    project.queued_timeout_in_minutes =
        input.queued_timeout_in_minutes_override.unwrap_or(project.queued_timeout_in_minutes);
    check_queued_timeout(project.queued_timeout_in_minutes)?;
    project.service_role = input.service_role_override.or(project.service_role);
    project.encryption_key = input.encryption_key_override.or(project.encryption_key);
    project.cache = input.cache_override.or(project.cache);
    Ok(Started { project, source_version })
}

fn apply_to_source(project: &mut ProjectSettings, input: &Input) -> Result<(), ApiError> {
    if let Some(source_type) = input.source_type_override {
        project.source.source_type = source_type;
    }
    if let Some(location) = &input.source_location_override {
        project.source.location = Some(location.clone());
    }
    if let Some(buildspec) = &input.buildspec_override {
        project.source.buildspec = Some(buildspec.clone()).filter(|text| !text.is_empty());
    }
    if let Some(sources) = &input.secondary_sources_override {
        project.secondary_sources.clone_from(sources);
    }
    project.source.check()?;
    project.secondary_sources.iter().try_for_each(ProjectSource::check_secondary)?;
    let sources = std::iter::once(&project.source).chain(&project.secondary_sources);
    if sources.into_iter().any(|source| source.source_type == SourceType::Codepipeline) {
        return Err(error::invalid(format!(
            "Project {} has a source of type CODEPIPELINE, which has no location: give sourceTypeOverride S3 \
             and sourceLocationOverride bucket/key, or NO_SOURCE and a buildspecOverride",
            project.name
        )));
    }
    let has_text = project.source.buildspec.as_deref().is_some_and(run::is_buildspec_text);
    if project.source.source_type == SourceType::NoSource && !has_text {
        return Err(error::invalid("A build without a source needs the text of a buildspec"));
    }
    Ok(())
}

/// An object's version cannot be asked for here, and another one than asked for must not be built.
fn check_source_version(source: &ProjectSource, version: Option<&str>) -> Result<(), ApiError> {
    let Some(version) = version.filter(|version| !version.is_empty()) else { return Ok(()) };
    let location = source.location.as_deref().unwrap_or_default();
    let is_the_object =
        version.strip_prefix("arn:aws:s3:::").is_some_and(|object| location.ends_with(object));
    if source.source_type == SourceType::S3 && !is_the_object {
        return Err(error::invalid(format!(
            "sourceVersion {version}: versions of S3 objects are not supported here; the current one is built \
             when sourceVersion is left out"
        )));
    }
    Ok(())
}

fn merge(
    mut variables: Vec<EnvironmentVariable>,
    overrides: Vec<EnvironmentVariable>,
) -> Vec<EnvironmentVariable> {
    for variable in overrides {
        match variables.iter_mut().find(|other| other.name == variable.name) {
            Some(other) => *other = variable,
            None => variables.push(variable),
        }
    }
    variables
}
