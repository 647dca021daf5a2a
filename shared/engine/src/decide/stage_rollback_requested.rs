//! RollbackStage: a stage that has ended is run again with what an earlier execution had when it succeeded there.
//!
//! Source: CodePipeline user guide, "Configuring stage rollback"; API reference, RollbackStage.

use super::stage_ended::begin_rollback;
use super::{Change, StageRollbackRequested};
use crate::Rejection;
use crate::execution::{PipelineState, StageStatus, Timestamp, Trigger};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &StageRollbackRequested,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let mut change = Change::default();
    if state.executions.contains_key(&event.execution_id) {
        return Ok(change);
    }
    check(state, event)?;
    let trigger =
        Trigger { trigger_type: "ManualRollback".to_owned(), trigger_detail: event.requested_by.clone() };
    let (stage_name, id, target) = (&event.stage_name, &event.execution_id, event.target.clone());
    begin_rollback(state, stage_name, id, target, trigger, now, &mut change);
    Ok(change)
}

fn check(state: &PipelineState, event: &StageRollbackRequested) -> Result<(), Rejection> {
    let (stage_name, target) = (&event.stage_name, &event.target);
    let plan = state.plans.get(&state.version);
    let Some(stage_index) = plan.and_then(|plan| plan.stage_index(stage_name)) else {
        return Err(Rejection::StageNotFound(format!("The stage '{stage_name}' does not exist.")));
    };
    let id = &target.execution_id;
    let unable = |why: &str| {
        Err(Rejection::UnableToRollbackStage(format!(
            "Unable to roll back the stage '{stage_name}' to the pipeline execution {id}: {why}"
        )))
    };
    if state.mode == crate::declaration::ExecutionMode::Parallel {
        return unable("the executions of a PARALLEL pipeline cannot be rolled back.");
    }
    if stage_index == 0 {
        return unable("the source stage cannot be rolled back.");
    }
    if target.version != state.version {
        return Err(Rejection::PipelineExecutionOutdated(format!(
            "The pipeline execution {id} ran under version {} of the pipeline, which has version {} now. Only an \
             execution of the current version can be rolled back to.",
            target.version, state.version
        )));
    }
    if event.target_is_rollback {
        return unable("it is a rollback itself.");
    }
    if event.target_status != Some(StageStatus::Succeeded) {
        return unable("it has not succeeded in this stage.");
    }
    if state.stages.get(stage_name).is_some_and(|stage| stage.occupant.is_some()) {
        return unable("the stage is in progress. Wait for its end, or stop the execution in it.");
    }
    Ok(())
}
