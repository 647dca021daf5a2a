//! DeleteProject. Its builds stay readable by their ids, as on CodeBuild; deleting what is not there
//! succeeds, as on CodeBuild.

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::names::check_project_name;
use crate::service_state::ServiceState;

#[derive(Deserialize)]
struct Input {
    name: String,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { name } = parse(input)?;
    check_project_name(&name)?;
    let mut records = service.records();
    service.store.delete_project(&name).map_err(|error| error::broken(&error))?;
    records.projects.remove(&name);
    Ok(json!({}))
}
