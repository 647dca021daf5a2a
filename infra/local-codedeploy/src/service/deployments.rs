//! Deployments: reading and stopping them.

use local_process::StopReason;
use local_service::ApiError;
use serde_json::{Value, json};

use super::groups;
use super::input::{fields, refuse_unknown, seconds, text};
use super::state::{Inner, State};
use crate::lifecycle::TargetStatus;
use crate::record::Deployment;
use crate::revision::S3Location;

const MAX_BATCH: usize = 25;

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
    let rollback = input["autoRollbackEnabled"].as_bool();
    let mut state = inner.state();
    let deployment = find(&state, input)?;
    let id = deployment.id.clone();
    let Some(stop) = state.running.get(&id).cloned() else {
        let message = format!("The deployment {id} has already ended");
        return Err(ApiError::client("DeploymentAlreadyCompletedException", message));
    };
    if let Some(deployment) = state.deployments.get_mut(&id) {
        deployment.rollback_on_stop = rollback.or(deployment.rollback_on_stop);
    }
    stop.request(StopReason::Cancelled);
    Ok(json!({ "status": "Pending", "statusMessage": "The deployment is being stopped." }))
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
        "creator": deployment.creator,
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
    let is_rolled_back = deployment.auto_rollback.enabled || !deployment.auto_rollback.events.is_empty();
    add("autoRollbackConfiguration", is_rolled_back.then(|| json!(deployment.auto_rollback)));
    add("rollbackInfo", deployment.rollback.as_ref().map(|rollback| json!(rollback)));
    add("errorInformation", deployment.error.as_ref().map(|error| json!(error)));
    info
}

fn overview(deployment: &Deployment) -> Value {
    let count = |status| deployment.targets_that(status);
    json!({
        "Pending": count(TargetStatus::Pending),
        "InProgress": count(TargetStatus::InProgress),
        "Succeeded": count(TargetStatus::Succeeded),
        "Failed": count(TargetStatus::Failed),
        "Skipped": count(TargetStatus::Skipped),
        "Ready": 0,
    })
}
