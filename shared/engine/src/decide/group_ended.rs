//! What follows a group of actions or rules is decided as soon as the last of it has ended, in the same decision.
//! The workflow that asks afterwards finds it decided, but for a group that was ended by the loss of another
//! workflow.

use super::Change;
use super::stage_ended::{end_stage, roll_back};
use super::stage_retry_requested::begin_again;
use super::what_follows::{Next, after_group};
use crate::Rejection;
use crate::declaration::RetryMode;
use crate::execution::{
    ActionRef, ConditionType, Execution, PipelineExecutionId, PipelineState, RetryTrigger, StageRef,
    Timestamp, push_start, start_group,
};

pub(super) fn decide(
    state: &mut PipelineState,
    ended: &StageRef,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let mut change = Change::default();
    let id = &ended.pipeline_execution_id;
    let Some(next) = what_follows(state, ended) else { return Ok(change) };
    if next == Next::Wait {
        let execution = state.execution_mut(id);
        if let Some(stage) = execution.and_then(|execution| execution.stage.as_mut()) {
            stage.workflows.remove(&ended.attempt);
        }
    }
    go_on(state, ended, next, now, &mut change)?;
    Ok(change)
}

/// `action` has just ended; if it was the last of its group, what follows begins now.
pub(super) fn after_action(
    state: &mut PipelineState,
    action: &ActionRef,
    now: Timestamp,
    change: &mut Change,
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
        Some(next) => go_on(state, &group, next, now, change),
        None => Ok(()),
    }
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
    Some(after_group(plan, stage, execution.stop.as_ref()))
}

fn go_on(
    state: &mut PipelineState,
    ended: &StageRef,
    next: Next,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    if next == Next::Wait {
        return Ok(());
    }
    let id = &ended.pipeline_execution_id;
    conclude_condition(state, ended, now);
    match next {
        Next::Wait => Ok(()),
        Next::Group(run_order) => {
            start_group(state, id, run_order, ended.attempt, now);
            Ok(())
        }
        Next::End(stage_status) => end_stage(state, id, stage_status, now, change),
        Next::RollBack => roll_back(state, id, now, change),
        Next::Retry(mode) => retry(state, id, mode, now, change),
    }
}

/// A group of rules: its condition is judged, unless the execution is being stopped, and it counts no more.
fn conclude_condition(state: &mut PipelineState, ended: &StageRef, now: Timestamp) {
    let Some(condition) = ConditionType::of_run_order(ended.run_order) else { return };
    let Some(execution) = state.execution_mut(&ended.pipeline_execution_id) else { return };
    let is_stopped = execution.stop.is_some();
    let stage = execution.stage.as_mut().filter(|_| !is_stopped);
    if let Some(condition) = stage.and_then(|stage| stage.condition_mut(condition)) {
        condition.conclude(now);
    }
}

/// The stage's automatic retry: the workflow that ran it has nothing to go on with, and a new one starts.
fn retry(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    mode: RetryMode,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    let key = state.key.clone();
    let Some(execution) = state.executions.get_mut(id) else { return Ok(()) };
    let plan = state.plans.get(&execution.version).and_then(|plan| plan.stages.get(execution.stage_index));
    let (Some(plan), Some(stage)) = (plan, execution.stage.as_mut()) else { return Ok(()) };
    stage.workflows.clear();
    stage.retries.count(RetryTrigger::AutomatedStageRetry);
    begin_again(stage, plan, (id, execution.stage_index), mode, now);
    execution.updated_at = now;
    push_start(&key, id, execution, plan, &mut change.effects);
    Ok(())
}
