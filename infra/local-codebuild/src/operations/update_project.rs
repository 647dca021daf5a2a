//! UpdateProject: the members that are given replace those of the project.

use local_service::ApiError;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::model::{Project, ProjectSettings};
use crate::service_state::ServiceState;

pub fn run(service: &ServiceState, input: &Value) -> Result<Value, ApiError> {
    let Some(changes) = input.as_object() else {
        return Err(error::invalid("The request is not an object"));
    };
    let name = changes.get("name").and_then(Value::as_str).unwrap_or_default();
    let mut records = service.records();
    let Some(project) = records.projects.get(name) else {
        return Err(error::not_found(format!("Project cannot be found: {name}")));
    };
    let mut merged = serde_json::to_value(&project.settings).map_err(|error| error::broken(&error))?;
    for (member, value) in changes.iter().filter(|(_, value)| !value.is_null()) {
        merged[member.as_str()] = value.clone();
    }
    let settings: ProjectSettings = parse(merged)?;
    settings.check()?;
    let project = Project {
        arn: project.arn.clone(),
        created: project.created,
        last_modified: service.now(),
        settings,
    };
    service.store.save_project(&project).map_err(|error| error::broken(&error))?;
    records.projects.insert(name.to_owned(), project.clone());
    Ok(json!({ "project": project }))
}
