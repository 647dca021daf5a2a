//! PARALLEL executions share nothing: each has a state of its own, and the pipeline only counts them.
//!
//! The pipeline's state and an execution's state tell each other what happened by raised events, so
//! that no decision ever needs two states at once.

use super::{Change, Effect, Event, EventKind, ParallelExecutionAdmitted, ParallelRun, pipeline_deleted};
use crate::declaration::ExecutionMode;
use crate::execution::{Execution, PipelineExecutionId, PipelineState, StateKey, Timestamp, arrive};

impl PipelineState {
    /// The state that a PARALLEL execution begins with, before it was admitted.
    pub fn of_parallel(key: StateKey, event: &ParallelExecutionAdmitted) -> Self {
        let mut state =
            Self::new(&key.pipeline_name, event.version, ExecutionMode::Parallel, event.plan.clone());
        state.key = key;
        state.transitions = event.transitions.clone();
        state
    }
}

/// In the execution's own state. A second admission finds the execution there, or that its pipeline was deleted.
pub(super) fn admitted(
    state: &mut PipelineState,
    event: &ParallelExecutionAdmitted,
    now: Timestamp,
) -> Change {
    let mut change = Change::default();
    if state.executions.contains_key(&event.execution_id) || pipeline_deleted::was_told(state) {
        return change;
    }
    let (version, trigger) = ((event.version, ExecutionMode::Parallel), event.trigger.clone());
    let execution = Execution::new(version, event.sequence, trigger, event.started_at, now);
    state.executions.insert(event.execution_id.clone(), execution);
    arrive(state, &event.execution_id, now, &mut change.effects);
    change
}

/// In the pipeline's state: a retried execution is counted again, whatever the limit says, and gets the
/// transitions that were changed while it was not counted. One of a deleted pipeline is told so.
pub(super) fn resumed(state: &mut PipelineState, run: &ParallelRun) -> Change {
    if (1..=state.history_after).contains(&run.sequence) {
        return Change { effects: vec![tell_deleted(state, &run.execution_id)], ..Change::default() };
    }
    let counted = state.parallel_executions.entry(run.execution_id.clone()).or_insert(run.progress);
    *counted = run.progress.max(*counted);
    Change { effects: vec![copy_transitions(state, &run.execution_id)], ..Change::default() }
}

/// In the pipeline's state: there is room for another one, unless this is the end of an earlier run that
/// comes late.
pub(super) fn ended(state: &mut PipelineState, run: &ParallelRun) -> Change {
    if state.parallel_executions.get(&run.execution_id).is_some_and(|counted| *counted <= run.progress) {
        state.parallel_executions.remove(&run.execution_id);
    }
    Change::default()
}

pub(super) fn tell_deleted(state: &PipelineState, id: &PipelineExecutionId) -> Effect {
    let key = StateKey::parallel(&state.key.pipeline_name, id);
    Effect::Raise(Box::new(Event { key, kind: EventKind::PipelineDeleted }))
}

pub(super) fn copy_transitions(state: &PipelineState, id: &PipelineExecutionId) -> Effect {
    Effect::Raise(Box::new(Event {
        key: StateKey::parallel(&state.key.pipeline_name, id),
        kind: EventKind::TransitionsCopied(state.transitions.clone()),
    }))
}

/// Tells the pipeline that an execution with a state of its own has ended, or runs again.
pub(super) fn announce(before: &PipelineState, after: &PipelineState, effects: &mut Vec<Effect>) {
    let Some(id) = &after.key.parallel_execution else { return };
    let (Some(was), Some(is)) = (before.executions.get(id), after.executions.get(id)) else { return };
    match (was.status.is_ended(), is.status.is_ended()) {
        (false, true) => effects.push(raise(after, id, is, EventKind::ParallelExecutionEnded)),
        (true, false) => effects.push(raise(after, id, is, EventKind::ParallelExecutionResumed)),
        (true, true) | (false, false) => {}
    }
}

/// In the execution's own state: the pipeline counts it. If it has ended, the pipeline heard of a retry
/// after it had heard of its end, and is told again.
pub(super) fn is_counted(state: &PipelineState) -> Option<Effect> {
    let id = state.key.parallel_execution.as_ref()?;
    let execution = state.executions.get(id).filter(|execution| execution.status.is_ended())?;
    Some(raise(state, id, execution, EventKind::ParallelExecutionEnded))
}

fn raise(
    state: &PipelineState,
    id: &PipelineExecutionId,
    execution: &Execution,
    kind: fn(ParallelRun) -> EventKind,
) -> Effect {
    let Execution { sequence, .. } = *execution;
    let run = ParallelRun { execution_id: id.clone(), progress: execution.progress(), sequence };
    let key = StateKey::pipeline(&state.key.pipeline_name);
    Effect::Raise(Box::new(Event { key, kind: kind(run) }))
}
