//! The one decision function: a state and an event give a new state, the rows to write and the effects
//! to deliver, or the exception that CodePipeline would answer with.
//!
//! Laws. Total: every state and event give a change, no change (a duplicate or a late event: normal) or
//! a [`Rejection`]. Deterministic: time and ids are arguments. Terminal statuses never change. Nothing
//! is done here: whoever calls commits state, records and effects in one transaction, then delivers.

mod action_finished;
mod action_lost;
mod action_progressed;
mod action_started;
mod approval_answered;
mod condition_overridden;
mod declaration_updated;
mod effect;
mod event;
mod execution_requested;
mod group_ended;
mod parallel_execution;
mod pipeline_deleted;
mod record;
mod stage_ended;
mod stage_retry_requested;
mod stage_rollback_requested;
mod stop_requested;
mod transition_changed;
mod what_follows;
mod workflow_lost;

use crate::Rejection;
use crate::execution::{Execution, PipelineExecutionId, PipelineState, Timestamp};

pub use crate::declaration::RetryMode;
pub use effect::Effect;
pub use event::{
    ActionFinished, ActionInput, ActionLost, ActionOutcome, ActionOutput, ActionProgressed, ActionRevision,
    ActionStarted, ApprovalAnswer, ApprovalAnswered, ArtifactLocation, ClientRequest, ConditionOverridden,
    DeclarationUpdated, Event, EventKind, ExecutionRequested, FailureType, OnUpdate,
    ParallelExecutionAdmitted, ParallelRun, StageRetryRequested, StageRollbackRequested, StopRequested,
    TransitionChanged, WorkflowLost,
};
pub use record::{ActionRecord, ExecutionRecord, Record, StageRecord};

/// CodePipeline's limit of concurrent executions in QUEUED and PARALLEL mode (user guide, "Quotas").
pub const CONCURRENT_EXECUTIONS_MAX: usize = 50;

/// What follows from an event. `state`, `records` and `effects` belong into one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub state: PipelineState,
    /// History rows: what users see of executions, stages and actions that changed.
    pub records: Vec<Record>,
    pub effects: Vec<Effect>,
}

impl Decision {
    /// The event was a duplicate or came too late: there is nothing to write.
    pub fn changes_nothing(&self, before: &PipelineState) -> bool {
        self.effects.is_empty() && self.records.is_empty() && self.state == *before
    }
}

/// What an event's handler adds to the changed state.
#[derive(Default)]
pub(crate) struct Change {
    pub effects: Vec<Effect>,
    /// What rows have and the state has not: inputs, outputs, variables.
    pub records: Vec<Record>,
    /// Who left a stage for the next: the state does not know the stage any more.
    pub left: Vec<Left>,
}

/// An execution as it was at the end of a stage that it left.
pub(crate) struct Left {
    pub execution_id: PipelineExecutionId,
    pub execution: Execution,
}

/// Decides on one event.
///
/// # Errors
/// A [`Rejection`] when a user asked for what cannot be; the state is then untouched.
pub fn decide(before: &PipelineState, event: &Event, now: Timestamp) -> Result<Decision, Rejection> {
    let mut state = before.clone();
    let change = match &event.kind {
        EventKind::ExecutionRequested(event) => execution_requested::decide(&mut state, event, now)?,
        EventKind::ParallelExecutionAdmitted(event) => parallel_execution::admitted(&mut state, event, now),
        EventKind::ParallelExecutionResumed(run) => parallel_execution::resumed(&mut state, run),
        EventKind::ParallelExecutionEnded(run) => parallel_execution::ended(&mut state, run),
        EventKind::ActionStarted(event) => action_started::decide(&mut state, event, now),
        EventKind::ActionProgressed(event) => action_progressed::decide(&mut state, event, now),
        EventKind::ActionFinished(event) => action_finished::decide(&mut state, event, now)?,
        EventKind::ActionLost(event) => action_lost::decide(&mut state, event, now)?,
        EventKind::GroupEnded(stage) => group_ended::decide(&mut state, stage, now)?,
        EventKind::WorkflowLost(event) => workflow_lost::decide(&mut state, event, now)?,
        EventKind::ApprovalAnswered(event) => approval_answered::decide(&mut state, event, now)?,
        EventKind::StopRequested(event) => stop_requested::decide(&mut state, event, now)?,
        EventKind::StageRetryRequested(event) => stage_retry_requested::decide(&mut state, event, now)?,
        EventKind::StageRollbackRequested(event) => stage_rollback_requested::decide(&mut state, event, now)?,
        EventKind::ConditionOverridden(event) => condition_overridden::decide(&mut state, event, now)?,
        EventKind::TransitionChanged(event) => transition_changed::decide(&mut state, event, now)?,
        EventKind::TransitionsCopied(copy) => transition_changed::copied(&mut state, copy, now),
        EventKind::DeclarationUpdated(event) => declaration_updated::decide(&mut state, event, now)?,
        EventKind::PipelineDeleted => pipeline_deleted::decide(&mut state),
    };
    let mut effects = change.effects;
    parallel_execution::announce(before, &state, &mut effects);
    let records = record::project(before, &state, change.records, &change.left);
    forget_ended(&mut state);
    Ok(Decision { state, records, effects })
}

/// Finished executions leave the state; those that may be retried stay until somebody overtakes them.
fn forget_ended(state: &mut PipelineState) {
    forget_stages_that_are_gone(state);
    let stages = &state.stages;
    let is_parallel = state.key.parallel_execution.is_some();
    state.executions.retain(|id, execution| {
        !execution.status.is_ended()
            || stages.values().any(|stage| stage.retryable.as_ref() == Some(id))
            || is_parallel
    });
    let (executions, version) = (&state.executions, state.version);
    for stage in state.stages.values_mut() {
        stage.last_succeeded.take_if(|target| target.version != version);
    }
    state.plans.retain(|plan, _| *plan == version || executions.values().any(|e| e.version == *plan));
    state.stages.retain(|_, stage| *stage != Default::default());
}

/// Nobody will enter a stage that an edit took away, so whoever failed there would stay for ever; it
/// cannot be retried after the edit either.
fn forget_stages_that_are_gone(state: &mut PipelineState) {
    let Some(plan) = state.plans.get(&state.version) else { return };
    for (name, stage) in &mut state.stages {
        if plan.stage_index(name).is_none() {
            stage.retryable = None;
        }
    }
}

#[cfg(test)]
mod tests;
