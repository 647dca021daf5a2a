//! GetPipelineExecution: how one execution is.

use engine::execution::PipelineExecutionId;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{no_such_execution, no_such_pipeline, parse};
use crate::output::pipeline_execution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    pipeline_execution_id: PipelineExecutionId,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name: name, pipeline_execution_id: id } = parse(&request.input)?;
    if let Some(row) = platform.store.execution(&name, &id).await? {
        return Ok(json!({ "pipelineExecution": pipeline_execution(&row) }));
    }
    match platform.store.pipeline(&name).await? {
        Some(_) => Err(no_such_execution(&name, &id)),
        None => Err(no_such_pipeline(&name)),
    }
}
