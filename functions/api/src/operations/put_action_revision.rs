//! PutActionRevision: somebody who watches a source tells of a new revision of it, which starts the pipeline.
//!
//! The execution takes this revision in the place of the newest, so it is one that can be chosen: a commit, or the
//! version of an object. A change that was told before starts nothing, and neither does the revision that the newest
//! execution has taken.

use engine::Rejection;
use engine::declaration::schema::{Member, Shape, TextRule, required, text};
use engine::declaration::{ActionDeclaration, PipelineDeclaration};
use engine::execution::{SourceRevisionOverride, Trigger, source_revision_type};
use platform::start::Start;
use platform::store::{ExecutionRow, PipelineHead};
use platform::{Fault, Platform, StoreError, artifacts};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};
use crate::pipelines::pipeline;

pub(super) static MEMBERS: &[Member] = &[
    required("pipelineName", NAME),
    required("stageName", NAME),
    required("actionName", NAME),
    required(
        "actionRevision",
        Shape::Structure(&[
            required("revisionId", Shape::Text(&REVISION)),
            required("revisionChangeId", Shape::Text(&CHANGE)),
            required("created", Shape::Any),
        ]),
    ),
];
static REVISION: TextRule = text(1, 1500);
static CHANGE: TextRule = text(1, 100);

/// So many executions are looked at for whether they had the revision.
const EXAMINED_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: String,
    stage_name: String,
    action_name: String,
    action_revision: ActionRevision,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionRevision {
    revision_id: String,
    revision_change_id: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { pipeline_name, stage_name, action_name, action_revision } = parse(MEMBERS, &request.input)?;
    let ActionRevision { revision_id, revision_change_id } = action_revision;
    let head = pipeline(platform, &pipeline_name).await?;
    let version = platform.store.pipeline_version(&pipeline_name, head.version).await?;
    let version =
        version.ok_or_else(|| Fault::corrupt("a pipeline's current version is not in the store"))?;
    let action = source_action(&version.declaration, &stage_name, &action_name)?;
    let revision = revision_of(action, revision_id)?;
    let recent = recent(platform, &head).await?;
    let has_revision = |row: &&ExecutionRow| has_taken(row, &revision);
    if let Some(newest) = recent.first().filter(has_revision) {
        return Ok(answer(false, &newest.execution.execution_id.0));
    }
    let is_new = !recent.iter().any(|row| has_taken(row, &revision));
    let start = Start {
        client_request_token: Some(token(&stage_name, &revision, &revision_change_id)),
        pipeline_name,
        variables: Vec::new(),
        source_revisions: vec![revision],
        trigger: Trigger {
            trigger_type: "PutActionRevision".to_owned(),
            trigger_detail: request.caller.clone(),
        },
    };
    let id = platform.start_pipeline_execution(&start).await?;
    Ok(answer(is_new, &id.0))
}

/// One change starts one execution. No caller's own token has a blank.
fn token(stage_name: &str, revision: &SourceRevisionOverride, change_id: &str) -> String {
    let change = json!([stage_name, revision, change_id]).to_string();
    format!("PutActionRevision {}", artifacts::sha256(change.as_bytes()))
}

fn answer(is_new: bool, execution_id: &str) -> Value {
    json!({ "newRevision": is_new, "pipelineExecutionId": execution_id })
}

/// # Errors
/// `StageNotFound`, `ActionNotFound`
fn source_action<'a>(
    declaration: &'a PipelineDeclaration,
    stage_name: &str,
    action_name: &str,
) -> Result<&'a ActionDeclaration, Rejection> {
    let name = &declaration.name;
    let stage = declaration.stages.iter().find(|stage| stage.name == stage_name);
    let stage = stage.ok_or_else(|| {
        Rejection::StageNotFound(format!("The pipeline '{name}' has no stage '{stage_name}'."))
    })?;
    let action = stage.actions.iter().find(|action| action.name == action_name);
    action.ok_or_else(|| {
        Rejection::ActionNotFound(format!("The stage '{stage_name}' has no action '{action_name}'."))
    })
}

/// # Errors
/// `Validation` for an action whose revision nobody chooses.
fn revision_of(action: &ActionDeclaration, revision_id: String) -> Result<SourceRevisionOverride, Rejection> {
    let revision_type = source_revision_type(action).filter(|_| action.is_source()).ok_or_else(|| {
        let id = &action.action_type_id;
        Rejection::Validation(format!(
            "The action '{}' ({} {}) takes no revision: name a source action of CodeStarSourceConnection, CodeCommit or \
             S3.",
            action.name, id.category, id.provider
        ))
    })?;
    let action_name = action.name.clone();
    Ok(SourceRevisionOverride { action_name, revision_type, revision_value: revision_id })
}

/// The newest executions, the newest first.
async fn recent(platform: &Platform, head: &PipelineHead) -> Result<Vec<ExecutionRow>, Fault> {
    Ok(platform.store.executions_page(head, None, EXAMINED_MAX).await?.rows)
}

/// Whether an execution has taken the revision, or is going to.
fn has_taken(row: &ExecutionRow, revision: &SourceRevisionOverride) -> bool {
    let mut taken = row.execution.source_revisions.iter();
    row.source_revision_overrides.contains(revision)
        || taken.any(|taken| {
            taken.action_name == revision.action_name
                && taken.revision_id.as_deref() == Some(revision.revision_value.as_str())
        })
}
