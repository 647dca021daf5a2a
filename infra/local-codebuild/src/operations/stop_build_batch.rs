//! StopBuildBatch: asks for the end of all builds of a batch and answers at once.

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
    let unknown = || error::not_found(format!("Build batch cannot be found: {id}"));
    let (project, uuid) = parse_build_id(&id).ok_or_else(unknown)?;
    let records = service.records();
    let active = records.batches.get(&format!("{project}:{uuid}")).ok_or_else(unknown)?;
    active.stop.request(StopReason::Cancelled);
    Ok(json!({ "buildBatch": active.stored.batch }))
}
