//! StartBuild: the project with its overrides becomes a build, which then runs by itself.

use std::sync::Arc;

use local_process::{Log, Stop};
use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::parse;
use crate::error;
use crate::model::{
    ArtifactsType, Build, BuildStatus, EnvironmentVariable, LogsLocation, ProjectArtifacts, ProjectSettings,
    ProjectSource, SourceType, check_queued_timeout, check_timeout, check_variables,
};
use crate::plan::PhaseType;
use crate::run::{self, Order};
use crate::shared::{ActiveBuild, Shared, StartedBefore, State};
use crate::store::StoredBuild;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    project_name: String,
    idempotency_token: Option<String>,
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
}

/// Members that choose what a host does not have a choice of, or how a Git repository is cloned: a
/// build here is the same with and without them.
const WITHOUT_EFFECT: [&str; 10] = [
    "buildStatusConfigOverride",
    "cacheOverride",
    "gitCloneDepthOverride",
    "gitSubmodulesConfigOverride",
    "imagePullCredentialsTypeOverride",
    "insecureSslOverride",
    "logsConfigOverride",
    "registryCredentialOverride",
    "reportBuildStatusOverride",
    "sourceAuthOverride",
];

pub fn run(shared: &Arc<Shared>, mut input: Value) -> Result<Value, ApiError> {
    if let Some(members) = input.as_object_mut() {
        members.retain(|name, value| !value.is_null() && !WITHOUT_EFFECT.contains(&name.as_str()));
    }
    let request = input.clone();
    let input: Input = parse(input)?;
    let mut state = shared.state();
    if let Some(build_id) = started_before(&state, &input, &request)? {
        drop(state);
        let (project, uuid) = build_id.split_once(':').unwrap_or_default();
        return Ok(json!({ "build": shared.find_build(project, uuid)? }));
    }
    if state.is_shut_down {
        return Err(ApiError::internal("local CodeBuild is shutting down"));
    }
    let Some(project) = state.projects.get(&input.project_name) else {
        return Err(error::not_found(format!("Project cannot be found: {}", input.project_name)));
    };
    let project = project.settings.clone();
    let active = state.active.values().filter(|active| active.build.project_name == project.name).count();
    if project.concurrent_build_limit.is_some_and(|limit| active >= limit as usize) {
        let limit = project.concurrent_build_limit.unwrap_or_default();
        let message = format!("Cannot have more than {limit} builds of project {} at once", project.name);
        return Err(error::limit_exceeded(message));
    }
    let token = input.idempotency_token.clone();
    let started = apply(project, input)?;
    let number =
        state.builds.get(&started.project.name).and_then(|builds| builds.last()).map_or(0, |last| last.0) + 1;
    let build = new_build(shared, &started, number);
    let uuid = build.uuid().to_owned();
    let log_path = shared.store.log_path(&build.project_name, &uuid);
    let log = Log::open(log_path, shared.settings.log_limit_bytes).map_err(|error| error::broken(&error))?;
    let stored = StoredBuild {
        build: build.clone(),
        request: token.as_ref().map(|_| request.clone()),
        idempotency_token: token.clone(),
    };
    shared.store.save_build(&stored).map_err(|error| error::broken(&error))?;
    if let Some(token) = token {
        state.tokens.insert(token, StartedBefore { build_id: build.id.clone(), request });
    }
    state.builds.entry(build.project_name.clone()).or_default().push((number, uuid));
    let stop = Stop::new();
    let active = ActiveBuild { build: build.clone(), stop: stop.clone(), log: log.clone() };
    state.active.insert(build.id.clone(), active);
    drop(state);
    let order = Order {
        artifacts: started.project.artifacts,
        secondary_artifacts: started.project.secondary_artifacts,
    };
    run::spawn(shared.clone(), stored, order, log, stop);
    Ok(json!({ "build": build }))
}

/// The build that the same start made before. CodeBuild forgets tokens after some minutes; here they
/// are kept with the build, so a start that is repeated after a crash is still the same.
fn started_before(state: &State, input: &Input, request: &Value) -> Result<Option<String>, ApiError> {
    let before = input.idempotency_token.as_ref().and_then(|token| state.tokens.get(token));
    if before.is_some_and(|before| before.request != *request) {
        return Err(error::invalid(
            "The idempotency token was used before with other parameters; use a new token",
        ));
    }
    Ok(before.map(|before| before.build_id.clone()))
}

struct Started {
    /// With the overrides.
    project: ProjectSettings,
    source_version: Option<String>,
}

fn apply(mut project: ProjectSettings, input: Input) -> Result<Started, ApiError> {
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

fn new_build(shared: &Shared, started: &Started, number: u64) -> Build {
    let Started { project, source_version } = started;
    let (name, uuid, now) = (&project.name, shared.new_uuid(), shared.now());
    let account = &shared.settings.account;
    let id = format!("{name}:{uuid}");
    let mut build = Build {
        arn: format!("arn:aws:codebuild:{}:{}:build/{id}", account.region, account.id),
        id,
        build_number: number,
        start_time: now,
        end_time: None,
        current_phase: PhaseType::Submitted,
        build_status: BuildStatus::InProgress,
        source_version: source_version.clone(),
        project_name: name.clone(),
        phases: Vec::new(),
        source: project.source.clone(),
        secondary_sources: project.secondary_sources.clone(),
        artifacts: project.artifacts.planned(name, &uuid),
        secondary_artifacts: project.secondary_artifacts.iter().map(|a| a.planned(name, &uuid)).collect(),
        environment: project.environment.clone(),
        service_role: project.service_role.clone(),
        logs: LogsLocation {
            group_name: format!("/aws/codebuild/{name}"),
            deep_link: shared.store.log_path(name, &uuid).to_string_lossy().into_owned(),
            stream_name: uuid,
        },
        timeout_in_minutes: project.timeout_in_minutes,
        queued_timeout_in_minutes: project.queued_timeout_in_minutes,
        build_complete: false,
        initiator: shared.settings.initiator.clone(),
        encryption_key: project.encryption_key.clone(),
        exported_environment_variables: Vec::new(),
    };
    build.enter(PhaseType::Submitted, now);
    build
}
