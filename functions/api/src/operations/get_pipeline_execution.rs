//! GetPipelineExecution: how one execution is.

use engine::declaration::schema::{Member, required};
use engine::execution::PipelineExecutionId;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{EXECUTION_ID, NAME, parse};
use crate::output::pipeline_execution;
use crate::pipelines::{execution, pipeline, required_execution};

pub(super) static MEMBERS: &[Member] =
    &[required("pipelineName", NAME), required("pipelineExecutionId", EXECUTION_ID)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    pipeline_execution_id: PipelineExecutionId,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name, pipeline_execution_id } = parse(MEMBERS, &request.input)?;
    let head = pipeline(platform, &pipeline_name).await?;
    let mut row = required_execution(platform, &head, &pipeline_execution_id).await?;
    // A rollback has the variables of the execution that it repeats.
    if let Some(target) = &row.execution.rollback_of {
        row.variables = execution(platform, &head, target).await?.map_or(Vec::new(), |row| row.variables);
    }
    // Revisions are shown under the names of the artifacts that they became.
    let version = match row.execution.source_revisions.is_empty() {
        true => None,
        false => platform.store.pipeline_version(&pipeline_name, row.execution.version).await?,
    };
    let declaration = version.map(|version| version.declaration);
    Ok(json!({ "pipelineExecution": pipeline_execution(&row, declaration.as_ref()) }))
}
