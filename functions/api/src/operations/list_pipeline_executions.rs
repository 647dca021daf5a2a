//! ListPipelineExecutions: the newest first, all on one page.

use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{no_such_pipeline, parse};
use crate::output::pipeline_execution_summary;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name: name } = parse(&request.input)?;
    if platform.store.pipeline(&name).await?.is_none() {
        return Err(no_such_pipeline(&name));
    }
    let rows = platform.store.executions(&name).await?;
    let summaries: Vec<_> = rows.iter().rev().map(pipeline_execution_summary).collect();
    Ok(json!({ "pipelineExecutionSummaries": summaries }))
}
