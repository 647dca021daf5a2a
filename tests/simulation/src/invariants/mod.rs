//! What must hold, by name, after every transaction and at the end. The checks keep their own small
//! history, so that they notice what a state alone does not show: a name used twice, an end undone.

mod actions;
mod deletions;
mod effects;
mod ending;
mod events;
mod rows;
mod stages;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use engine::decide::{Decision, Effect, Event};
use engine::execution::{
    ActionItem, ActionStatus, ExecutionStatus, PipelineExecutionId, PipelineState, StateKey, Timestamp,
};

use crate::store::Store;

/// An invariant that did not hold.
#[derive(Debug, Clone)]
pub struct Violation {
    pub invariant: &'static str,
    pub detail: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.detail)
    }
}

/// `Err` with the invariant's name unless `holds`.
pub(crate) fn demand(
    holds: bool,
    invariant: &'static str,
    detail: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(invariant, detail())) }
}

/// What one transaction was: the states around it, and what it wrote.
#[derive(Clone, Copy)]
pub(crate) struct Transition<'a> {
    pub before: &'a PipelineState,
    pub after: &'a PipelineState,
    pub event: &'a Event,
    pub decision: &'a Decision,
}

#[derive(Default)]
pub(crate) struct Invariants {
    executions: BTreeMap<PipelineExecutionId, ExecutionStatus>,
    started_at: BTreeMap<PipelineExecutionId, Timestamp>,
    /// The last attempt of each stage.
    attempts: BTreeMap<(PipelineExecutionId, usize), u32>,
    actions: BTreeMap<String, ActionStatus>,
    effects: BTreeMap<String, Effect>,
    workflow_names: BTreeSet<String>,
    run_by_workflows: BTreeSet<String>,
    approvals: BTreeSet<String>,
    /// The sequence of whoever entered last, by stage, until an edit changes what stages there are.
    last_entered: BTreeMap<String, u64>,
    structure_was_edited: bool,
    /// Those that have entered their stage.
    rollbacks: BTreeSet<PipelineExecutionId>,
    /// Of the execution that started last, under whatever pipeline of this name.
    last_sequence: u64,
    /// PARALLEL executions that were told that their pipeline is gone.
    deleted: BTreeSet<StateKey>,
    events: events::Events,
    kept: Option<Violation>,
}

impl Invariants {
    /// Checks one transaction that was just written. A state that was not stored before is one that just begins.
    pub fn check(
        &mut self,
        (before, is_stored): (&PipelineState, bool),
        event: &Event,
        decision: &Decision,
        store: &Store,
    ) -> Result<(), Violation> {
        if let Some(kept) = self.kept.take() {
            return Err(kept);
        }
        let transition = Transition { before, after: &decision.state, event, decision };
        self.check_executions(transition)?;
        self.check_stages(transition)?;
        self.check_actions(transition)?;
        self.check_effects(transition)?;
        self.check_deletions(transition)?;
        self.check_events(transition, is_stored)?;
        self.check_rows(transition, store)
    }

    /// What one transition shows without any history.
    pub fn check_alone(transition: Transition<'_>) -> Result<(), Violation> {
        let mut fresh = Self::default();
        fresh.check_stages(transition)?;
        actions::check_turns(transition)?;
        events::are_told(transition)?;
        effects::fits_one_transaction(transition.decision)
    }

    /// A violation that was found where nobody could return it; the next check does.
    pub fn keep(&mut self, violation: Violation) {
        self.kept.get_or_insert(violation);
    }

    /// No attempt's work is started twice by us: an action execution belongs to one workflow.
    pub fn action_is_run_by_one_workflow(&mut self, item: &ActionItem) -> Result<(), Violation> {
        let id = &item.action.action_execution_id;
        demand(self.run_by_workflows.insert(id.clone()), "an action is run by one workflow", || {
            format!("{:?} is in two groups", item.action)
        })
    }
}

#[cfg(test)]
mod tests;
