//! StopBuild: asks for the end and answers at once. A build that has ended stays as it is.

use local_process::StopReason;
use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use crate::error;
use crate::names::parse_build_id;
use crate::service_state::ServiceState;

#[derive(Deserialize)]
struct Input {
    id: String,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { id } = parse(input)?;
    let unknown = || error::not_found(format!("Build cannot be found: {id}"));
    let (project, uuid) = parse_build_id(&id).ok_or_else(unknown)?;
    if let Some(active) = service.records().active.get(&format!("{project}:{uuid}")) {
        active.stop.request(StopReason::Cancelled);
    }
    let build = service.find_build(project, uuid)?.ok_or_else(unknown)?;
    Ok(json!({ "build": build }))
}
