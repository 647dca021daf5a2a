//! CreateProject.

use local_service::ApiError;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::model::{Project, ProjectSettings};
use crate::shared::Shared;

pub fn run(shared: &Shared, input: Value) -> Result<Value, ApiError> {
    let settings: ProjectSettings = parse(input)?;
    settings.check()?;
    let now = shared.now();
    let account = &shared.settings.account;
    let project = Project {
        arn: format!("arn:aws:codebuild:{}:{}:project/{}", account.region, account.id, settings.name),
        created: now,
        last_modified: now,
        settings,
    };
    let mut state = shared.state();
    let name = project.settings.name.clone();
    if state.projects.contains_key(&name) {
        return Err(error::already_exists(format!("Project already exists: {}", project.arn)));
    }
    shared.store.save_project(&project).map_err(|error| error::broken(&error))?;
    state.projects.insert(name, project.clone());
    Ok(json!({ "project": project }))
}
