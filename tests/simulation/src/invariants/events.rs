//! Events: each change is told once and in its order, and nothing is told of what did not change. What subscribers
//! know is kept as they would keep it, from the events alone, and compared with what users read.
//!
//! Each event is written with its change, once. Only its delivery may be repeated, which is no matter of decisions.

use std::collections::{BTreeMap, BTreeSet};

use engine::decide::{Decision, EventKind, Record};
use engine::events::{
    ActionEventState, ExecutionEventState, RetriedExecutions, StageEventState, StateChange, Subject,
    state_changes,
};
use engine::execution::{
    ActionExecution, ActionStatus, ConditionType, ExecutionStatus, PipelineExecutionId, PipelineState,
    StageStatus, StateKey, Timestamp,
};

use super::{Invariants, Transition, Violation, demand};

pub(super) const IN_ORDER: &str = "each change is told once and in its order";
pub(super) const WITHIN: &str = "stages are told of within executions, and actions within stages";
pub(super) const COMPLETE: &str = "the last event says what rows show";
pub(super) const NOTHING_ELSE: &str = "nothing is told of what did not change";
pub(super) const ONE_INSIDE: &str = "events tell of one execution in a stage";
pub(super) const ATTEMPTS: &str = "events count the retries";

/// Of one execution's passage through a stage.
type Passage = (PipelineExecutionId, String);

/// What a subscriber of all events knows.
#[derive(Debug, Default, Clone)]
pub(super) struct Told {
    executions: BTreeMap<PipelineExecutionId, ExecutionEventState>,
    stages: BTreeMap<Passage, StageEventState>,
    actions: BTreeMap<String, ActionEventState>,
    /// No event tells that a stage is skipped.
    skipped: BTreeSet<Passage>,
    /// They share no stages.
    parallel: BTreeSet<PipelineExecutionId>,
}

#[derive(Default)]
pub(super) struct Events {
    told: Told,
    /// As they are kept beside the states.
    retries: BTreeMap<StateKey, RetriedExecutions>,
}

impl Invariants {
    pub(super) fn check_events(
        &mut self,
        transition: Transition<'_>,
        is_stored: bool,
    ) -> Result<(), Violation> {
        let Transition { before, after, event, decision } = transition;
        let stored = is_stored.then_some(before);
        let retries = self.events.retries.remove(&event.key).unwrap_or_default();
        let retries = retries.after(stored, decision, Timestamp(0));
        let changes = state_changes(stored, decision, &retries, Timestamp(0));
        if event.kind == EventKind::PipelineDeleted {
            self.events.told.forget(before);
            return demand(changes.is_empty(), NOTHING_ELSE, || format!("{changes:?} of a deleted pipeline"));
        }
        for change in &changes {
            let mut attempts = self.attempts.iter().filter(|((id, _), _)| *id == change.execution_id);
            let retried: u32 = attempts.by_ref().map(|(_, attempt)| attempt - 1).sum();
            demand(change.attempt == 1 + retried, ATTEMPTS, || format!("{change:?}: {retried} retries"))?;
        }
        self.events.retries.insert(event.key.clone(), retries.of_known(after));
        self.events.told.hear(&changes, decision)?;
        self.events.told.shows(after, decision)
    }
}

/// The same without any history: what was told before is what the state said.
pub(super) fn are_told(transition: Transition<'_>) -> Result<(), Violation> {
    let Transition { before, after, decision, .. } = transition;
    let retries = RetriedExecutions::default().after(Some(before), decision, Timestamp(0));
    let changes = state_changes(Some(before), decision, &retries, Timestamp(0));
    let mut told = Told::of(before);
    told.hear(&changes, decision)?;
    told.shows(after, decision)
}

impl Told {
    /// Of a state's executions, as events have told of them until then.
    pub fn of(state: &PipelineState) -> Self {
        let mut told = Self::default();
        for (id, execution) in &state.executions {
            told.executions.insert(id.clone(), of_execution(execution.status));
            let plan = state.plan_of(execution).and_then(|plan| plan.stages.get(execution.stage_index));
            let (Some(stage), Some(plan)) = (&execution.stage, plan) else { continue };
            let status = of_stage(stage.status(execution.stop.is_some()));
            told.stages.extend(status.map(|status| ((id.clone(), plan.name.clone()), status)));
            for action in &stage.actions {
                told.actions.extend(of_action(action).map(|state| (action.id.clone(), state)));
            }
        }
        told
    }

    fn forget(&mut self, gone: &PipelineState) {
        self.executions.retain(|id, _| !gone.executions.contains_key(id));
        self.stages.retain(|(id, _), _| !gone.executions.contains_key(id));
    }

    pub fn hear(&mut self, changes: &[StateChange], decision: &Decision) -> Result<(), Violation> {
        for record in &decision.records {
            if let Record::Stage(row) = record
                && row.status == StageStatus::Skipped
            {
                self.skipped.insert((row.execution_id.clone(), row.stage_name.clone()));
            }
        }
        self.parallel.extend(decision.state.key.parallel_execution.clone());
        for change in changes {
            demand(has_row(change, decision), NOTHING_ELSE, || format!("{change:?} has no row"))?;
            self.hear_one(change)?;
        }
        Ok(())
    }

    fn hear_one(&mut self, change: &StateChange) -> Result<(), Violation> {
        let id = &change.execution_id;
        match &change.subject {
            Subject::Pipeline { state, .. } => {
                let last = self.executions.insert(id.clone(), *state);
                let follows = execution_follows(last, *state);
                demand(follows, IN_ORDER, || format!("{id}: {state:?} after {last:?}"))?;
                let inside = self.stages_of(id).next();
                demand(goes_on(*state) || inside.is_none(), WITHIN, || {
                    format!("{id}: {state:?} within {inside:?}")
                })
            }
            Subject::Stage { stage_name, state, .. } => {
                let last = self.stages.insert((id.clone(), stage_name.clone()), *state);
                let follows = stage_follows(last, *state);
                demand(follows, IN_ORDER, || format!("{id} in {stage_name}: {state:?} after {last:?}"))?;
                let around = self.executions.get(id);
                demand(around.is_some_and(|around| goes_on(*around)), WITHIN, || {
                    format!("{id} in {stage_name}: {state:?} while the execution is {around:?}")
                })?;
                self.is_alone(id, stage_name)
            }
            Subject::Action { stage_name, action_execution_id, state, .. } => {
                let last = self.actions.insert(action_execution_id.clone(), *state);
                let follows = action_follows(last, *state);
                demand(follows, IN_ORDER, || format!("{action_execution_id}: {state:?} after {last:?}"))?;
                let around = self.stages.get(&(id.clone(), stage_name.clone()));
                demand(around.is_some_and(|around| is_inside(*around)), WITHIN, || {
                    format!("{action_execution_id}: {state:?} while the stage is {around:?}")
                })
            }
        }
    }

    fn is_alone(&self, id: &PipelineExecutionId, name: &str) -> Result<(), Violation> {
        let mut others = self.stages.iter().filter(|(passage, state)| {
            passage.1 == name && is_inside(**state) && passage.0 != *id && !self.skipped.contains(*passage)
        });
        let beside = others.find(|(passage, _)| !self.parallel.contains(&passage.0));
        demand(beside.is_none() || self.parallel.contains(id), ONE_INSIDE, || {
            format!("{id} in {name} beside {beside:?}")
        })
    }

    fn stages_of<'a>(&'a self, id: &'a PipelineExecutionId) -> impl Iterator<Item = &'a Passage> {
        let inside = self.stages.iter().filter(|(_, state)| is_inside(**state));
        inside.map(|(passage, _)| passage).filter(|it| it.0 == *id && !self.skipped.contains(*it))
    }

    /// Users and subscribers know the same.
    pub fn shows(&self, after: &PipelineState, decision: &Decision) -> Result<(), Violation> {
        for (id, execution) in &after.executions {
            self.shows_execution(id, execution.status)?;
            let actions = execution.stage.iter().flat_map(|stage| &stage.actions);
            for action in actions {
                self.shows_action(action, None)?;
            }
        }
        for record in &decision.records {
            match record {
                Record::Execution(row) => self.shows_execution(&row.execution_id, row.status)?,
                Record::Stage(row) => {
                    let last = self.stages.get(&(row.execution_id.clone(), row.stage_name.clone()));
                    let shown = match (row.status, last) {
                        (StageStatus::InProgress, Some(StageEventState::Resumed)) => true,
                        (StageStatus::Skipped, Some(last)) => is_inside(*last),
                        (status, last) => last.copied() == of_stage(status),
                    };
                    demand(shown, COMPLETE, || format!("{row:?}: {last:?}"))?;
                }
                Record::Action(row) => self.shows_action(&row.execution, row.action.condition)?,
                Record::ApprovalToken { .. } | Record::ClientRequest { .. } => {}
            }
        }
        Ok(())
    }

    fn shows_execution(&self, id: &PipelineExecutionId, status: ExecutionStatus) -> Result<(), Violation> {
        let last = self.executions.get(id).copied();
        let resumed = status == ExecutionStatus::InProgress && last == Some(ExecutionEventState::Resumed);
        demand(resumed || last == Some(of_execution(status)), COMPLETE, || {
            format!("{id} is {status:?}: {last:?}")
        })
    }

    /// Of rules nothing is told.
    fn shows_action(
        &self,
        action: &ActionExecution,
        condition: Option<ConditionType>,
    ) -> Result<(), Violation> {
        let last = self.actions.get(&action.id).copied();
        let expected = if condition.is_some() { None } else { of_action(action) };
        demand(last == expected, COMPLETE, || format!("{action:?}: {last:?}"))
    }
}

fn has_row(change: &StateChange, decision: &Decision) -> bool {
    let id = &change.execution_id;
    decision.records.iter().any(|record| match (&change.subject, record) {
        (Subject::Pipeline { .. }, Record::Execution(row)) => row.execution_id == *id,
        (Subject::Stage { stage_name, .. }, Record::Stage(row)) => {
            row.execution_id == *id && row.stage_name == *stage_name
        }
        (Subject::Action { action_execution_id, .. }, Record::Action(row)) => {
            row.execution.id == *action_execution_id && row.action.condition.is_none()
        }
        _ => false,
    })
}

fn goes_on(state: ExecutionEventState) -> bool {
    use ExecutionEventState::{Resumed, Started, Stopping};
    matches!(state, Started | Resumed | Stopping)
}

fn is_inside(state: StageEventState) -> bool {
    use StageEventState::{Resumed, Started, Stopping};
    matches!(state, Started | Resumed | Stopping)
}

fn execution_follows(last: Option<ExecutionEventState>, next: ExecutionEventState) -> bool {
    use ExecutionEventState::{Canceled, Failed, Resumed, Started, Stopped, Stopping, Succeeded, Superseded};
    match last {
        None => next == Started,
        Some(Started | Resumed) => matches!(next, Stopping | Succeeded | Failed | Superseded | Canceled),
        Some(Stopping) => matches!(next, Stopped | Succeeded | Failed | Canceled),
        Some(Failed | Stopped) => next == Resumed,
        Some(Succeeded | Superseded | Canceled) => false,
    }
}

fn stage_follows(last: Option<StageEventState>, next: StageEventState) -> bool {
    use StageEventState::{Canceled, Failed, Resumed, Started, Stopped, Stopping, Succeeded};
    match last {
        None => next == Started,
        // What has failed of a stage is retried while the rest of it still runs.
        Some(Started | Resumed) => matches!(next, Resumed | Stopping | Succeeded | Failed | Canceled),
        Some(Stopping) => matches!(next, Stopped | Succeeded | Failed | Canceled),
        Some(Failed | Stopped) => next == Resumed,
        Some(Succeeded | Canceled) => false,
    }
}

fn action_follows(last: Option<ActionEventState>, next: ActionEventState) -> bool {
    use ActionEventState::{Abandoned, Failed, Started, Succeeded};
    match last {
        None => next == Started,
        Some(Started) => matches!(next, Succeeded | Failed | Abandoned),
        Some(Succeeded | Failed | Abandoned) => false,
    }
}

fn of_execution(status: ExecutionStatus) -> ExecutionEventState {
    match status {
        ExecutionStatus::InProgress => ExecutionEventState::Started,
        ExecutionStatus::Stopping => ExecutionEventState::Stopping,
        ExecutionStatus::Stopped => ExecutionEventState::Stopped,
        ExecutionStatus::Succeeded => ExecutionEventState::Succeeded,
        ExecutionStatus::Superseded => ExecutionEventState::Superseded,
        ExecutionStatus::Failed => ExecutionEventState::Failed,
        ExecutionStatus::Cancelled => ExecutionEventState::Canceled,
    }
}

fn of_stage(status: StageStatus) -> Option<StageEventState> {
    Some(match status {
        StageStatus::InProgress => StageEventState::Started,
        StageStatus::Stopping => StageEventState::Stopping,
        StageStatus::Stopped => StageEventState::Stopped,
        StageStatus::Succeeded => StageEventState::Succeeded,
        StageStatus::Failed => StageEventState::Failed,
        StageStatus::Cancelled => StageEventState::Canceled,
        StageStatus::Skipped => return None,
    })
}

/// An action has started when its function has.
fn of_action(action: &ActionExecution) -> Option<ActionEventState> {
    Some(match action.status {
        ActionStatus::InProgress if action.task_token.is_none() => return None,
        ActionStatus::InProgress => ActionEventState::Started,
        ActionStatus::Succeeded => ActionEventState::Succeeded,
        ActionStatus::Failed => ActionEventState::Failed,
        ActionStatus::Abandoned => ActionEventState::Abandoned,
    })
}
