//! BatchGetProjects.

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::service_state::ServiceState;

/// CodeBuild's limit of names in one call.
const MAX_NAMES: usize = 100;

#[derive(Deserialize)]
struct Input {
    names: Vec<String>,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { names } = parse(input)?;
    if names.is_empty() || names.len() > MAX_NAMES {
        return Err(error::invalid(format!("names must have 1 to {MAX_NAMES} items")));
    }
    let records = service.records();
    let mut projects = Vec::new();
    let mut not_found = Vec::new();
    for text in names {
        let name = text.rsplit_once(":project/").map_or(text.as_str(), |(_, name)| name);
        match records.projects.get(name) {
            Some(project) => projects.push(project.clone()),
            None => not_found.push(text),
        }
    }
    Ok(json!({ "projects": projects, "projectsNotFound": not_found }))
}
