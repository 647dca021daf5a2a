//! Who may enter a stage: locks, the waiting room, and what supersedes what.
//!
//! SUPERSEDED: one execution in a stage, one waiting in front of it, and a newer one takes the place
//! of the one that waits. QUEUED: one in a stage, all others wait in the order of arrival. PARALLEL:
//! nobody waits for anybody. A disabled transition holds whoever waits, in every mode.
//! Source: CodePipeline user guide, "How pipeline executions work" and "Execution modes".

use super::{ExecutionStatus, PipelineExecutionId, PipelineState, Timestamp, begin_stage};
use crate::decide::Effect;
use crate::declaration::ExecutionMode;

/// `id` has come to the stage at its `stage_index`; it waits there until it may enter.
pub(crate) fn arrive(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) {
    let Some(stage_name) = state.stage_name_of(id) else { return };
    state.stages.entry(stage_name.clone()).or_default().waiting.push(id.clone());
    settle(state, &stage_name, now, effects);
}

/// `id` gives up its place in the stage: the lock, or its turn in the queue.
pub(crate) fn leave(state: &mut PipelineState, stage_name: &str, id: &PipelineExecutionId) {
    if let Some(stage) = state.stages.get_mut(stage_name) {
        stage.waiting.retain(|waiting| waiting != id);
        if stage.occupant.as_ref() == Some(id) {
            stage.occupant = None;
        }
    }
}

/// Lets in whoever may enter now, and supersedes whoever was overtaken.
pub(crate) fn settle(state: &mut PipelineState, stage_name: &str, now: Timestamp, effects: &mut Vec<Effect>) {
    supersede_overtaken(state, stage_name, now);
    while let Some(id) = next_to_enter(state, stage_name) {
        enter(state, stage_name, &id, now, effects);
    }
}

/// An execution started as SUPERSEDED gives way to any newer one that waits at the same stage.
fn supersede_overtaken(state: &mut PipelineState, stage_name: &str, now: Timestamp) {
    let Some(stage) = state.stages.get_mut(stage_name) else { return };
    let executions = &mut state.executions;
    let newest = stage.waiting.iter().filter_map(|id| executions.get(id)).map(|e| e.sequence).max();
    stage.waiting.retain(|id| {
        let Some(execution) = executions.get_mut(id) else { return false };
        let overtaken = execution.mode == ExecutionMode::Superseded && Some(execution.sequence) < newest;
        if overtaken && execution.set_status(ExecutionStatus::Superseded).is_ok() {
            execution.updated_at = now;
            return false;
        }
        true
    });
}

fn next_to_enter(state: &PipelineState, stage_name: &str) -> Option<PipelineExecutionId> {
    let stage = state.stages.get(stage_name)?;
    let id = stage.waiting.first()?;
    let locked = stage.occupant.is_some();
    (!locked && is_open(state, stage_name, id)).then(|| id.clone())
}

/// Both the way out of the stage before and the way into this one have to be enabled.
fn is_open(state: &PipelineState, stage_name: &str, id: &PipelineExecutionId) -> bool {
    let stage_before = state.executions.get(id).and_then(|execution| {
        let before = execution.stage_index.checked_sub(1)?;
        Some(&state.plan_of(execution)?.stages.get(before)?.name)
    });
    let way_out_is_open = stage_before.is_none_or(|before| !state.transitions.outbound.contains_key(before));
    way_out_is_open && !state.transitions.inbound.contains_key(stage_name)
}

/// `id` takes the stage's lock, which nobody has.
pub(crate) fn enter(
    state: &mut PipelineState,
    stage_name: &str,
    id: &PipelineExecutionId,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) {
    let stage = state.stages.entry(stage_name.to_owned()).or_default();
    stage.waiting.retain(|waiting| waiting != id);
    stage.occupant = Some(id.clone());
    // Whoever failed here was overtaken, and can be retried no more.
    stage.retryable = None;
    begin_stage(state, id, now, effects);
}
