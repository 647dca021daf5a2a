//! CreateApplication, GetApplication, ListApplications, DeleteApplication.

use std::collections::BTreeMap;

use local_service::ApiError;
use serde_json::{Value, json};

use super::input::{application_name, fields, refuse_unknown, seconds, text};
use super::state::{Inner, State};
use crate::record::Application;

pub(super) fn create_application(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    refuse_unknown("CreateApplication", &fields(input), &["applicationName", "computePlatform", "tags"])?;
    let name = application_name(input)?;
    match text(input, "computePlatform") {
        None | Some("Server") => {}
        Some(other) => {
            let message =
                format!("The compute platform {other} is not supported by the local CodeDeploy; use Server");
            return Err(ApiError::client("InvalidComputePlatformException", message));
        }
    }
    let mut state = inner.state();
    if state.applications.contains_key(name) {
        let message = format!("Application already exists: {name}");
        return Err(ApiError::client("ApplicationAlreadyExistsException", message));
    }
    let application = new_application(inner, name);
    let id = application.id.clone();
    state.applications.insert(name.into(), application);
    inner.write_applications(&state)?;
    Ok(json!({ "applicationId": id }))
}

pub(super) fn new_application(inner: &Inner, name: &str) -> Application {
    let id = inner.new_id(&["application", name]).to_string();
    Application { id, name: name.into(), created: inner.now(), groups: BTreeMap::new() }
}

pub(super) fn get_application(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let state = inner.state();
    let application = find(&state, application_name(input)?)?;
    Ok(json!({ "application": {
        "applicationId": application.id,
        "applicationName": application.name,
        "createTime": seconds(application.created),
        "linkedToGitHub": false,
        "computePlatform": "Server",
    }}))
}

pub(super) fn list_applications(inner: &Inner, _input: &Value) -> Result<Value, ApiError> {
    let names: Vec<String> = inner.state().applications.keys().cloned().collect();
    Ok(json!({ "applications": names }))
}

/// Unknown names are fine, as on AWS. Deployments stay on record.
pub(super) fn delete_application(inner: &Inner, input: &Value) -> Result<Value, ApiError> {
    let mut state = inner.state();
    if state.applications.remove(application_name(input)?).is_some() {
        inner.write_applications(&state)?;
    }
    Ok(json!({}))
}

pub(super) fn find<'s>(state: &'s State, name: &str) -> Result<&'s Application, ApiError> {
    state.applications.get(name).ok_or_else(|| {
        ApiError::client("ApplicationDoesNotExistException", format!("No application found for name: {name}"))
    })
}
