//! Deployments: making, reading and stopping them.

use std::sync::Arc;

use local_process::{Stop, StopReason};
use local_service::ApiError;
use serde_json::{Value, json};

use super::groups;
use super::input::{application_name, fields, group_name, refuse_unknown, seconds, text};
use super::state::{Inner, State};
use crate::appspec::{FileExistsBehavior, parse_behavior};
use crate::deploy::deploy;
use crate::lifecycle::{Progress, TargetStatus};
use crate::record::{Deployment, DeploymentStatus, TargetRecord};
use crate::revision::S3Location;

const MAX_BATCH: usize = 25;

pub(super) fn create_deployment(inner: &Arc<Inner>, input: &Value) -> Result<Value, ApiError> {
    let known = [
        "applicationName",
        "deploymentGroupName",
        "revision",
        "deploymentConfigName",
        "description",
        "ignoreApplicationStopFailures",
        "fileExistsBehavior",
    ];
    refuse_unknown("CreateDeployment", &fields(input), &known)?;
    let application = application_name(input)?;
    let group_name = group_name(input, "deploymentGroupName")?;
    let revision = revision(input)?;
    groups::check_config(text(input, "deploymentConfigName"))?;
    let mut state = inner.state();
    let group = groups::find(&state, application, group_name)?;
    if let Some(active) = active(&state, &group.id) {
        // AWS's words.
        let message =
            format!("The Deployment Group '{group_name}' already has an active Deployment '{active}'");
        return Err(ApiError::client("DeploymentLimitExceededException", message));
    }
    let now = inner.now();
    let targets = group.targets.iter().map(|target| TargetRecord {
        target: target.clone(),
        updated: now,
        events: Progress::new(),
    });
    let deployment = Deployment {
        id: new_deployment_id(inner, &state, &group.id),
        application: application.into(),
        group: group_name.into(),
        group_id: group.id.clone(),
        config: text(input, "deploymentConfigName").unwrap_or(groups::config(group)).into(),
        revision,
        previous_revision: group.last_successful.as_ref().map(|last| last.revision.clone()),
        description: text(input, "description").map(Into::into),
        file_exists_behavior: file_exists_behavior(input)?,
        ignore_application_stop_failures: input["ignoreApplicationStopFailures"] == json!(true),
        status: DeploymentStatus::Created,
        error: None,
        created: now,
        started: None,
        completed: None,
        targets: targets.collect(),
    };
    inner.write_deployment(&deployment)?;
    let (id, stop) = (deployment.id.clone(), Stop::new());
    state.running.insert(id.clone(), stop.clone());
    state.deployments.insert(id.clone(), deployment);
    tokio::spawn(deploy(inner.clone(), id.clone(), stop));
    Ok(json!({ "deploymentId": id }))
}

fn active<'s>(state: &'s State, group_id: &str) -> Option<&'s str> {
    let mut running = state.running.keys().filter_map(|id| state.deployments.get(id));
    running.find(|deployment| deployment.group_id == group_id).map(|deployment| deployment.id.as_str())
}

/// `d-` and nine capitals and digits.
fn new_deployment_id(inner: &Inner, state: &State, group_id: &str) -> String {
    const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut attempt = state.deployments.len();
    loop {
        let uuid = inner.new_id(&["deployment", group_id, &attempt.to_string()]);
        let letters = uuid.as_bytes()[..9].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 36)]));
        let id = format!("d-{}", letters.collect::<String>());
        if !state.deployments.contains_key(&id) {
            return id;
        }
        attempt += 1;
    }
}

fn revision(input: &Value) -> Result<S3Location, ApiError> {
    let invalid = |message: String| ApiError::client("InvalidRevisionException", message);
    let revision = input
        .get("revision")
        .filter(|revision| !revision.is_null())
        .ok_or_else(|| ApiError::client("RevisionRequiredException", "The revision is required"))?;
    match text(revision, "revisionType") {
        Some("S3") => {}
        other => {
            let other = other.unwrap_or("no revisionType");
            return Err(invalid(format!("the local CodeDeploy deploys revisions of type S3, not {other}")));
        }
    }
    let location: S3Location = serde_json::from_value(revision["s3Location"].clone())
        .map_err(|error| invalid(format!("s3Location: {error}")))?;
    match location.bundle_type.as_deref() {
        Some("zip") => Ok(location),
        other => {
            let other = other.unwrap_or("nothing");
            Err(invalid(format!("the local CodeDeploy deploys bundles of type zip, not {other}")))
        }
    }
}

fn file_exists_behavior(input: &Value) -> Result<FileExistsBehavior, ApiError> {
    let Some(given) = text(input, "fileExistsBehavior") else { return Ok(FileExistsBehavior::Disallow) };
    parse_behavior(given).map_err(|problem| {
        ApiError::client("InvalidFileExistsBehaviorException", format!("fileExistsBehavior: {problem}"))
    })
}

pub(super) fn get_deployment(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let state = inner.state();
    Ok(json!({ "deploymentInfo": described(find(&state, input)?) }))
}

pub(super) fn batch_get_deployments(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let ids: Vec<&str> =
        input["deploymentIds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if ids.is_empty() {
        return Err(ApiError::client(
            "DeploymentIdRequiredException",
            "At least one deployment ID is required",
        ));
    }
    if ids.len() > MAX_BATCH {
        let message = format!("The maximum number of deployment IDs is {MAX_BATCH}");
        return Err(ApiError::client("BatchLimitExceededException", message));
    }
    let state = inner.state();
    let found: Vec<Value> =
        ids.into_iter().filter_map(|id| state.deployments.get(id)).map(described).collect();
    Ok(json!({ "deploymentsInfo": found }))
}

/// The newest first.
pub(super) fn list_deployments(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let known = ["applicationName", "deploymentGroupName", "includeOnlyStatuses", "createTimeRange"];
    refuse_unknown("ListDeployments", &fields(input), &known)?;
    let state = inner.state();
    let (application, group) = (text(input, "applicationName"), text(input, "deploymentGroupName"));
    if let (Some(application), Some(group)) = (application, group) {
        groups::find(&state, application, group)?;
    }
    let statuses: Vec<&str> =
        input["includeOnlyStatuses"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let range = &input["createTimeRange"];
    let (start, end) = (range["start"].as_f64(), range["end"].as_f64());
    let mut found: Vec<&Deployment> = state
        .deployments
        .values()
        .filter(|one| application.is_none_or(|application| one.application == application))
        .filter(|one| group.is_none_or(|group| one.group == group))
        .filter(|one| statuses.is_empty() || statuses.contains(&one.status.name()))
        .filter(|one| start.is_none_or(|start| seconds(one.created) >= start))
        .filter(|one| end.is_none_or(|end| seconds(one.created) <= end))
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.created), one.id.clone()));
    let ids: Vec<&String> = found.into_iter().map(|one| &one.id).collect();
    Ok(json!({ "deployments": ids }))
}

/// The scripts of the event in progress are ended; what was installed stays.
pub(super) fn stop_deployment(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let known = ["deploymentId", "autoRollbackEnabled"];
    refuse_unknown("StopDeployment", &fields(input), &known)?;
    if input["autoRollbackEnabled"] == json!(true) {
        let message =
            "StopDeployment: autoRollbackEnabled is not supported by the local CodeDeploy; leave it out";
        return Err(ApiError::client("UnsupportedOperation", message));
    }
    let state = inner.state();
    let deployment = find(&state, input)?;
    match state.running.get(&deployment.id) {
        Some(stop) => {
            stop.request(StopReason::Cancelled);
            Ok(json!({ "status": "Pending", "statusMessage": "The deployment is being stopped." }))
        }
        None => {
            let message = format!("The deployment {} has already ended", deployment.id);
            Err(ApiError::client("DeploymentAlreadyCompletedException", message))
        }
    }
}

pub(super) fn find<'s>(state: &'s State, input: &Value) -> Result<&'s Deployment, ApiError> {
    let id = text(input, "deploymentId")
        .ok_or_else(|| ApiError::client("DeploymentIdRequiredException", "The deployment ID is required"))?;
    if !id.starts_with("d-") {
        let message = format!("Specified DeploymentId is not in the valid format: {id}");
        return Err(ApiError::client("InvalidDeploymentIdException", message));
    }
    state.deployments.get(id).ok_or_else(|| {
        let message = format!("The deployment {id} could not be found");
        ApiError::client("DeploymentDoesNotExistException", message)
    })
}

fn described(deployment: &Deployment) -> Value {
    let s3 = |location: &S3Location| json!({ "revisionType": "S3", "s3Location": location });
    let mut info = json!({
        "applicationName": deployment.application,
        "deploymentGroupName": deployment.group,
        "deploymentConfigName": deployment.config,
        "deploymentId": deployment.id,
        "revision": s3(&deployment.revision),
        "status": deployment.status.name(),
        "createTime": seconds(deployment.created),
        "creator": "user",
        "ignoreApplicationStopFailures": deployment.ignore_application_stop_failures,
        "updateOutdatedInstancesOnly": false,
        "deploymentStyle": { "deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL" },
        "instanceTerminationWaitTimeStarted": false,
        "fileExistsBehavior": deployment.file_exists_behavior,
        "deploymentStatusMessages": [],
        "computePlatform": "Server",
        "deploymentOverview": overview(deployment),
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            info[name] = value;
        }
    };
    add("previousRevision", deployment.previous_revision.as_ref().map(s3));
    add("description", deployment.description.as_ref().map(|text| json!(text)));
    add("startTime", deployment.started.map(|time| json!(seconds(time))));
    add("completeTime", deployment.completed.map(|time| json!(seconds(time))));
    add("errorInformation", deployment.error.as_ref().map(|error| json!(error)));
    info
}

fn overview(deployment: &Deployment) -> Value {
    let count = |status| deployment.targets.iter().filter(|one| one.events.status() == status).count();
    json!({
        "Pending": count(TargetStatus::Pending),
        "InProgress": count(TargetStatus::InProgress),
        "Succeeded": count(TargetStatus::Succeeded),
        "Failed": count(TargetStatus::Failed),
        "Skipped": count(TargetStatus::Skipped),
        "Ready": 0,
    })
}
