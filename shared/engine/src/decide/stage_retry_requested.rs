//! RetryStageExecution: the same execution runs the stage's failed actions, or all of them, again.
//!
//! CodePipeline allows it as soon as one action has failed; what still runs goes on (API reference,
//! RetryStageExecution). Not after an edit, nor once another execution entered the stage.

use super::{Change, RetryMode, StageRetryRequested};
use crate::Rejection;
use crate::execution::{
    ActionStatus, Execution, ExecutionStatus, PipelineState, StageExecution, StagePlan, Stop, Timestamp,
    begin_action, next_run_order, push_start,
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
    begin_again(stage, plan, event, execution.stage_index, now);
    push_start(&key, id, execution, plan, &mut change.effects);
    Ok(change)
}

fn begin_again(
    stage: &mut StageExecution,
    plan: &StagePlan,
    event: &StageRetryRequested,
    stage_index: usize,
    now: Timestamp,
) {
    stage.attempt += 1;
    stage.group_attempt = stage.attempt;
    stage.ended = None;
    if event.retry_mode == RetryMode::AllActions {
        stage.run_order = next_run_order(plan, None).unwrap_or(stage.run_order);
    }
    stage.workflows.insert(stage.attempt, stage.run_order);
    let has_to_run = |name: &str| match event.retry_mode {
        RetryMode::AllActions => true,
        RetryMode::FailedActions => {
            stage.actions.iter().any(|action| action.name == name && did_not_succeed(action.status))
        }
    };
    let group = plan.actions.iter().filter(|action| action.run_order == stage.run_order);
    let names: Vec<_> = group.map(|action| action.name.clone()).filter(|name| has_to_run(name)).collect();
    if event.retry_mode == RetryMode::AllActions {
        stage.actions.clear();
    }
    for name in names {
        begin_action(stage, &event.execution_id, stage_index, &name, now);
    }
}

fn did_not_succeed(status: ActionStatus) -> bool {
    matches!(status, ActionStatus::Failed | ActionStatus::Abandoned)
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
    if matches!(execution.stop, Some(Stop::Edited)) {
        return Some("the pipeline was updated since. Start a new execution.");
    }
    // A stage may also fail because its state machine died, when all its actions have succeeded.
    if !stage.has_failed_action() && !execution.status.is_ended() {
        return Some("it contains no failed actions.");
    }
    match mode {
        RetryMode::FailedActions if !stage.has_failed_action() => {
            Some("it contains no failed actions; retry all.")
        }
        RetryMode::AllActions if in_progress => {
            Some("actions are still in progress; wait for them, or retry the failed ones.")
        }
        RetryMode::FailedActions | RetryMode::AllActions => None,
    }
}
