//! The end of a run: faults have stopped, the sweep has run, transitions are open. Nothing may be left.

use std::collections::{BTreeMap, BTreeSet};

use engine::decide::{ActionRecord, EventKind, decide};
use engine::declaration::ExecutionMode;
use engine::execution::{ActionStatus, PipelineExecutionId, PipelineState, StageStatus, StateKey};

use super::{Violation, demand};
use crate::store::{Logged, is_deletion};
use crate::workflows::WorkflowStatus;
use crate::world::World;

impl World {
    pub(crate) fn check_end(&mut self) -> Result<(), Violation> {
        if let Some(kept) = self.invariants.kept.take() {
            return Err(kept);
        }
        self.nothing_is_lost()?;
        self.nothing_of_a_deleted_pipeline_goes_on()?;
        self.registry_is_right()?;
        self.replay_is_identical()
    }

    fn nothing_is_lost(&self) -> Result<(), Violation> {
        const NAME: &str = "nothing is lost";
        let rows = &self.store.rows;
        for row in rows.executions.values().filter(|row| !self.is_forgotten(&row.execution_id)) {
            demand(row.status.is_ended(), NAME, || format!("an execution never ends: {row:?}"))?;
        }
        for row in rows.stages.values().filter(|row| !self.is_forgotten(&row.execution_id)) {
            let has_ended = !matches!(row.status, StageStatus::InProgress | StageStatus::Stopping);
            demand(has_ended, NAME, || format!("a stage never ends: {row:?}"))?;
        }
        let is_known = |row: &&ActionRecord| !self.is_forgotten(&row.action.pipeline_execution_id);
        for row in rows.actions.values().filter(is_known) {
            let has_ended = row.execution.status != ActionStatus::InProgress;
            demand(has_ended, NAME, || format!("an action never ends: {row:?}"))?;
        }
        for workflow in &self.workflows {
            let has_ended = workflow.status != WorkflowStatus::Running;
            demand(has_ended, NAME, || format!("a workflow never ends: {:?}", workflow.started_with))?;
        }
        let left = self.store.outbox.keys().next();
        demand(left.is_none(), NAME, || format!("an effect is never delivered: {left:?}"))
    }

    /// Its history went with its pipeline.
    fn is_forgotten(&self, id: &PipelineExecutionId) -> bool {
        let row = self.store.rows.executions.get(id);
        row.is_some_and(|row| row.sequence <= self.store.history_after)
    }

    /// Neither under a new pipeline of its name, nor in the states of its PARALLEL executions.
    fn nothing_of_a_deleted_pipeline_goes_on(&self) -> Result<(), Violation> {
        for stored in self.store.states() {
            let live = stored.state.executions.iter().filter(|(_, execution)| !execution.status.is_ended());
            let counted = stored.state.parallel_executions.keys();
            let left = live.map(|(id, _)| id).chain(counted).find(|id| self.is_forgotten(id));
            demand(left.is_none(), "nothing of a deleted pipeline goes on", || {
                format!("{left:?} in {:?}", stored.state.key)
            })?;
        }
        Ok(())
    }

    /// The pipeline knows of no PARALLEL execution that has ended, and all of them have its transitions.
    fn registry_is_right(&self) -> Result<(), Violation> {
        let Some(pipeline) = self.pipeline() else { return Ok(()) };
        let left = &pipeline.parallel_executions;
        demand(left.is_empty(), "the registry of PARALLEL executions is right in the end", || {
            format!("{left:?}")
        })?;
        for stored in self.store.states() {
            let Some(id) = &stored.state.key.parallel_execution else { continue };
            let alone = stored.state.executions.keys().all(|other| other == id);
            demand(alone, "PARALLEL executions share nothing", || format!("{id}: {:?}", stored.state))?;
        }
        let rows = self.store.rows.executions.values();
        for row in rows.filter(|row| row.mode == ExecutionMode::Parallel && row.variables.is_some()) {
            let key = StateKey::parallel(&row.pipeline_name, &row.execution_id);
            let ran = self.store.rows.stages.keys().any(|(id, _)| *id == row.execution_id);
            demand(!ran || self.store.read(&key).is_some(), "PARALLEL executions share nothing", || {
                format!("{row:?}")
            })?;
        }
        Ok(())
    }

    /// The event log is a fold: deciding it all again gives the stored states.
    fn replay_is_identical(&self) -> Result<(), Violation> {
        const NAME: &str = "replay is identical";
        let mut states: BTreeMap<StateKey, PipelineState> = BTreeMap::new();
        for logged in &self.store.log {
            let (event, now) = match logged {
                Logged::Created(state) => {
                    states.insert(state.key.clone(), (**state).clone());
                    continue;
                }
                Logged::Told { event, now } => (&**event, *now),
            };
            let state = match (states.remove(&event.key), &event.kind) {
                (Some(state), _) => state,
                (None, EventKind::ParallelExecutionAdmitted(admitted)) => {
                    PipelineState::of_parallel(event.key.clone(), admitted)
                }
                (None, _) => return Err(Violation::new(NAME, format!("no state for {event:?}"))),
            };
            let decision = decide(&state, event, now);
            let decision = decision.map_err(|rejection| Violation::new(NAME, rejection.to_string()))?;
            if !is_deletion(event) {
                states.insert(event.key.clone(), decision.state);
            }
        }
        let stored: BTreeSet<_> = self.store.states().map(|stored| &stored.state.key).collect();
        demand(stored == states.keys().collect(), NAME, || format!("{stored:?}"))?;
        for stored in self.store.states() {
            let same = states.get(&stored.state.key) == Some(&*stored.state);
            demand(same, NAME, || format!("{:?}", stored.state.key))?;
        }
        Ok(())
    }
}
