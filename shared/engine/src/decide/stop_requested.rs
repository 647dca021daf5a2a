//! StopPipelineExecution: wait for the running actions and start no other, or abandon them.

use super::stage_ended::end_stage;
use super::{Change, Effect, StopRequested};
use crate::Rejection;
use crate::execution::{
    ActionStatus, ExecutionStatus, PipelineExecutionId, PipelineState, StageStatus, Stop, Timestamp, leave,
    settle, workflow_name,
};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &StopRequested,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let id = &event.execution_id;
    let not_stoppable = |status: &str| {
        Rejection::PipelineExecutionNotStoppable(format!(
            "Unable to stop the pipeline execution {id}: it is {status}. Only an execution in progress can be stopped."
        ))
    };
    let Some(execution) = state.executions.get_mut(id) else {
        return Err(not_stoppable("not in progress"));
    };
    if execution.status.is_ended() {
        return Err(not_stoppable(execution.status.as_str()));
    }
    if execution.status == ExecutionStatus::Stopping && !event.abandon {
        return Err(Rejection::DuplicatedStopRequest(format!(
            "The pipeline execution {id} is already stopping. Abandon it if its actions shall not be waited for."
        )));
    }
    execution.stop = Some(Stop::Requested { reason: event.reason.clone() });
    execution.status_summary = (!event.reason.is_empty()).then(|| event.reason.clone());
    execution.updated_at = now;
    let mut change = Change::default();
    match (&execution.stage, event.abandon) {
        (None, _) => stop_waiting(state, id, now, &mut change.effects)?,
        (Some(_), true) => abandon(state, id, now, &mut change)?,
        (Some(_), false) if execution.status == ExecutionStatus::InProgress => {
            execution.set_status(ExecutionStatus::Stopping)?;
        }
        (Some(_), false) => {}
    }
    Ok(change)
}

/// An execution that waits for a stage runs nothing: it is stopped at once, and cannot be retried.
fn stop_waiting(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<(), Rejection> {
    if let Some(execution) = state.execution_mut(id) {
        execution.set_status(ExecutionStatus::Stopped)?;
    }
    if let Some(stage_name) = state.stage_name_of(id) {
        leave(state, &stage_name, id);
        // It may have been held by a transition that does not hold the next in the queue: after an edit,
        // not all come from the same stage.
        settle(state, &stage_name, now, effects);
    }
    Ok(())
}

/// The stage ends now; what runs outside is not waited for, and not cancelled either, as in CodePipeline.
fn abandon(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    let Some(execution) = state.executions.get_mut(id) else { return Ok(()) };
    let stage_index = execution.stage_index;
    let Some(stage) = execution.stage.as_mut() else { return Ok(()) };
    for action in stage.executions_mut().filter(|action| action.status == ActionStatus::InProgress) {
        action.status = action.status.next(ActionStatus::Abandoned)?;
        action.task_token = None;
        action.updated_at = now;
    }
    change.effects.extend(stage.workflows.keys().map(|attempt| Effect::StopStateMachine {
        name: workflow_name(id, stage_index, *attempt),
        cause: "The pipeline execution was abandoned.".to_owned(),
    }));
    end_stage(state, id, StageStatus::Stopped, now, change)
}
