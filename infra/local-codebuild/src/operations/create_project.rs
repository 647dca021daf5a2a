//! CreateProject.

use local_service::ApiError;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::model::{Project, ProjectSettings};
use crate::service_state::ServiceState;

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let settings: ProjectSettings = parse(input)?;
    settings.check()?;
    let now = service.now();
    let account = &service.settings.account;
    let project = Project {
        arn: format!("arn:aws:codebuild:{}:{}:project/{}", account.region, account.id, settings.name),
        created: now,
        last_modified: now,
        settings,
    };
    let mut records = service.records();
    let name = project.settings.name.clone();
    if records.projects.contains_key(&name) {
        return Err(error::already_exists(format!("Project already exists: {}", project.arn)));
    }
    service.store.save_project(&project).map_err(|error| error::broken(&error))?;
    records.projects.insert(name, project.clone());
    Ok(json!({ "project": project }))
}
