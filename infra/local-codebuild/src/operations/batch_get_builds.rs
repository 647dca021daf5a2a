//! BatchGetBuilds: by ids or ARNs.

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::names::parse_build_id;
use crate::service_state::ServiceState;

/// CodeBuild's limit of ids in one call.
const MAX_IDS: usize = 100;

#[derive(Deserialize)]
struct Input {
    ids: Vec<String>,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { ids } = parse(input)?;
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(error::invalid(format!("ids must have 1 to {MAX_IDS} items")));
    }
    let mut builds = Vec::new();
    let mut not_found = Vec::new();
    for text in ids {
        let found = match parse_build_id(&text) {
            Some((project, uuid)) => service.find_build(project, uuid)?,
            None => None,
        };
        match found {
            Some(build) => builds.push(build),
            None => not_found.push(text),
        }
    }
    Ok(json!({ "builds": builds, "buildsNotFound": not_found }))
}
