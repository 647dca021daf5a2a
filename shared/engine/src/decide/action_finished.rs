//! An action has ended, and with the last one of a group the group.

use super::group_ended::after_action;
use super::{ActionFinished, ActionOutcome, ActionRecord, Change, Effect, FailureType, Record};
use crate::Rejection;
use crate::execution::{ActionError, ActionExecution, ActionRef, ActionStatus, PipelineState, Timestamp};
use crate::variables::check_output_size;

pub(super) fn decide(
    state: &mut PipelineState,
    event: &ActionFinished,
    now: Timestamp,
) -> Result<Change, Rejection> {
    match too_many_variables(&event.outcome) {
        Some(failed) => finish_and_go_on(state, &event.action, &failed, now),
        None => finish_and_go_on(state, &event.action, &event.outcome, now),
    }
}

/// Ends an action once, with what follows from its end. A workflow that is to be started comes first: nobody waits
/// for the one that ends.
pub(super) fn finish_and_go_on(
    state: &mut PipelineState,
    action: &ActionRef,
    outcome: &ActionOutcome,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let is_in_progress = |action: &ActionExecution| action.status == ActionStatus::InProgress;
    if !state.action(action).is_some_and(is_in_progress) {
        return Ok(Change::default());
    }
    let Change { effects, records, .. } = finish(state, action, outcome, now)?;
    let mut change = Change { records, ..Change::default() };
    after_action(state, action, now, &mut change)?;
    change.effects.extend(effects);
    Ok(change)
}

/// An action whose output variables are over CodePipeline's limit has failed, whatever it did.
fn too_many_variables(outcome: &ActionOutcome) -> Option<ActionOutcome> {
    let ActionOutcome::Succeeded(output) = outcome else { return None };
    let exceeded = check_output_size(&output.variables).err()?;
    Some(ActionOutcome::Failed { failure_type: FailureType::JobFailed, message: exceeded.to_string() })
}

/// Ends an action once, and nothing else; a second or late outcome changes nothing.
pub(super) fn finish(
    state: &mut PipelineState,
    action_ref: &ActionRef,
    outcome: &ActionOutcome,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let pipeline_name = state.key.pipeline_name.clone();
    let Some(action) = state.action_mut(action_ref) else { return Ok(Change::default()) };
    if action.status != ActionStatus::InProgress {
        return Ok(Change::default());
    }
    let mut change = Change::default();
    action.updated_at = now;
    let mut made = None;
    match outcome {
        ActionOutcome::Succeeded(output) => {
            action.status = action.status.next(ActionStatus::Succeeded)?;
            action.external_execution_id =
                output.external_execution_id.clone().or(action.external_execution_id.take());
            action.external_execution_url =
                output.external_execution_url.clone().or(action.external_execution_url.take());
            action.summary = output.summary.clone().or(action.summary.take());
            made = Some(output.clone());
        }
        ActionOutcome::Failed { failure_type, message } => {
            action.status = action.status.next(ActionStatus::Failed)?;
            action.error = Some(ActionError { code: format!("{failure_type:?}"), message: message.clone() });
        }
    }
    let task_token = action.task_token.take();
    // An automatic retry takes the failed action's place in this very decision, but not its row's.
    let row = ActionRecord { output: made, ..ActionRecord::of(&pipeline_name, action_ref, action) };
    change.records.push(Record::Action(Box::new(row)));
    if let Some(task_token) = task_token {
        change.effects.push(Effect::CompleteTask {
            action_execution_id: action.id.clone(),
            task_token,
            outcome: without_output(outcome),
        });
    }
    keep_source_revision(state, action_ref, outcome);
    Ok(change)
}

/// The state machine carries ids only; what an action made is in its row.
fn without_output(outcome: &ActionOutcome) -> ActionOutcome {
    match outcome {
        ActionOutcome::Succeeded(_) => ActionOutcome::Succeeded(Default::default()),
        ActionOutcome::Failed { .. } => outcome.clone(),
    }
}

fn keep_source_revision(state: &mut PipelineState, action: &ActionRef, outcome: &ActionOutcome) {
    let ActionOutcome::Succeeded(output) = outcome else { return };
    let Some(revision) = &output.source_revision else { return };
    if let Some(execution) = state.execution_mut(&action.pipeline_execution_id) {
        execution.source_revisions.retain(|known| known.action_name != revision.action_name);
        execution.source_revisions.push(revision.clone());
    }
}
