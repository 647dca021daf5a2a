//! ListDeployActionExecutionTargets: the machines that a deploy action deploys to, and how it went on each.
//!
//! CodePipeline tells of EC2 actions, which Pipewright does not run. Here those of CodeDeploy have targets; other
//! deploy actions have none.

use engine::Rejection;
use engine::declaration::schema::{Member, Shape, TextRule, optional, required};
use engine::execution::Timestamp;
use platform::outside::{Target, TargetEvent};
use platform::store::{ActionRow, PipelineHead};
use platform::{Fault, Platform, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, NEXT_TOKEN, max_results, parse};
use crate::next_token::List;
use crate::output::{time, without_nulls};
use crate::pipelines::{execution, pipeline};

/// As the model has it; without `maxResults` a page has as many.
const RESULTS_MAX: usize = 100;
/// An action that is no deployment is looked for in so many executions of its pipeline.
const EXAMINED_MAX: usize = 100;

pub(super) static MEMBERS: &[Member] = &[
    optional("pipelineName", NAME),
    required("actionExecutionId", Shape::Text(&ANY)),
    optional("filters", Shape::List { item: &FILTER, minimum: 0, maximum: None }),
    optional("maxResults", max_results(100)),
    optional("nextToken", NEXT_TOKEN),
];
static ANY: TextRule = TextRule { minimum: 0, maximum: None, pattern: None };
static FILTER: Shape = Shape::Structure(&[
    optional("name", Shape::Word(&["TARGET_STATUS"])),
    optional("values", Shape::List { item: &VALUE, minimum: 0, maximum: None }),
]);
static VALUE: Shape = Shape::Text(&TextRule { minimum: 1, maximum: None, pattern: None });

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: Option<String>,
    action_execution_id: String,
    #[serde(default)]
    filters: Vec<Filter>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// The model knows one name, so a filter without one can only be that.
#[derive(Deserialize, Serialize)]
struct Filter {
    #[serde(default)]
    values: Vec<String>,
}

/// An action execution with the declaration that it ran under.
struct Found {
    row: ActionRow,
    category: String,
    provider: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name, action_execution_id: id, filters, max_results, next_token } =
        parse(MEMBERS, &request.input)?;
    let head = match &pipeline_name {
        Some(name) => Some(pipeline(platform, name).await?),
        None => None,
    };
    let list = List::new(platform, request, &json!([id, filters]));
    let after: Option<String> = list.begin(next_token.as_deref()).await?;
    let found = find(platform, head, &id).await?;
    let mut targets = targets(platform, found.ok_or_else(|| not_found(&id))?).await?;
    targets.retain(|target| filters.iter().all(|filter| filter.values.contains(&target.status)));
    targets.retain(|target| after.as_ref().is_none_or(|after| target.id > *after));
    let rows_max = max_results.unwrap_or(RESULTS_MAX);
    let is_more = targets.len() > rows_max;
    targets.truncate(rows_max);
    let next = targets.last().filter(|_| is_more).map(|last| last.id.clone());
    let shown: Vec<_> = targets.iter().map(shown).collect();
    Ok(without_nulls(json!({ "targets": shown, "nextToken": list.token(next).await? })))
}

fn not_found(id: &str) -> Rejection {
    Rejection::ActionExecutionNotFound(format!(
        "There is no execution of a deploy action with the ID '{id}'. Actions of other providers than CodeDeploy are \
         found by pipelineName, in its newest {EXAMINED_MAX} executions."
    ))
}

/// # Errors
/// `Validation` for an action that deploys nothing, `ActionExecutionNotFound` for a deployment that is forgotten.
async fn targets(platform: &Platform, found: Found) -> Result<Vec<Target>, StoreError> {
    let Found { row, category, provider } = found;
    if category != "Deploy" {
        return Err(Rejection::Validation(format!(
            "The action '{}' ({category} {provider}) is not a deploy action.",
            row.execution.name
        ))
        .into());
    }
    // Without an id it is about to be created, or failed before it was.
    let deployment_id = row.execution.external_execution_id.filter(|_| provider == "CodeDeploy");
    let Some(deployment_id) = deployment_id else { return Ok(Vec::new()) };
    let targets = platform.deployment_targets(&deployment_id).await?;
    targets.ok_or_else(|| {
        let message = format!("CodeDeploy does not know the deployment {deployment_id} any more.");
        Rejection::ActionExecutionNotFound(message).into()
    })
}

async fn find(platform: &Platform, head: Option<PipelineHead>, id: &str) -> Result<Option<Found>, Fault> {
    let Some(action) = platform.store.deployment_action(id).await? else {
        return match head {
            Some(head) => look_for(platform, &head, id).await,
            None => Ok(None),
        };
    };
    let head = match head {
        Some(head) => Some(head),
        None => platform.store.pipeline(&action.key.pipeline_name).await?,
    };
    let Some(head) = head.filter(|head| head.name == action.key.pipeline_name) else { return Ok(None) };
    let Some(row) = execution(platform, &head, &action.pipeline_execution_id).await? else { return Ok(None) };
    let actions = platform.store.actions_of_stage(&action.pipeline_execution_id, action.stage_index).await?;
    of_execution(platform, &head, row.execution.version, actions, id).await
}

async fn look_for(platform: &Platform, head: &PipelineHead, id: &str) -> Result<Option<Found>, Fault> {
    for row in platform.store.executions_page(head, None, EXAMINED_MAX).await?.rows {
        let actions = platform.store.actions(&row.execution.execution_id).await?;
        if let Some(found) = of_execution(platform, head, row.execution.version, actions, id).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn of_execution(
    platform: &Platform,
    head: &PipelineHead,
    version: u32,
    actions: Vec<ActionRow>,
    id: &str,
) -> Result<Option<Found>, Fault> {
    let Some(row) = actions.into_iter().find(|row| row.execution.id == id) else { return Ok(None) };
    let version = platform.store.pipeline_version(&head.name, version).await?;
    let stages = version.map(|version| version.declaration.stages).unwrap_or_default();
    let mut declared = stages.get(row.stage_index).into_iter().flat_map(|stage| &stage.actions);
    let declared = declared.find(|declared| declared.name == row.execution.name);
    Ok(declared.map(|declared| Found {
        row,
        category: declared.action_type_id.category.clone(),
        provider: declared.action_type_id.provider.clone(),
    }))
}

/// A target began with its first event; it has ended when nothing of it goes on or is to come.
fn shown(target: &Target) -> Value {
    let goes_on = |event: &&TargetEvent| matches!(event.status.as_str(), "Pending" | "InProgress");
    let started = target.events.iter().filter_map(|event| event.started_at).min();
    let ended = target.events.iter().filter_map(|event| event.ended_at).max();
    let ended = ended.filter(|_| !target.events.iter().any(|event| goes_on(&event)));
    without_nulls(json!({
        "targetId": target.id,
        "targetType": target.target_type,
        "status": target.status,
        "startTime": at(started),
        "endTime": at(ended),
        "events": target.events.iter().map(shown_event).collect::<Vec<_>>(),
    }))
}

fn shown_event(event: &TargetEvent) -> Value {
    without_nulls(json!({
        "name": event.name,
        "status": event.status,
        "startTime": at(event.started_at),
        "endTime": at(event.ended_at),
        "context": event.message.as_ref().map(|message| json!({ "message": message })),
    }))
}

fn at(timestamp: Option<Timestamp>) -> Option<Value> {
    timestamp.map(time)
}
