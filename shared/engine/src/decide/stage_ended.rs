//! The end of a stage: its lock is given up, the execution moves on or ends, and whoever waits may enter. A stage
//! that rolls back by itself is entered by its rollback first.

use super::{Change, ExecutionRecord, Left, Record};
use crate::Rejection;
use crate::declaration::ExecutionMode;
use crate::execution::{
    Execution, ExecutionStatus, PipelineExecutionId, PipelineState, RollbackTarget, StageStatus, Timestamp,
    Trigger, arrive, enter, leave, rollback_execution_id, settle,
};

pub(super) fn end_stage(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    stage_status: StageStatus,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    let Some(stage_name) = leave_stage(state, id, stage_status, now, change)? else { return Ok(()) };
    settle(state, &stage_name, now, &mut change.effects);
    Ok(())
}

/// Ends the stage as failed and runs it again with what it last succeeded with under the current version, if it
/// did and if it is not itself a rollback that failed. (user guide, "Considerations for results configured for
/// stage conditions")
pub(super) fn roll_back(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    let Some(execution) = state.executions.get(id) else { return Ok(()) };
    let (stage_index, is_rollback) = (execution.stage_index, execution.rollback_of.is_some());
    let attempt = execution.stage.as_ref().map_or(0, |stage| stage.attempt);
    let Some(stage_name) = leave_stage(state, id, StageStatus::Failed, now, change)? else { return Ok(()) };
    let target = state.stages.get(&stage_name).and_then(|stage| stage.last_succeeded.clone());
    match target.filter(|target| !is_rollback && target.version == state.version) {
        Some(target) => {
            let trigger = Trigger {
                trigger_type: "AutomatedRollback".to_owned(),
                trigger_detail: serde_json::json!({ "FailedPipelineExecutionId": id }).to_string(),
            };
            let rollback = rollback_execution_id(id, stage_index, attempt);
            begin_rollback(state, &stage_name, &rollback, target, trigger, now, change);
        }
        None => {
            if let Some(failed) = state.execution_mut(id) {
                failed.status_summary = Some(
                    "The stage was not rolled back: it has not succeeded before in this version of the pipeline."
                        .to_owned(),
                )
                .filter(|_| !is_rollback);
            }
            settle(state, &stage_name, now, &mut change.effects);
        }
    }
    Ok(())
}

/// A new execution of the stage alone, which nobody is in: it does not wait, and no transition holds it, because
/// it does not come from the stage before.
pub(super) fn begin_rollback(
    state: &mut PipelineState,
    stage_name: &str,
    id: &PipelineExecutionId,
    target: RollbackTarget,
    trigger: Trigger,
    now: Timestamp,
    change: &mut Change,
) {
    let plan = state.plans.get(&target.version);
    let Some(stage_index) = plan.and_then(|plan| plan.stage_index(stage_name)) else { return };
    state.last_sequence += 1;
    let started = Execution::new((target.version, state.mode), state.last_sequence, trigger, now, now);
    let rollback = Execution {
        source_revisions: target.source_revisions,
        rollback_of: Some(target.execution_id),
        stage_index,
        ..started
    };
    let record = ExecutionRecord {
        variables: Some(Vec::new()),
        source_revision_overrides: Some(Vec::new()),
        ..ExecutionRecord::of(&state.key.pipeline_name, id, &rollback)
    };
    change.records.push(Record::Execution(Box::new(record)));
    state.executions.insert(id.clone(), rollback);
    enter(state, stage_name, id, now, &mut change.effects);
}

/// The stage's name; `None` for an execution that is in none.
fn leave_stage(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    stage_status: StageStatus,
    now: Timestamp,
    change: &mut Change,
) -> Result<Option<String>, Rejection> {
    let Some(stage_name) = state.stage_name_of(id) else { return Ok(None) };
    let Some(execution) = state.executions.get_mut(id) else { return Ok(None) };
    let stages = state.plans.get(&execution.version).map_or(0, |plan| plan.stages.len());
    let is_last = execution.stage_index + 1 >= stages || execution.rollback_of.is_some();
    if let Some(stage) = execution.stage.as_mut() {
        stage.close_conditions(stage_status, now);
        stage.ended = Some(stage_status);
        stage.workflows.clear();
    }
    execution.updated_at = now;
    let goes_on = matches!(stage_status, StageStatus::Succeeded | StageStatus::Skipped);
    match stage_status {
        StageStatus::Succeeded | StageStatus::Skipped if is_last => {
            execution.set_status(ExecutionStatus::Succeeded)?;
        }
        StageStatus::Succeeded | StageStatus::Skipped | StageStatus::InProgress | StageStatus::Stopping => {}
        StageStatus::Failed => execution.set_status(ExecutionStatus::Failed)?,
        StageStatus::Stopped => execution.set_status(ExecutionStatus::Stopped)?,
        StageStatus::Cancelled => execution.set_status(ExecutionStatus::Cancelled)?,
    }
    let left = execution.clone();
    keep_last_succeeded(state, id, &stage_name, stage_status);
    leave(state, &stage_name, id);
    if matches!(stage_status, StageStatus::Failed | StageStatus::Stopped) {
        state.stages.entry(stage_name.clone()).or_default().retryable = Some(id.clone());
    }
    if goes_on && !is_last {
        change.left.push(Left { execution_id: id.clone(), execution: left });
        move_on(state, id, now, change);
    }
    Ok(Some(stage_name))
}

/// Of a stage that may be rolled back by itself. A rollback is nothing to roll back to, but what it has repeated is:
/// somebody went back to that, and not to what came in between.
fn keep_last_succeeded(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    stage_name: &str,
    stage_status: StageStatus,
) {
    let Some(execution) = state.executions.get(id) else { return };
    let plan = state.plan_of(execution).and_then(|plan| plan.stages.get(execution.stage_index));
    let is_kept = stage_status == StageStatus::Succeeded
        && execution.mode != ExecutionMode::Parallel
        && execution.version == state.version
        && plan.is_some_and(|plan| plan.conditions.roll_back());
    if is_kept {
        let target = RollbackTarget {
            execution_id: execution.rollback_of.as_ref().unwrap_or(id).clone(),
            version: execution.version,
            source_revisions: execution.source_revisions.clone(),
        };
        state.stages.entry(stage_name.to_owned()).or_default().last_succeeded = Some(target);
    }
}

fn move_on(state: &mut PipelineState, id: &PipelineExecutionId, now: Timestamp, change: &mut Change) {
    if let Some(execution) = state.executions.get_mut(id) {
        execution.stage_index += 1;
        execution.stage = None;
    }
    arrive(state, id, now, &mut change.effects);
}
