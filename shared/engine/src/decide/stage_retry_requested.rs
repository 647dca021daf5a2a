//! RetryStageExecution: the same execution runs the stage's failed actions, or all of them, again.
//!
//! CodePipeline allows it as soon as one action has failed; what still runs goes on (API reference,
//! RetryStageExecution). Not after an edit, nor once another execution entered the stage.

use super::{Change, RetryMode, StageRetryRequested};
use crate::Rejection;
use crate::execution::{
    Execution, ExecutionStatus, PipelineExecutionId, PipelineState, RetryTrigger, StageExecution, StagePlan,
    Stop, Timestamp, begin_action, begin_group, first_run_order, next_run_order, push_start,
};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &StageRetryRequested,
    now: Timestamp,
) -> Result<Change, Rejection> {
    check(state, event)?;
    let id = &event.execution_id;
    let key = state.key.clone();
    let stage_state = state.stages.entry(event.stage_name.clone()).or_default();
    stage_state.occupant = Some(id.clone());
    stage_state.retryable = None;

    let mut change = Change::default();
    let Some(execution) = state.executions.get_mut(id) else { return Ok(change) };
    if execution.status.is_ended() {
        execution.set_status(ExecutionStatus::InProgress)?;
    }
    execution.stop = None;
    execution.status_summary = None;
    execution.updated_at = now;
    let plan = state.plans.get(&execution.version).and_then(|plan| plan.stages.get(execution.stage_index));
    let (Some(plan), Some(stage)) = (plan, execution.stage.as_mut()) else { return Ok(change) };
    stage.retries.count(RetryTrigger::ManualStageRetry);
    begin_again(stage, plan, (id, execution.stage_index), event.retry_mode, now);
    push_start(&key, id, execution, plan, &mut change.effects);
    Ok(change)
}

/// A new attempt. A stage that was not let in by its entry condition is checked again.
pub(super) fn begin_again(
    stage: &mut StageExecution,
    plan: &StagePlan,
    (id, stage_index): (&PipelineExecutionId, usize),
    retry_mode: RetryMode,
    now: Timestamp,
) {
    stage.attempt += 1;
    stage.group_attempt = stage.attempt;
    stage.ended = None;
    let failed = stage.failed_actions().map(|action| action.run_order).max();
    let run_order = match retry_mode {
        _ if stage.actions.is_empty() => first_run_order(plan),
        RetryMode::AllActions => next_run_order(plan, None),
        RetryMode::FailedActions => failed,
    };
    let run_order = run_order.unwrap_or(stage.run_order);
    if retry_mode == RetryMode::AllActions || stage.actions.is_empty() {
        stage.actions.clear();
        return begin_group(stage, plan, (id, stage_index), run_order, now);
    }
    stage.run_order = run_order;
    stage.workflows.insert(stage.attempt, run_order);
    let failed: Vec<_> = stage.failed_actions().map(|action| action.name.clone()).collect();
    for action in plan.group(run_order).filter(|action| failed.contains(&action.name)) {
        begin_action(stage, id, stage_index, &action.name, now);
    }
}

fn check(state: &PipelineState, event: &StageRetryRequested) -> Result<(), Rejection> {
    let id = &event.execution_id;
    let is_a_stage = state.plans.values().any(|plan| plan.stage_index(&event.stage_name).is_some());
    if !is_a_stage {
        return Err(Rejection::StageNotFound(format!("The stage '{}' does not exist.", event.stage_name)));
    }
    let Some(execution) = state.executions.get(id) else {
        return Err(Rejection::NotLatestPipelineExecution(format!(
            "The pipeline execution {id} is not the latest in the stage '{}', or has ended for good. Only the \
             latest execution of a stage can be retried.",
            event.stage_name
        )));
    };
    let not_retryable = |why: &str| {
        Err(Rejection::StageNotRetryable(format!(
            "Unable to retry the stage '{}' of the pipeline execution {id}: {why}",
            event.stage_name
        )))
    };
    if state.stage_name_of(id).as_ref() != Some(&event.stage_name) {
        return not_retryable("the execution did not fail in this stage.");
    }
    let occupant = state.stages.get(&event.stage_name).and_then(|stage| stage.occupant.as_ref());
    if occupant.is_some_and(|occupant| occupant != id) {
        return Err(Rejection::NotLatestPipelineExecution(format!(
            "Another pipeline execution has entered the stage '{}' since.",
            event.stage_name
        )));
    }
    if execution.version != state.version {
        return not_retryable("the pipeline was updated since. Start a new execution.");
    }
    match why_not(execution, event.retry_mode) {
        Some(why) => not_retryable(why),
        None => Ok(()),
    }
}

fn why_not(execution: &Execution, mode: RetryMode) -> Option<&'static str> {
    let Some(stage) = &execution.stage else { return Some("the execution has not entered it.") };
    let in_progress = stage.in_progress().next().is_some();
    match execution.status {
        ExecutionStatus::Failed | ExecutionStatus::Stopped => {}
        ExecutionStatus::InProgress => {}
        ExecutionStatus::Stopping => return Some("the execution is stopping."),
        ExecutionStatus::Succeeded | ExecutionStatus::Superseded | ExecutionStatus::Cancelled => {
            return Some("the execution has ended for good.");
        }
    }
    if stage.condition_in_progress().is_some() {
        return Some("its conditions are being checked.");
    }
    if matches!(execution.stop, Some(Stop::Edited)) {
        return Some("the pipeline was updated since. Start a new execution.");
    }
    // A stage may also fail because its state machine died, when all its actions have succeeded.
    if !stage.has_failed_action() && !execution.status.is_ended() {
        return Some("it contains no failed actions.");
    }
    match mode {
        RetryMode::FailedActions if !stage.has_failed_action() && !stage.actions.is_empty() => {
            Some("it contains no failed actions; retry all.")
        }
        RetryMode::AllActions if in_progress => {
            Some("actions are still in progress; wait for them, or retry the failed ones.")
        }
        RetryMode::FailedActions | RetryMode::AllActions => None,
    }
}
