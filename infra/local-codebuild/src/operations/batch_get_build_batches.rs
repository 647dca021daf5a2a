//! BatchGetBuildBatches: by ids or ARNs.

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
    if ids.len() > MAX_IDS {
        return Err(error::invalid(format!("ids must have at most {MAX_IDS} items")));
    }
    let records = service.records();
    let mut batches = Vec::new();
    let mut not_found = Vec::new();
    for text in ids {
        let id = parse_build_id(&text).map(|(project, uuid)| format!("{project}:{uuid}"));
        match id.and_then(|id| records.batches.get(&id)) {
            Some(active) => batches.push(active.stored.batch.clone()),
            None => not_found.push(text),
        }
    }
    Ok(json!({ "buildBatches": batches, "buildBatchesNotFound": not_found }))
}
