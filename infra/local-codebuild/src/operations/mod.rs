//! One file per operation of CodeBuild's API: from its JSON input to its JSON output.

pub mod batch_get_builds;
pub mod batch_get_projects;
pub mod create_project;
pub mod delete_project;
pub mod list_builds_for_project;
pub mod list_projects;
mod page;
pub mod start_build;
pub mod stop_build;
pub mod update_project;

use local_service::ApiError;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error;

fn parse<T: DeserializeOwned>(input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input)
        .map_err(|error| error::invalid(format!("The request is not valid: {error}")))
}
