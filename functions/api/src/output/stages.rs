//! `StageState`, with the `ActionState` of each action.

use engine::decide::StageRecord;
use engine::declaration::{ActionDeclaration, StageDeclaration};
use engine::execution::{ActionStatus, ConditionType, PipelineState, Retries, RetryTrigger, SourceRevision};
use platform::store::{ActionRow, ExecutionRow};
use serde_json::{Value, json};

use super::conditions::stage_condition_state;
use super::executions::execution_type;
use super::links::Links;
use super::{time, without_nulls};

/// What is known of a stage.
pub(crate) struct StageView<'a> {
    pub declared: &'a StageDeclaration,
    /// The execution that was in it last.
    pub passage: Option<(&'a ExecutionRow, &'a StageRecord)>,
    /// Of that execution in this stage, by start.
    pub actions: &'a [ActionRow],
}

pub(crate) fn stage_state(links: &Links<'_>, state: &PipelineState, view: &StageView<'_>) -> Value {
    let name = &view.declared.name;
    let waiting = state.stages.get(name).map(|stage| stage.waiting.as_slice()).unwrap_or_default();
    let inbound: Vec<Value> =
        waiting.iter().map(|id| stage_execution(&id.0, &json!("InProgress"), "STANDARD")).collect();
    let actions = view.declared.actions.iter().map(|action| action_state(links, view, action));
    let latest = view.passage.map(|(execution, stage)| {
        stage_execution(&stage.execution_id.0, &json!(stage.status), execution_type(&execution.execution))
    });
    let condition = |condition| {
        let conditions = view.passage.map(|(_, stage)| stage.conditions.as_slice()).unwrap_or_default();
        stage_condition_state(conditions, condition)
    };
    without_nulls(json!({
        "stageName": name,
        // Who enters next.
        "inboundExecution": inbound.first(),
        "inboundExecutions": (!inbound.is_empty()).then_some(&inbound),
        "inboundTransitionState": transition(state, name),
        "actionStates": actions.collect::<Vec<_>>(),
        "latestExecution": latest,
        "beforeEntryConditionState": condition(ConditionType::BeforeEntry),
        "onSuccessConditionState": condition(ConditionType::OnSuccess),
        "onFailureConditionState": condition(ConditionType::OnFailure),
        "retryStageMetadata": view.passage.and_then(|(_, stage)| retries(stage)),
    }))
}

fn stage_execution(id: &str, status: &Value, execution_type: &str) -> Value {
    json!({ "pipelineExecutionId": id, "status": status, "type": execution_type })
}

/// One that nobody has ever changed says nothing more than that it is enabled.
fn transition(state: &PipelineState, stage_name: &str) -> Value {
    let transitions = &state.transitions;
    match (transitions.inbound.get(stage_name), transitions.enabled_inbound.get(stage_name)) {
        (Some(disabled), _) => json!({
            "enabled": false,
            "lastChangedBy": disabled.changed_by,
            "lastChangedAt": time(disabled.changed_at),
            "disabledReason": disabled.reason,
        }),
        (None, Some(enabled)) => json!({
            "enabled": true,
            "lastChangedBy": enabled.changed_by,
            "lastChangedAt": time(enabled.changed_at),
        }),
        (None, None) => json!({ "enabled": true }),
    }
}

/// The model has no room for none.
fn retries(stage: &StageRecord) -> Option<Value> {
    let Retries { automatic, manual, latest } = stage.retries;
    // Rows of versions that knew no conditions have the attempt alone, and only people retried.
    let is_old = latest.is_none() && stage.conditions.is_empty();
    let manual = if is_old { stage.attempt.saturating_sub(1) } else { manual };
    let latest = latest.or((manual > 0).then_some(RetryTrigger::ManualStageRetry))?;
    Some(without_nulls(json!({
        "autoStageRetryAttempt": (automatic > 0).then_some(automatic),
        "manualStageRetryAttempt": (manual > 0).then_some(manual),
        "latestRetryTrigger": latest,
    })))
}

fn action_state(links: &Links<'_>, view: &StageView<'_>, declared: &ActionDeclaration) -> Value {
    let row = view.actions.iter().rev().find(|row| row.execution.name == declared.name);
    let execution = view.passage.map(|(execution, _)| &execution.execution);
    let revisions = execution.map(|execution| execution.source_revisions.as_slice()).unwrap_or_default();
    let revision =
        revisions.iter().find(|revision| declared.is_source() && revision.action_name == declared.name);
    without_nulls(json!({
        "actionName": declared.name,
        "currentRevision": row.and_then(|row| current_revision(revision, row)),
        "latestExecution": row.map(|row| action_execution(links, row, declared)),
        "entityUrl": links.entity_url(declared, row),
        "revisionUrl": match revision {
            Some(revision) => revision.revision_url.clone(),
            None => row.and_then(|row| links.revision_url(declared, row)),
        },
    }))
}

/// With all three members, which the service model requires. What set the stage to a source's revision is the execution
/// of its action; of other actions, their workers tell.
fn current_revision(revision: Option<&SourceRevision>, row: &ActionRow) -> Option<Value> {
    let Some(revision) = revision else {
        let told = row.output.as_ref()?.current_revision.as_ref()?;
        let (id, change) = (&told.revision_id, &told.revision_change_id);
        return Some(
            json!({ "revisionId": id, "revisionChangeId": change, "created": time(told.created_at) }),
        );
    };
    let revision_id = revision.revision_id.as_ref()?;
    let (change, created) = (&row.execution.id, time(row.execution.updated_at));
    Some(json!({ "revisionId": revision_id, "revisionChangeId": change, "created": created }))
}

fn action_execution(links: &Links<'_>, row: &ActionRow, declared: &ActionDeclaration) -> Value {
    let action = &row.execution;
    let is_in_progress = action.status == ActionStatus::InProgress;
    // What an action tells while it goes on does not change its status.
    let changed_at = if is_in_progress { action.started_at } else { action.updated_at };
    without_nulls(json!({
        "actionExecutionId": action.id,
        "status": action.status,
        "summary": action.summary,
        "percentComplete": action.percent_complete,
        "lastStatusChange": time(changed_at),
        "token": action.approval_token.as_ref().filter(|_| is_in_progress),
        "lastUpdatedBy": action.updated_by,
        "externalExecutionId": action.external_execution_id,
        "externalExecutionUrl": links.execution_url(Some(declared), row),
        "errorDetails": action.error.as_ref().map(|e| json!({ "code": e.code, "message": e.message })),
        "logStreamARN": links.log_stream_arn(declared, row),
    }))
}
