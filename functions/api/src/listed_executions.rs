//! The executions of actions, or of the rules of conditions: two lists with one shape, the newest first.
//!
//! Without a filter the pipeline's executions come one after the other, the newest first, each with its own.

use std::collections::{BTreeMap, BTreeSet};

use engine::Rejection;
use engine::declaration::schema::{Member, Shape, optional, required};
use engine::execution::PipelineExecutionId;
use platform::store::{ActionRow, ExecutionRow, Page, PipelineHead, PipelineVersion, keys};
use platform::{Fault, Platform, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Request;
use crate::input::{EXECUTION_ID, NAME, NEXT_TOKEN, max_results, parse};
use crate::next_token::List;
use crate::output::{Links, action_execution_detail, rule_execution_detail, without_nulls};
use crate::pipelines::{made_action_types, pipeline, required_execution};

/// As the model has it; without `maxResults` a page has as many.
const RESULTS_MAX: usize = 100;
/// A page looks at no more executions than this, and may be shorter for it.
const EXAMINED_MAX: usize = 100;

pub(crate) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    optional(
        "filter",
        Shape::Structure(&[
            optional("pipelineExecutionId", EXECUTION_ID),
            optional(
                "latestInPipelineExecution",
                Shape::Structure(&[
                    required("pipelineExecutionId", EXECUTION_ID),
                    required("startTimeRange", Shape::Word(&["Latest", "All"])),
                ]),
            ),
        ]),
    ),
    optional("maxResults", max_results(100)),
    optional("nextToken", NEXT_TOKEN),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    #[serde(default)]
    filter: Filter,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize, Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Filter {
    pipeline_execution_id: Option<PipelineExecutionId>,
    latest_in_pipeline_execution: Option<LatestInPipelineExecution>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct LatestInPipelineExecution {
    pipeline_execution_id: PipelineExecutionId,
    start_time_range: StartTimeRange,
}

/// Of an action that was retried: its latest execution, or all of them.
#[derive(Deserialize, Serialize, Clone, Copy, PartialEq, Eq)]
enum StartTimeRange {
    Latest,
    All,
}

/// Where the next page begins: with this execution (by its sequence), behind this action of it.
#[derive(Deserialize, Serialize)]
struct Position {
    execution: u64,
    action: Option<String>,
}

/// A row with the execution that it is of.
type Found = Vec<(ActionRow, ExecutionRow)>;

pub(crate) async fn list(platform: &Platform, request: &Request, kind: Kind) -> Result<Value, StoreError> {
    let Input { pipeline_name, filter, max_results, next_token } = parse(MEMBERS, &request.input)?;
    let of_one = of_one(&filter)?;
    let head = pipeline(platform, &pipeline_name).await?;
    let list = List::new(platform, request, &json!([pipeline_name, head.created_at, filter]));
    let begin: Option<Position> = list.begin(next_token.as_deref()).await?;
    let rows_max = max_results.unwrap_or(RESULTS_MAX);
    let (found, next) = match of_one {
        None => of_all_executions(platform, kind, &head, begin, rows_max).await?,
        Some((id, range)) => {
            let row = required_execution(platform, &head, &id).await?;
            of_execution(platform, kind, row, range, begin, rows_max).await?
        }
    };
    let details = details(platform, kind, &head, &found).await?;
    Ok(without_nulls(json!({ kind.member(): details, "nextToken": list.token(next).await? })))
}

/// Which of the two lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Actions,
    Rules,
}

impl Kind {
    fn member(self) -> &'static str {
        match self {
            Self::Actions => "actionExecutionDetails",
            Self::Rules => "ruleExecutionDetails",
        }
    }

    async fn page(
        self,
        platform: &Platform,
        id: &PipelineExecutionId,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Page<ActionRow>, Fault> {
        match self {
            Self::Actions => platform.store.actions_page(id, after, rows_max).await,
            Self::Rules => platform.store.rules_page(id, after, rows_max).await,
        }
    }

    async fn all(self, platform: &Platform, id: &PipelineExecutionId) -> Result<Vec<ActionRow>, Fault> {
        match self {
            Self::Actions => platform.store.actions(id).await,
            Self::Rules => platform.store.rules(id).await,
        }
    }
}

/// The one execution that a filter asks for.
fn of_one(filter: &Filter) -> Result<Option<(PipelineExecutionId, StartTimeRange)>, Rejection> {
    match (&filter.pipeline_execution_id, &filter.latest_in_pipeline_execution) {
        (None, None) => Ok(None),
        (Some(id), None) => Ok(Some((id.clone(), StartTimeRange::All))),
        (id, Some(latest)) if id.as_ref().is_none_or(|id| *id == latest.pipeline_execution_id) => {
            Ok(Some((latest.pipeline_execution_id.clone(), latest.start_time_range)))
        }
        _ => Err(Rejection::Validation(
            "The filter names two pipeline executions. Give filter.pipelineExecutionId or              filter.latestInPipelineExecution."
                .to_owned(),
        )),
    }
}

async fn of_execution(
    platform: &Platform,
    kind: Kind,
    execution: ExecutionRow,
    range: StartTimeRange,
    begin: Option<Position>,
    rows_max: usize,
) -> Result<(Found, Option<Position>), Fault> {
    let id = &execution.execution.execution_id;
    let after = begin.and_then(|begin| begin.action);
    let mut page = kind.page(platform, id, after.as_deref(), rows_max).await?;
    if range == StartTimeRange::Latest {
        let latest = latest(&kind.all(platform, id).await?);
        page.rows.retain(|row| latest.contains(&row.execution.id));
    }
    let sequence = execution.execution.sequence;
    let next = page.next.map(|action| Position { execution: sequence, action: Some(action) });
    Ok((page.rows.into_iter().map(|row| (row, execution.clone())).collect(), next))
}

/// The ids of the newest execution of each action or rule. Rows come by stage and start.
fn latest(rows: &[ActionRow]) -> BTreeSet<String> {
    let newest: BTreeMap<_, _> = rows
        .iter()
        .map(|row| ((row.stage_index, row.execution.run_order, &row.execution.name), &row.execution.id))
        .collect();
    newest.into_values().cloned().collect()
}

async fn of_all_executions(
    platform: &Platform,
    kind: Kind,
    head: &PipelineHead,
    begin: Option<Position>,
    rows_max: usize,
) -> Result<(Found, Option<Position>), Fault> {
    let mut found = Found::new();
    let after = begin.as_ref().map(|begin| keys::execution(&head.name, begin.execution + 1).sk);
    let examined = platform.store.executions_page(head, after.as_deref(), EXAMINED_MAX).await?;
    let mut last = None;
    for execution in examined.rows {
        let (id, sequence) = (&execution.execution.execution_id, execution.execution.sequence);
        if found.len() == rows_max {
            return Ok((found, Some(Position { execution: sequence, action: None })));
        }
        let begins_here = begin.as_ref().filter(|begin| begin.execution == sequence);
        let action = begins_here.and_then(|begin| begin.action.as_deref());
        let page = kind.page(platform, id, action, rows_max - found.len()).await?;
        found.extend(page.rows.into_iter().map(|row| (row, execution.clone())));
        if page.next.is_some() {
            return Ok((found, Some(Position { execution: sequence, action: page.next })));
        }
        last = Some(sequence);
    }
    let next = last.filter(|last| examined.next.is_some() && *last > 0);
    Ok((found, next.map(|last| Position { execution: last - 1, action: None })))
}

async fn details(
    platform: &Platform,
    kind: Kind,
    head: &PipelineHead,
    found: &[(ActionRow, ExecutionRow)],
) -> Result<Vec<Value>, Fault> {
    let mut versions: BTreeMap<u32, Option<PipelineVersion>> = BTreeMap::new();
    let numbers: BTreeSet<u32> = found.iter().map(|(_, execution)| execution.execution.version).collect();
    for number in numbers {
        versions.insert(number, platform.store.pipeline_version(&head.name, number).await?);
    }
    let declarations = versions.values().flatten().map(|version| &version.declaration);
    let action_types = made_action_types(platform, &declarations.collect::<Vec<_>>()).await?;
    let links = Links { config: &platform.config, action_types: &action_types };
    let details = found.iter().map(|(row, execution)| {
        let version = versions.get(&execution.execution.version).and_then(Option::as_ref);
        let stage = version.and_then(|version| version.declaration.stages.get(row.stage_index));
        match kind {
            Kind::Actions => action_execution_detail(&links, row, execution, stage),
            Kind::Rules => rule_execution_detail(&platform.config, row, execution, stage),
        }
    });
    Ok(details.collect())
}
