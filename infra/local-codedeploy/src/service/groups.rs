//! Deployment groups, and their targets on this host.

use std::collections::HashSet;

use local_service::ApiError;
use serde_json::{Map, Value, json};

use super::applications::{find as find_application, new_application};
use super::configurations;
use super::input::{application_name, check_name, fields, group_name, is_nothing, seconds, text};
use super::state::{Inner, State};
use crate::configuration::DEFAULT_CONFIG;
use crate::record::{Group, LastDeployment, Target};
use crate::rollback::AutoRollback;

/// What has no meaning here, and the exception that AWS would have for a wrong one. Tags, filters and
/// roles are kept and given back: they select nothing, the targets do.
const REFUSED: [(&str, &str); 5] = [
    ("loadBalancerInfo", "InvalidLoadBalancerInfoException"),
    ("blueGreenDeploymentConfiguration", "InvalidBlueGreenDeploymentConfigurationException"),
    ("ecsServices", "InvalidECSServiceException"),
    ("alarmConfiguration", "InvalidAlarmConfigException"),
    ("triggerConfigurations", "InvalidTriggerConfigException"),
];

pub(super) fn define(
    inner: &Inner,
    application: &str,
    group: &str,
    targets: Vec<Target>,
) -> Result<(), ApiError> {
    check_name(application, "InvalidApplicationNameException")?;
    check_name(group, "InvalidDeploymentGroupNameException")?;
    check_targets(&targets)?;
    let mut state = inner.state();
    let id = inner.new_id(&["group", application, group]).to_string();
    let found =
        state.applications.entry(application.into()).or_insert_with(|| new_application(inner, application));
    let group = found.groups.entry(group.into()).or_insert_with(|| new_group(id, group, Map::new()));
    group.targets = targets;
    inner.write_applications(&state)
}

fn check_targets(targets: &[Target]) -> Result<(), ApiError> {
    let mut names = HashSet::new();
    for Target { name, root } in targets {
        let refused = |problem: &str| {
            Err(ApiError::client("InvalidTargetException", format!("target {name:?}: {problem}")))
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.bytes().all(fits) {
            return refused(
                "its name has 1 to 100 letters, digits, '.', '_' or '-', and does not start with '.'",
            );
        }
        if !names.insert(name) {
            return refused("there are two of this name");
        }
        if !root.is_absolute() {
            return refused("its root directory must be an absolute path");
        }
    }
    Ok(())
}

fn new_group(id: String, name: &str, settings: Map<String, Value>) -> Group {
    Group { id, name: name.into(), settings, targets: vec![], last_successful: None, last_attempted: None }
}

pub(super) fn create_deployment_group(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let application = application_name(input)?;
    let name = group_name(input, "deploymentGroupName")?;
    if text(input, "serviceRoleArn").is_none() {
        return Err(ApiError::client("RoleRequiredException", "The service role ARN is required"));
    }
    let mut state = inner.state();
    check_settings(&state, input)?;
    find_application(&state, application)?;
    let id = inner.new_id(&["group", application, name]).to_string();
    let Some(found) = state.applications.get_mut(application) else { return Ok(json!({})) };
    match found.groups.get_mut(name) {
        // Defined by its targets, before the API made it.
        Some(group) if group.settings.is_empty() => group.settings = settings(input),
        Some(_) => {
            let message = format!("Deployment group name already exists: {name}");
            return Err(ApiError::client("DeploymentGroupAlreadyExistsException", message));
        }
        None => {
            found.groups.insert(name.into(), new_group(id, name, settings(input)));
        }
    }
    let id = found.groups.get(name).map(|group| group.id.clone());
    inner.write_applications(&state)?;
    Ok(json!({ "deploymentGroupId": id }))
}

pub(super) fn update_deployment_group(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let application = application_name(input)?;
    let name = group_name(input, "currentDeploymentGroupName")?;
    let new_name = text(input, "newDeploymentGroupName").unwrap_or(name).to_string();
    check_name(&new_name, "InvalidDeploymentGroupNameException")?;
    let mut state = inner.state();
    check_settings(&state, input)?;
    find(&state, application, name)?;
    if new_name != name && find(&state, application, &new_name).is_ok() {
        let message = format!("Deployment group name already exists: {new_name}");
        return Err(ApiError::client("DeploymentGroupAlreadyExistsException", message));
    }
    if let Some(found) = state.applications.get_mut(application)
        && let Some(mut group) = found.groups.remove(name)
    {
        // What says nothing takes back what was said.
        group.settings.retain(|name, _| input.get(name).is_none_or(|value| !is_nothing(value)));
        group.settings.extend(settings(input));
        group.name.clone_from(&new_name);
        found.groups.insert(new_name, group);
    }
    inner.write_applications(&state)?;
    Ok(json!({ "hooksNotCleanedUp": [] }))
}

/// A deployment that runs goes on to its end.
pub(super) fn delete_deployment_group(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let mut state = inner.state();
    let name = group_name(input, "deploymentGroupName")?;
    if let Some(found) = state.applications.get_mut(application_name(input)?) {
        found.groups.remove(name);
        inner.write_applications(&state)?;
    }
    Ok(json!({ "hooksNotCleanedUp": [] }))
}

pub(super) fn list_deployment_groups(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let state = inner.state();
    let application = find_application(&state, application_name(input)?)?;
    let names: Vec<&String> = application.groups.keys().collect();
    Ok(json!({ "applicationName": application.name, "deploymentGroups": names }))
}

pub(super) fn get_deployment_group(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let state = inner.state();
    let application = application_name(input)?;
    let group = find(&state, application, group_name(input, "deploymentGroupName")?)?;
    let mut info = group.settings.clone();
    let mut add = |name: &str, value: Value| info.insert(name.into(), value);
    add("applicationName", json!(application));
    add("deploymentGroupName", json!(group.name));
    add("deploymentGroupId", json!(group.id));
    add("deploymentConfigName", json!(config(group)));
    add("computePlatform", json!("Server"));
    if let Some(last) = &group.last_successful {
        add("lastSuccessfulDeployment", described(last));
        add("targetRevision", json!({ "revisionType": "S3", "s3Location": last.revision }));
    }
    if let Some(last) = &group.last_attempted {
        add("lastAttemptedDeployment", described(last));
    }
    Ok(json!({ "deploymentGroupInfo": info }))
}

fn described(last: &LastDeployment) -> Value {
    json!({
        "deploymentId": last.deployment_id,
        "status": last.status.name(),
        "createTime": seconds(last.created),
        "endTime": seconds(last.completed),
    })
}

pub(super) fn config(group: &Group) -> &str {
    group.settings.get("deploymentConfigName").and_then(Value::as_str).unwrap_or(DEFAULT_CONFIG)
}

/// `autoRollbackConfiguration` of an input.
pub(super) fn auto_rollback(input: &Value) -> Result<Option<AutoRollback>, ApiError> {
    let given = &input["autoRollbackConfiguration"];
    if given.is_null() {
        return Ok(None);
    }
    let read = serde_json::from_value::<AutoRollback>(given.clone()).map_err(|error| error.to_string());
    let checked = read.and_then(|rollback| rollback.check().map(|()| rollback));
    checked.map(Some).map_err(|problem| {
        ApiError::client(
            "InvalidAutoRollbackConfigException",
            format!("autoRollbackConfiguration: {problem}"),
        )
    })
}

/// What was checked when the group got it.
pub(super) fn auto_rollback_of(group: &Group) -> AutoRollback {
    let kept = group.settings.get("autoRollbackConfiguration").cloned();
    kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default()
}

pub(super) fn find<'s>(state: &'s State, application: &str, group: &str) -> Result<&'s Group, ApiError> {
    find_application(state, application)?.groups.get(group).ok_or_else(|| {
        let message = format!("No Deployment Group found for name: {group}");
        ApiError::client("DeploymentGroupDoesNotExistException", message)
    })
}

fn check_settings(state: &State, input: &Value) -> Result<(), ApiError> {
    configurations::check(state, input)?;
    auto_rollback(input)?;
    for (name, exception) in REFUSED {
        if input.get(name).is_some_and(|value| !is_nothing(value)) {
            let message = format!("{name} is not supported by the local CodeDeploy; leave it out");
            return Err(ApiError::client(exception, message));
        }
    }
    let style = input.get("deploymentStyle").cloned().unwrap_or_default();
    let in_place = matches!(text(&style, "deploymentType"), None | Some("IN_PLACE"));
    let without_traffic = matches!(text(&style, "deploymentOption"), None | Some("WITHOUT_TRAFFIC_CONTROL"));
    if !in_place || !without_traffic {
        return Err(ApiError::client(
            "InvalidDeploymentStyleException",
            "the local CodeDeploy deploys IN_PLACE and WITHOUT_TRAFFIC_CONTROL",
        ));
    }
    Ok(())
}

fn settings(input: &Value) -> Map<String, Value> {
    let names =
        ["applicationName", "deploymentGroupName", "currentDeploymentGroupName", "newDeploymentGroupName"];
    let mut settings = fields(input);
    settings.retain(|name, value| !names.contains(&name.as_str()) && !is_nothing(value));
    settings
}
