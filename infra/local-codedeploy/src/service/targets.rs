//! The targets of a deployment with their lifecycle events.

use local_service::ApiError;
use serde_json::{Value, json};

use super::deployments::find;
use super::input::{fields, refuse_unknown, seconds, text};
use super::state::Inner;
use crate::lifecycle::EventRecord;
use crate::record::{Deployment, TargetRecord};

pub(super) fn list_deployment_targets(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    refuse_unknown("ListDeploymentTargets", &fields(input), &["deploymentId"])?;
    let state = inner.state();
    let names: Vec<&String> = find(&state, input)?.targets.iter().map(|one| &one.target.name).collect();
    Ok(json!({ "targetIds": names }))
}

pub(super) fn get_deployment_target(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let id = text(input, "targetId").ok_or_else(|| {
        ApiError::client("DeploymentTargetIdRequiredException", "The target ID is required")
    })?;
    let state = inner.state();
    let deployment = find(&state, input)?;
    Ok(json!({ "deploymentTarget": target(inner, deployment, id)? }))
}

pub(super) fn batch_get_deployment_targets(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let state = inner.state();
    let deployment = find(&state, input)?;
    let ids: Vec<&str> =
        input["targetIds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if ids.is_empty() {
        return Err(ApiError::client(
            "DeploymentTargetIdRequiredException",
            "At least one target ID is required",
        ));
    }
    let found = ids.into_iter().map(|id| target(inner, deployment, id)).collect::<Result<Vec<Value>, _>>()?;
    Ok(json!({ "deploymentTargets": found }))
}

fn target(inner: &Inner, deployment: &Deployment, id: &str) -> Result<Value, ApiError> {
    let found = deployment.targets.iter().find(|one| one.target.name == id).ok_or_else(|| {
        let message = format!("The deployment {} has no target {id}", deployment.id);
        ApiError::client("DeploymentTargetDoesNotExistException", message)
    })?;
    let TargetRecord { target, updated, events } = found;
    let settings = inner.settings();
    let arn =
        format!("arn:aws:codedeploy:{}:{}:instance/{}", settings.region, settings.account_id, target.name);
    Ok(json!({
        "deploymentTargetType": "InstanceTarget",
        "instanceTarget": {
            "deploymentId": deployment.id,
            "targetId": target.name,
            "targetArn": arn,
            "status": events.status(),
            "lastUpdatedAt": seconds(*updated),
            "lifecycleEvents": events.0.iter().map(described).collect::<Vec<_>>(),
        },
    }))
}

fn described(record: &EventRecord) -> Value {
    let mut event = json!({ "lifecycleEventName": record.event.name(), "status": record.status });
    if let Some(started) = record.started {
        event["startTime"] = json!(seconds(started));
    }
    if let Some(ended) = record.ended {
        event["endTime"] = json!(seconds(ended));
    }
    if let Some(diagnostics) = &record.diagnostics {
        event["diagnostics"] = json!(diagnostics);
    }
    event
}
