//! StartBuildBatch: the project with its overrides becomes a batch, which then starts its builds.

use std::sync::Arc;

use local_process::Stop;
use local_service::ApiError;
use serde_json::{Map, Value, json};

use super::input::parse;
use super::start_build::{Started, apply, drop_what_has_no_effect};
use crate::batch::{self, BatchOrder};
use crate::error;
use crate::model::{BatchConfiguration, BatchPhaseType, BuildBatch, BuildStatus};
use crate::service_state::{ActiveBatch, ServiceState};
use crate::store::StoredBatch;

pub fn run(service: &Arc<ServiceState>, input: Value) -> Result<Value, ApiError> {
    let Value::Object(mut given) = input else {
        return Err(error::invalid("The request is not an object"));
    };
    drop_what_has_no_effect(&mut given);
    given.remove("reportBuildBatchStatusOverride");
    let token = given.get("idempotencyToken").and_then(Value::as_str).map(str::to_owned);
    if let Some(batch) = started_before(service, token.as_deref(), &given)? {
        return Ok(json!({ "buildBatch": batch }));
    }
    let started = with_overrides(service, &given)?;
    let configuration = given.get("buildBatchConfigOverride").cloned();
    let configuration = configuration.map(parse::<BatchConfiguration>).transpose()?;
    let configuration =
        BatchConfiguration::with_override(started.project.build_batch_config.clone(), configuration);
    let stored = StoredBatch {
        batch: new_batch(service, &started, configuration),
        request: token.is_some().then(|| Value::Object(given.clone())),
        idempotency_token: token,
    };
    let stop = Stop::new();
    {
        let mut records = service.records();
        if records.is_shut_down {
            return Err(ApiError::internal("local CodeBuild is shutting down"));
        }
        service.store.save_batch(&stored).map_err(|error| error::broken(&error))?;
        let active = ActiveBatch { stored: stored.clone(), stop: stop.clone() };
        records.batches.insert(stored.batch.id.clone(), active);
    }
    let answer = json!({ "buildBatch": stored.batch });
    let (artifacts, secondary_artifacts) = (started.project.artifacts, started.project.secondary_artifacts);
    batch::spawn(service.clone(), stored, BatchOrder { input: given, artifacts, secondary_artifacts }, stop);
    Ok(answer)
}

/// The project as a build of it would be started, which checks the overrides.
fn with_overrides(service: &ServiceState, given: &Map<String, Value>) -> Result<Started, ApiError> {
    let mut of_build = given.clone();
    of_build.remove("buildBatchConfigOverride");
    if let Some(timeout) = of_build.remove("buildTimeoutInMinutesOverride") {
        of_build.insert("timeoutInMinutesOverride".into(), timeout);
    }
    let name = given.get("projectName").and_then(Value::as_str).unwrap_or_default();
    let project = service.records().projects.get(name).map(|project| project.settings.clone());
    let project = project.ok_or_else(|| error::not_found(format!("Project cannot be found: {name}")))?;
    apply(project, parse(Value::Object(of_build))?)
}

fn started_before(
    service: &ServiceState,
    token: Option<&str>,
    given: &Map<String, Value>,
) -> Result<Option<BuildBatch>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    let records = service.records();
    let mut batches = records.batches.values();
    let before = batches.find(|active| active.stored.idempotency_token.as_deref() == Some(token));
    let Some(before) = before else { return Ok(None) };
    if before.stored.request.as_ref().and_then(Value::as_object) != Some(given) {
        return Err(error::invalid(
            "The idempotency token was used before with other parameters; use a new token",
        ));
    }
    Ok(Some(before.stored.batch.clone()))
}

fn new_batch(
    service: &ServiceState,
    started: &Started,
    configuration: Option<BatchConfiguration>,
) -> BuildBatch {
    let Started { project, source_version } = started;
    let (name, uuid, now) = (&project.name, service.new_uuid(), service.now());
    let account = &service.settings.account;
    let id = format!("{name}:{uuid}");
    let number =
        service.records().batches.values().filter(|other| other.stored.batch.project_name == *name).count();
    let mut batch = BuildBatch {
        arn: format!("arn:aws:codebuild:{}:{}:build-batch/{id}", account.region, account.id),
        id,
        build_batch_number: number as u64 + 1,
        start_time: now,
        end_time: None,
        current_phase: BatchPhaseType::Submitted,
        build_batch_status: BuildStatus::InProgress,
        source_version: source_version.clone(),
        project_name: name.clone(),
        phases: Vec::new(),
        source: project.source.clone(),
        secondary_sources: project.secondary_sources.clone(),
        artifacts: project.artifacts.planned(name, &uuid),
        secondary_artifacts: project.secondary_artifacts.iter().map(|a| a.planned(name, &uuid)).collect(),
        environment: project.environment.clone(),
        service_role: project.service_role.clone(),
        build_timeout_in_minutes: project.timeout_in_minutes,
        queued_timeout_in_minutes: project.queued_timeout_in_minutes,
        complete: false,
        initiator: service.settings.initiator.clone(),
        build_batch_config: configuration,
        build_groups: Vec::new(),
    };
    batch.enter(BatchPhaseType::Submitted, now);
    batch
}
