//! UpdatePipeline: new executions start under the new version. What runs goes on under its own, unless
//! the pipeline asks for CodePipeline's way, which cancels it.

use super::{Change, DeclarationUpdated, OnUpdate};
use crate::Rejection;
use crate::execution::{
    ExecutionStatus, PipelineExecutionId, PipelineState, StageExecution, StageStatus, Stop, Timestamp, leave,
};

use super::stage_ended::end_stage;

pub(super) fn decide(
    state: &mut PipelineState,
    event: &DeclarationUpdated,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let mut change = Change::default();
    if event.version <= state.version {
        return Ok(change);
    }
    state.version = event.version;
    state.mode = event.mode;
    state.plans.insert(event.version, event.plan.clone());
    if event.on_update == OnUpdate::Cancel {
        let live = state.executions.iter().filter(|(_, execution)| !execution.status.is_ended());
        let (waiting, inside): (Vec<_>, Vec<_>) = live.partition(|(_, execution)| execution.stage.is_none());
        // Whoever waits goes first: a lock that is given up must not let it in.
        let ids: Vec<_> = waiting.into_iter().chain(inside).map(|(id, _)| id.clone()).collect();
        for id in ids {
            cancel(state, &id, now, &mut change)?;
        }
    }
    Ok(change)
}

fn cancel(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    let stage_name = state.stage_name_of(id);
    let Some(execution) = state.executions.get_mut(id) else { return Ok(()) };
    execution.stop = Some(Stop::Edited);
    execution.status_summary = Some("The pipeline was updated.".to_owned());
    execution.updated_at = now;
    match &execution.stage {
        None => {
            execution.set_status(ExecutionStatus::Cancelled)?;
            if let Some(name) = stage_name {
                leave(state, &name, id);
            }
            Ok(())
        }
        Some(stage) if is_between_groups(stage) => end_stage(state, id, StageStatus::Cancelled, now, change),
        Some(_) => Ok(()),
    }
}

/// Nothing runs, and the workflow is about to ask; it then finds the stage ended.
fn is_between_groups(stage: &StageExecution) -> bool {
    stage.in_progress().next().is_none()
}
