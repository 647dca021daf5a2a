//! ListBuildBatchesForProject: ids, the newest first unless asked otherwise.

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use super::page::{SortOrder, page};
use crate::error;
use crate::service_state::ServiceState;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    project_name: String,
    sort_order: Option<SortOrder>,
    next_token: Option<String>,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { project_name, sort_order, next_token } = parse(input)?;
    let records = service.records();
    if !records.projects.contains_key(&project_name) {
        return Err(error::not_found(format!("Project cannot be found: {project_name}")));
    }
    let batches = records.batches.values().map(|active| &active.stored.batch);
    let mut batches: Vec<_> = batches.filter(|batch| batch.project_name == project_name).collect();
    batches.sort_by_key(|batch| (batch.start_time, batch.build_batch_number));
    let mut ids: Vec<String> = batches.iter().map(|batch| batch.id.clone()).collect();
    if sort_order != Some(SortOrder::Ascending) {
        ids.reverse();
    }
    let (ids, next_token) = page(ids, next_token.as_deref())?;
    let mut output = json!({ "ids": ids });
    if let Some(token) = next_token {
        output["nextToken"] = json!(token);
    }
    Ok(output)
}
