//! What follows a group of actions: the next group, the end of the stage, or nothing, because other actions of
//! the same group still run.
//!
//! It follows as soon as the last action has ended, in the same decision. The workflow that asks afterwards finds
//! it decided, but for a group that was ended by the loss of another workflow.

use super::{Change, Effect};
use crate::Rejection;
use crate::execution::{
    ActionRef, EndedGroup, Execution, ExecutionStatus, PipelineExecutionId, PipelineState, StageRef,
    StageStatus, Stop, Timestamp, arrive, leave, next_run_order, settle, start_group,
};

pub(super) fn decide(
    state: &mut PipelineState,
    ended: &StageRef,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let mut change = Change::default();
    let id = &ended.pipeline_execution_id;
    let Some(next) = what_follows(state, ended) else { return Ok(change) };
    match next {
        Next::Wait => {
            let execution = state.execution_mut(id);
            if let Some(stage) = execution.and_then(|execution| execution.stage.as_mut()) {
                stage.workflows.remove(&ended.attempt);
            }
        }
        next => go_on(state, ended, next, now, &mut change.effects)?,
    }
    Ok(change)
}

/// `action` has just ended; if it was the last of its group, what follows begins now.
pub(super) fn after_action(
    state: &mut PipelineState,
    action: &ActionRef,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<(), Rejection> {
    let Some(execution) = state.action(action) else { return Ok(()) };
    let group = StageRef {
        key: state.key.clone(),
        pipeline_execution_id: action.pipeline_execution_id.clone(),
        stage_index: action.stage_index,
        attempt: execution.workflow_attempt,
        run_order: execution.run_order,
    };
    match what_follows(state, &group) {
        Some(next) => go_on(state, &group, next, now, effects),
        None => Ok(()),
    }
}

fn go_on(
    state: &mut PipelineState,
    ended: &StageRef,
    next: Next,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<(), Rejection> {
    let id = &ended.pipeline_execution_id;
    match next {
        Next::Wait => Ok(()),
        Next::Group => {
            let done = EndedGroup { run_order: ended.run_order, workflow_attempt: ended.attempt };
            start_group(state, id, Some(done), now, effects);
            Ok(())
        }
        Next::End(stage_status) => end_stage(state, id, stage_status, now, effects),
    }
}

enum Next {
    /// For another workflow, which runs other actions of the same group, or an earlier group again.
    Wait,
    Group,
    End(StageStatus),
}

/// `None` for a question that is late, or was answered before.
fn what_follows(state: &PipelineState, ended: &StageRef) -> Option<Next> {
    let execution: &Execution = state.executions.get(&ended.pipeline_execution_id)?;
    let stage = execution.stage.as_ref().filter(|stage| {
        execution.stage_index == ended.stage_index
            && stage.ended.is_none()
            && stage.workflows.get(&ended.attempt) == Some(&ended.run_order)
    })?;
    if stage.run_order != ended.run_order || stage.in_progress().next().is_some() {
        return Some(Next::Wait);
    }
    let plan = state.plan_of(execution)?.stages.get(execution.stage_index)?;
    Some(match execution.stop {
        Some(Stop::Requested { .. }) => Next::End(StageStatus::Stopped),
        Some(Stop::Edited) => Next::End(StageStatus::Cancelled),
        None if stage.has_failed_action() => Next::End(StageStatus::Failed),
        None if next_run_order(plan, Some(stage.run_order)).is_some() => Next::Group,
        None => Next::End(StageStatus::Succeeded),
    })
}

/// Ends the stage that `id` is in, gives its lock up, and moves on: the execution to the next stage or
/// to its end, whoever waits into this one.
pub(super) fn end_stage(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    stage_status: StageStatus,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<(), Rejection> {
    let Some(stage_name) = state.stage_name_of(id) else { return Ok(()) };
    let Some(execution) = state.executions.get_mut(id) else { return Ok(()) };
    let stages = state.plans.get(&execution.version).map_or(0, |plan| plan.stages.len());
    let is_last = execution.stage_index + 1 >= stages;
    if let Some(stage) = execution.stage.as_mut() {
        stage.ended = Some(stage_status);
        stage.workflows.clear();
    }
    execution.updated_at = now;
    match stage_status {
        StageStatus::Succeeded if is_last => execution.set_status(ExecutionStatus::Succeeded)?,
        StageStatus::Succeeded | StageStatus::InProgress | StageStatus::Stopping => {}
        StageStatus::Failed => execution.set_status(ExecutionStatus::Failed)?,
        StageStatus::Stopped => execution.set_status(ExecutionStatus::Stopped)?,
        StageStatus::Cancelled => execution.set_status(ExecutionStatus::Cancelled)?,
    }
    let moves_on = stage_status == StageStatus::Succeeded && !is_last;
    leave(state, &stage_name, id);
    if matches!(stage_status, StageStatus::Failed | StageStatus::Stopped) {
        state.stages.entry(stage_name.clone()).or_default().retryable = Some(id.clone());
    }
    if moves_on {
        move_on(state, id, now, effects);
    }
    settle(state, &stage_name, now, effects);
    Ok(())
}

fn move_on(state: &mut PipelineState, id: &PipelineExecutionId, now: Timestamp, effects: &mut Vec<Effect>) {
    if let Some(execution) = state.executions.get_mut(id) {
        execution.stage_index += 1;
        execution.stage = None;
    }
    arrive(state, id, now, effects);
}
