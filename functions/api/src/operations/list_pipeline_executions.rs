//! ListPipelineExecutions: the newest first; with a filter, those that have succeeded in a stage.

use engine::declaration::schema::{Member, Shape, optional, required};
use engine::execution::{ExecutionStatus, StageStatus};
use platform::store::{ExecutionRow, Page, PipelineHead, keys};
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, NEXT_TOKEN, max_results, parse};
use crate::next_token::List;
use crate::output::{pipeline_execution_summary, without_nulls};
use crate::pipelines::pipeline;

/// As the model has it; without `maxResults` a page has as many.
const RESULTS_MAX: usize = 100;
/// A filtered page looks at no more executions than this, and may be shorter for it.
const EXAMINED_MAX: usize = 200;

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    optional("maxResults", max_results(100)),
    optional(
        "filter",
        Shape::Structure(&[optional("succeededInStage", Shape::Structure(&[optional("stageName", NAME)]))]),
    ),
    optional("nextToken", NEXT_TOKEN),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    max_results: Option<usize>,
    #[serde(default)]
    filter: Filter,
    next_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Filter {
    #[serde(default)]
    succeeded_in_stage: SucceededInStage,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct SucceededInStage {
    stage_name: Option<String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name, max_results, filter, next_token } = parse(MEMBERS, &request.input)?;
    let head = pipeline(platform, &pipeline_name).await?;
    let stage = filter.succeeded_in_stage.stage_name;
    let of = json!([pipeline_name, head.created_at, stage]);
    let list = List::new(platform, request, &of);
    let after: Option<String> = list.begin(next_token.as_deref()).await?;
    let rows_max = max_results.unwrap_or(RESULTS_MAX);
    let page = match stage {
        None => platform.store.executions_page(&head, after.as_deref(), rows_max).await?,
        Some(stage) => succeeded_in(platform, &head, &stage, after, rows_max).await?,
    };
    Ok(without_nulls(json!({
        "pipelineExecutionSummaries": page.rows.iter().map(pipeline_execution_summary).collect::<Vec<_>>(),
        "nextToken": list.token(page.next).await?,
    })))
}

/// Those of the current version, as CodePipeline answers it (API reference, ListPipelineExecutions).
async fn succeeded_in(
    platform: &Platform,
    head: &PipelineHead,
    stage: &str,
    after: Option<String>,
    rows_max: usize,
) -> Result<Page<ExecutionRow>, Fault> {
    let version = platform.store.pipeline_version(&head.name, head.version).await?;
    let stages = version.map(|version| version.declaration.stages).unwrap_or_default();
    let mut page = Page { rows: Vec::new(), next: None };
    let Some(stage_index) = stages.iter().position(|declared| declared.name == stage) else {
        return Ok(page);
    };
    let examined = platform.store.executions_page(head, after.as_deref(), EXAMINED_MAX).await?;
    for row in examined.rows {
        let (version, sequence) = (row.execution.version, row.execution.sequence);
        if version < head.version {
            // All that follow are older.
            return Ok(page);
        }
        if has_succeeded(platform, &row, stage_index).await? {
            page.rows.push(row);
        }
        if page.rows.len() == rows_max {
            page.next = Some(keys::execution(&head.name, sequence).sk);
            return Ok(page);
        }
    }
    page.next = examined.next;
    Ok(page)
}

async fn has_succeeded(platform: &Platform, row: &ExecutionRow, stage_index: usize) -> Result<bool, Fault> {
    if row.execution.status == ExecutionStatus::Succeeded {
        return Ok(true);
    }
    let stage = platform.store.stage(&row.execution.execution_id, stage_index).await?;
    Ok(stage.is_some_and(|stage| stage.status == StageStatus::Succeeded))
}
