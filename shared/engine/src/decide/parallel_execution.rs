//! PARALLEL executions share nothing: each has a state of its own, and the pipeline only counts them.
//!
//! The pipeline's state and an execution's state tell each other what happened by raised events, so
//! that no decision ever needs two states at once.

use super::{Change, Effect, Event, EventKind, ParallelExecutionAdmitted};
use crate::declaration::ExecutionMode;
use crate::execution::{
    Execution, ExecutionStatus, PipelineExecutionId, PipelineState, StateKey, Timestamp, arrive,
};

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

/// In the execution's own state. A second admission finds the execution there.
pub(super) fn admitted(
    state: &mut PipelineState,
    event: &ParallelExecutionAdmitted,
    now: Timestamp,
) -> Change {
    let mut change = Change::default();
    if state.executions.contains_key(&event.execution_id) {
        return change;
    }
    let execution = Execution {
        version: event.version,
        mode: ExecutionMode::Parallel,
        sequence: event.sequence,
        status: ExecutionStatus::InProgress,
        status_summary: None,
        stop: None,
        trigger: event.trigger.clone(),
        started_at: now,
        updated_at: now,
        source_revisions: Vec::new(),
        stage_index: 0,
        stage: None,
    };
    state.executions.insert(event.execution_id.clone(), execution);
    arrive(state, &event.execution_id, now, &mut change.effects);
    change
}

/// In the pipeline's state: there is room for another one. An execution that is retried later is not
/// counted again.
pub(super) fn ended(state: &mut PipelineState, id: &PipelineExecutionId) -> Change {
    state.parallel_executions.remove(id);
    Change::default()
}

/// Tells the pipeline that an execution with a state of its own has ended.
pub(super) fn announce_end(before: &PipelineState, after: &PipelineState, effects: &mut Vec<Effect>) {
    let Some(id) = &after.key.parallel_execution else { return };
    let has_ended =
        |state: &PipelineState| state.executions.get(id).map(|execution| execution.status.is_ended());
    if has_ended(after) == Some(true) && has_ended(before) == Some(false) {
        effects.push(Effect::Raise(Box::new(Event {
            key: StateKey::pipeline(&after.key.pipeline_name),
            kind: EventKind::ParallelExecutionEnded(id.clone()),
        })));
    }
}
