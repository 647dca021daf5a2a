//! StartBuild: the project with its overrides becomes a build, which then runs by itself.

use std::sync::Arc;

use local_process::{Log, Stop};
use local_service::ApiError;
use serde_json::{Value, json};

mod overrides;
mod record;

use super::input::parse;
use crate::error;
use crate::model::{Build, ProjectSettings};
use crate::run::{self, Order, StartedBuild};
use crate::service_state::{ActiveBuild, Records, ServiceState, StartedBefore};
use crate::store::StoredBuild;
use overrides::Input;
pub use overrides::{Started, apply};
use record::new_build;

/// Members that choose what a host does not have a choice of, or how a Git repository is cloned: a
/// build here is the same with and without them.
const WITHOUT_EFFECT: [&str; 10] = [
    "buildStatusConfigOverride",
    "certificateOverride",
    "gitCloneDepthOverride",
    "gitSubmodulesConfigOverride",
    "imagePullCredentialsTypeOverride",
    "insecureSslOverride",
    "logsConfigOverride",
    "registryCredentialOverride",
    "reportBuildStatusOverride",
    "sourceAuthOverride",
];

/// Members that the build's record shows, and that choose a machine or a role that is not here.
const RECORDED: [&str; 6] = [
    "computeTypeOverride",
    "encryptionKeyOverride",
    "environmentTypeOverride",
    "imageOverride",
    "privilegedModeOverride",
    "serviceRoleOverride",
];

pub fn run(service: &Arc<ServiceState>, input: Value) -> Result<Value, ApiError> {
    start(service, input, None)
}

/// `batch_arn`: of the batch that the build is a part of.
pub fn start(
    service: &Arc<ServiceState>,
    mut input: Value,
    batch_arn: Option<String>,
) -> Result<Value, ApiError> {
    let notices = input.as_object_mut().map(drop_what_has_no_effect).unwrap_or_default();
    let request = input.clone();
    let input: Input = parse(input)?;
    let mut records = service.records();
    if let Some(build_id) = started_before(&records, &input, &request)? {
        drop(records);
        let (project, uuid) = build_id.split_once(':').unwrap_or_default();
        return Ok(json!({ "build": service.find_build(project, uuid)? }));
    }
    let project = admitting_project(&records, &input.project_name)?;
    let token = input.idempotency_token.clone();
    let started = apply(project, input)?;
    let builds = records.builds.get(&started.project.name);
    let number = builds.and_then(|builds| builds.last()).map_or(1, |(last, _)| last + 1);
    let stored = StoredBuild {
        build: Build { build_batch_arn: batch_arn, ..new_build(service, &started, number) },
        request: token.is_some().then_some(request),
        idempotency_token: token,
    };
    let answer = json!({ "build": stored.build });
    let begun = register(service, &mut records, stored)?;
    drop(records);
    let ProjectSettings { artifacts, secondary_artifacts, .. } = started.project;
    run::spawn(service.clone(), begun, Order { artifacts, secondary_artifacts, notices });
    Ok(answer)
}

/// What the log says about members that change nothing; the build's record shows some of them.
pub fn drop_what_has_no_effect(members: &mut serde_json::Map<String, Value>) -> Vec<String> {
    members.retain(|name, value| !value.is_null() && (name != "debugSessionEnabled" || *value != false));
    let given = |name: &&&str| members.contains_key(**name);
    let ignored = WITHOUT_EFFECT.iter().filter(given);
    let ignored = ignored.map(|name| format!("{name} has no effect on this host"));
    let recorded = RECORDED.iter().filter(given);
    let recorded = recorded.map(|name| format!("{name} is recorded and has no effect on this host"));
    let notices = ignored.chain(recorded).collect();
    members.retain(|name, _| !WITHOUT_EFFECT.contains(&name.as_str()));
    notices
}

/// The project's settings, if one more build of it may begin.
fn admitting_project(records: &Records, name: &str) -> Result<ProjectSettings, ApiError> {
    if records.is_shut_down {
        return Err(ApiError::internal("local CodeBuild is shutting down"));
    }
    let Some(project) = records.projects.get(name) else {
        return Err(error::not_found(format!("Project cannot be found: {name}")));
    };
    let active = records.active.values().filter(|active| active.build.project_name == name).count();
    match project.settings.concurrent_build_limit {
        Some(limit) if active >= limit as usize => {
            let message = format!("Cannot have more than {limit} builds of project {name} at once");
            Err(error::limit_exceeded(message))
        }
        _ => Ok(project.settings.clone()),
    }
}

/// Stores the build and makes it known, in this order: what a caller hears of survives a crash.
fn register(
    service: &ServiceState,
    records: &mut Records,
    stored: StoredBuild,
) -> Result<StartedBuild, ApiError> {
    let build = &stored.build;
    let path = service.store.log_path(&build.project_name, build.uuid());
    let log = Log::open(path, service.settings.log_limit_bytes).map_err(|error| error::broken(&error))?;
    let record = service.store.begin_build(&stored).map_err(|error| error::broken(&error))?;
    if let (Some(token), Some(request)) = (&stored.idempotency_token, &stored.request) {
        let before = StartedBefore { build_id: build.id.clone(), request: request.clone() };
        records.tokens.insert(token.clone(), before);
    }
    let number = (build.build_number, build.uuid().to_owned());
    records.builds.entry(build.project_name.clone()).or_default().push(number);
    let stop = Stop::new();
    let active = ActiveBuild { build: build.clone(), stop: stop.clone(), log: log.clone() };
    records.active.insert(build.id.clone(), active);
    Ok(StartedBuild { stored, record, log, stop })
}

/// The build that the same start made before. CodeBuild forgets tokens after some minutes; here they
/// are kept with the build, so a start that is repeated after a crash is still the same.
fn started_before(records: &Records, input: &Input, request: &Value) -> Result<Option<String>, ApiError> {
    let before = input.idempotency_token.as_ref().and_then(|token| records.tokens.get(token));
    if before.is_some_and(|before| before.request != *request) {
        return Err(error::invalid(
            "The idempotency token was used before with other parameters; use a new token",
        ));
    }
    Ok(before.map(|before| before.build_id.clone()))
}
