//! ListActionExecutions of one execution: what each action was given and what came of it, newest first.

use std::collections::HashMap;

use engine::Rejection;
use engine::execution::PipelineExecutionId;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{no_such_execution, no_such_pipeline, parse};
use crate::output::action_execution_detail;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    #[serde(default)]
    filter: Filter,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Filter {
    pipeline_execution_id: Option<PipelineExecutionId>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name: name, filter } = parse(&request.input)?;
    if platform.store.pipeline(&name).await?.is_none() {
        return Err(no_such_pipeline(&name));
    }
    let id = filter.pipeline_execution_id.ok_or_else(|| {
        Rejection::Validation("Name an execution in filter.pipelineExecutionId: lists over all executions are not answered yet.".into())
    })?;
    let execution =
        platform.store.execution(&name, &id).await?.ok_or_else(|| no_such_execution(&name, &id))?;
    let version = platform.store.pipeline_version(&name, execution.execution.version).await?;
    let stages = version.map(|version| version.declaration.stages).unwrap_or_default();
    let actions: HashMap<_, _> = stages
        .iter()
        .enumerate()
        .flat_map(|(index, stage)| {
            stage.actions.iter().map(move |action| ((index, action.name.as_str()), action))
        })
        .collect();
    let rows = platform.store.actions(&id).await?;
    let details = rows.iter().rev().map(|row| {
        let stage_name = stages.get(row.stage_index).map_or("", |stage| stage.name.as_str());
        let declared = actions.get(&(row.stage_index, row.execution.name.as_str())).copied();
        action_execution_detail(row, &execution, stage_name, declared)
    });
    Ok(json!({ "actionExecutionDetails": details.collect::<Vec<_>>() }))
}
