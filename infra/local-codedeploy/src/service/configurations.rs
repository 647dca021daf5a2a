//! CreateDeploymentConfig, GetDeploymentConfig, ListDeploymentConfigs, DeleteDeploymentConfig.

use local_service::ApiError;
use serde_json::{Value, json};

use super::groups;
use super::input::{check_name, fields, refuse_unknown, seconds, text};
use super::state::{Inner, State};
use crate::configuration::{DEFAULT_CONFIG, HealthKind, MinimumHealthyHosts, PREDEFINED};
use crate::record::Configuration;

pub(super) fn create_deployment_config(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let known = ["deploymentConfigName", "minimumHealthyHosts", "computePlatform"];
    refuse_unknown("CreateDeploymentConfig", &fields(input), &known)?;
    let name = name_of(input)?;
    match text(input, "computePlatform") {
        None | Some("Server") => {}
        Some(other) => {
            let message =
                format!("The compute platform {other} is not supported by the local CodeDeploy; use Server");
            return Err(ApiError::client("InvalidComputePlatformException", message));
        }
    }
    let minimum_healthy_hosts = minimum_healthy_hosts(&input["minimumHealthyHosts"])?;
    let mut state = inner.state();
    if name.starts_with("CodeDeployDefault.") || state.configurations.contains_key(name) {
        let message = format!("Deployment Configuration already exists: {name}");
        return Err(ApiError::client("DeploymentConfigAlreadyExistsException", message));
    }
    let id = inner.new_id(&["configuration", name]).to_string();
    let configuration = Configuration { id: id.clone(), created: inner.now(), minimum_healthy_hosts };
    state.configurations.insert(name.into(), configuration);
    inner.write_configurations(&state)?;
    Ok(json!({ "deploymentConfigId": id }))
}

fn minimum_healthy_hosts(given: &Value) -> Result<MinimumHealthyHosts, ApiError> {
    let invalid = |message: String| ApiError::client("InvalidMinimumHealthyHostValueException", message);
    let hosts: MinimumHealthyHosts = serde_json::from_value(given.clone())
        .map_err(|error| invalid(format!("minimumHealthyHosts: {error}")))?;
    match hosts.kind {
        HealthKind::HostCount => Ok(hosts),
        HealthKind::FleetPercent if hosts.value < 100 => Ok(hosts),
        HealthKind::FleetPercent => Err(invalid("FLEET_PERCENT must be less than 100".into())),
        HealthKind::MostConcurrency => Err(invalid("the type must be HOST_COUNT or FLEET_PERCENT".into())),
    }
}

pub(super) fn get_deployment_config(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let name = name_of(input)?;
    let state = inner.state();
    let mut info = json!({
        "deploymentConfigName": name,
        "minimumHealthyHosts": find(&state, name)?,
        "computePlatform": "Server",
    });
    if let Some(configuration) = state.configurations.get(name) {
        info["deploymentConfigId"] = json!(configuration.id);
        info["createTime"] = json!(seconds(configuration.created));
    }
    Ok(json!({ "deploymentConfigInfo": info }))
}

pub(super) fn list_deployment_configs(inner: &Inner, _input: &Value) -> Result<Value, ApiError> {
    let state = inner.state();
    let predefined = PREDEFINED.iter().map(|(name, _)| *name);
    let names: Vec<&str> = predefined.chain(state.configurations.keys().map(String::as_str)).collect();
    Ok(json!({ "deploymentConfigsList": names }))
}

pub(super) fn delete_deployment_config(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let name = name_of(input)?;
    let mut state = inner.state();
    if name.starts_with("CodeDeployDefault.") {
        let message = format!("{name} is predefined and cannot be deleted");
        return Err(ApiError::client("InvalidOperationException", message));
    }
    let mut groups = state.applications.values().flat_map(|application| application.groups.values());
    if let Some(group) = groups.find(|group| groups::config(group) == name) {
        let message = format!("The Deployment Configuration {name} is used by the group {}", group.name);
        return Err(ApiError::client("DeploymentConfigInUseException", message));
    }
    if state.configurations.remove(name).is_some() {
        inner.write_configurations(&state)?;
    }
    Ok(json!({}))
}

pub(super) fn find(state: &State, name: &str) -> Result<MinimumHealthyHosts, ApiError> {
    let predefined = PREDEFINED.iter().find(|(known, _)| *known == name).map(|(_, hosts)| *hosts);
    let made = || state.configurations.get(name).map(|configuration| configuration.minimum_healthy_hosts);
    predefined.or_else(made).ok_or_else(|| {
        let message = format!("No Deployment Configuration found for name: {name}");
        ApiError::client("DeploymentConfigDoesNotExistException", message)
    })
}

pub(super) fn check(state: &State, input: &Value) -> Result<(), ApiError> {
    find(state, text(input, "deploymentConfigName").unwrap_or(DEFAULT_CONFIG)).map(|_| ())
}

fn name_of(input: &Value) -> Result<&str, ApiError> {
    let name = text(input, "deploymentConfigName").ok_or_else(|| {
        let message = "The deployment configuration name is required";
        ApiError::client("DeploymentConfigNameRequiredException", message)
    })?;
    check_name(name, "InvalidDeploymentConfigNameException")
}
