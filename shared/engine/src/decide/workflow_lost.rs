//! A stage's state machine has died: somebody aborted it, it ran out of history, or every retry of its
//! question failed. Nobody will ask what follows any more, so the stage ends here, as failed.

use super::action_finished::finish;
use super::stage_ended::end_stage;
use super::{ActionOutcome, Change, FailureType, WorkflowLost};
use crate::Rejection;
use crate::execution::{
    ActionRef, ConditionType, PipelineState, StageExecution, StageStatus, Stop, Timestamp,
};

/// A workflow that has nothing to run any more (it was answered for the last time, or abandoned) may die:
/// nothing changes.
pub(super) fn decide(
    state: &mut PipelineState,
    event: &WorkflowLost,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let mut change = Change::default();
    let id = &event.execution_id;
    let key = state.key.clone();
    let Some(stage) = stage_of(state, event) else { return Ok(change) };
    if stage.workflows.remove(&event.attempt).is_none() {
        return Ok(change);
    }
    let orphans: Vec<_> = stage
        .in_progress()
        .filter(|action| action.workflow_attempt == event.attempt)
        .map(|action| ActionRef {
            key: key.clone(),
            pipeline_execution_id: id.clone(),
            stage_index: event.stage_index,
            action_name: action.name.clone(),
            action_execution_id: action.id.clone(),
            condition: ConditionType::of_run_order(action.run_order),
        })
        .collect();
    let message = format!("The stage's state machine ended: {}", event.error);
    for action in orphans {
        // No task waits for it any more.
        if let Some(action) = state.action_mut(&action) {
            action.task_token = None;
        }
        let outcome =
            ActionOutcome::Failed { failure_type: FailureType::SystemUnavailable, message: message.clone() };
        let finished = finish(state, &action, &outcome, now)?;
        change.effects.extend(finished.effects);
        change.records.extend(finished.records);
    }
    let is_last = stage_of(state, event).is_some_and(|stage| stage.workflows.is_empty());
    if let Some(execution) = state.execution_mut(id).filter(|_| is_last) {
        let stage_status = match execution.stop {
            Some(Stop::Requested { .. }) => StageStatus::Stopped,
            Some(Stop::Edited) => StageStatus::Cancelled,
            None => StageStatus::Failed,
        };
        execution.status_summary.get_or_insert(message);
        end_stage(state, id, stage_status, now, &mut change)?;
    }
    Ok(change)
}

/// The stage that the workflow belongs to, if the execution is still in it.
fn stage_of<'a>(state: &'a mut PipelineState, event: &WorkflowLost) -> Option<&'a mut StageExecution> {
    let execution = state.execution_mut(&event.execution_id)?;
    let is_there = execution.stage_index == event.stage_index;
    execution.stage.as_mut().filter(|stage| is_there && stage.ended.is_none())
}
