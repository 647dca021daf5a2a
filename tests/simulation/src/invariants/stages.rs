//! Locks, waiting rooms, overtaking and shut transitions.

use engine::decide::{EventKind, Record};
use engine::declaration::ExecutionMode;
use engine::execution::{Execution, ExecutionStatus, PipelineExecutionId, PipelineState, StageStatus};

use super::{Invariants, Transition, Violation, demand};

fn stage_name<'a>(state: &'a PipelineState, execution: &Execution) -> Option<&'a str> {
    Some(state.plan_of(execution)?.stages.get(execution.stage_index)?.name.as_str())
}

impl Invariants {
    pub(super) fn check_stages(&mut self, transition: Transition<'_>) -> Result<(), Violation> {
        one_execution_per_stage(transition.after)?;
        nobody_is_between_stages(transition.after)?;
        superseded_only_outside_by_newer(transition)?;
        state_stays_small(transition.after)?;
        if let EventKind::DeclarationUpdated(event) = &transition.event.kind {
            let names = |plan: &engine::execution::Plan| -> Vec<String> {
                plan.stages.iter().map(|stage| stage.name.clone()).collect()
            };
            let last = transition.before.plans.get(&transition.before.version);
            self.structure_was_edited |= last.map(names) != Some(names(&event.plan));
        }
        for (id, execution) in &transition.after.executions {
            let was = transition.before.executions.get(id);
            let was_inside = was.is_some_and(|w| w.stage.is_some() && w.stage_index == execution.stage_index);
            if execution.stage.is_some() && !was_inside {
                self.may_enter(transition, id, execution)?;
            }
        }
        Ok(())
    }

    fn may_enter(
        &mut self,
        Transition { before, after, .. }: Transition<'_>,
        id: &PipelineExecutionId,
        execution: &Execution,
    ) -> Result<(), Violation> {
        let name = stage_name(after, execution).unwrap_or_default();
        if execution.rollback_of.is_some() {
            return self.may_roll_back(before, id, name);
        }
        let plan = after.plan_of(execution).map(|plan| &plan.stages);
        let stage_before = execution.stage_index.checked_sub(1).and_then(|i| Some(&plan?.get(i)?.name));
        let shut = after.transitions.inbound.contains_key(name)
            || stage_before.is_some_and(|before| after.transitions.outbound.contains_key(before));
        demand(!shut, "a shut transition lets nothing in", || format!("{id} entered {name}"))?;

        let waited = before.stages.get(name).map(|stage| stage.waiting.as_slice()).unwrap_or_default();
        let waits = after.stages.get(name).map(|stage| stage.waiting.as_slice()).unwrap_or_default();
        let ahead = waited.iter().take_while(|other| *other != id);
        let overtaken: Vec<_> = ahead.filter(|other| waits.contains(other)).collect();
        demand(overtaken.is_empty(), "who came first enters first", || {
            format!("{id} entered {name} before {overtaken:?}")
        })?;

        let is_shared = after.key.parallel_execution.is_none();
        if is_shared && !self.structure_was_edited {
            let last = self.last_entered.insert(name.to_owned(), execution.sequence).unwrap_or(0);
            demand(execution.sequence > last, "no execution overtakes a newer one", || {
                format!("{id}, number {}, entered {name} after number {last}", execution.sequence)
            })?;
        }
        Ok(())
    }
}

impl Invariants {
    /// It comes from no stage before and stands in no queue; it enters one stage, once.
    fn may_roll_back(
        &mut self,
        before: &PipelineState,
        id: &PipelineExecutionId,
        name: &str,
    ) -> Result<(), Violation> {
        demand(self.rollbacks.insert(id.clone()), "a rollback runs one stage", || {
            format!("{id} entered {name}")
        })?;
        // Whoever is in the stage leaves it in the same decision.
        let occupant = before.stages.get(name).and_then(|stage| stage.occupant.as_ref());
        let failed = occupant.is_none_or(|occupant| before.executions.contains_key(occupant));
        demand(failed, "a rollback enters an empty stage", || format!("{id} entered {name}"))
    }
}

fn one_execution_per_stage(state: &PipelineState) -> Result<(), Violation> {
    const NAME: &str = "one execution per stage";
    for (id, execution) in &state.executions {
        let inside = execution.stage.as_ref().is_some_and(|stage| stage.ended.is_none());
        let Some(name) = stage_name(state, execution) else {
            return Err(Violation::new("every execution has its plan", id.0.clone()));
        };
        let occupies = state.stages.get(name).is_some_and(|stage| stage.occupant.as_ref() == Some(id));
        demand(inside == occupies, NAME, || format!("{id} in {name}: inside {inside}, lock {occupies}"))?;
    }
    for (name, stage) in &state.stages {
        for id in stage.occupant.iter().chain(&stage.waiting) {
            let execution = state.executions.get(id);
            let is_here =
                execution.is_some_and(|e| stage_name(state, e) == Some(name) && !e.status.is_ended());
            demand(is_here, NAME, || format!("{id} is in {name} and does not exist or has ended"))?;
        }
    }
    Ok(())
}

/// Whoever lives is inside a stage or waits for one, once.
fn nobody_is_between_stages(state: &PipelineState) -> Result<(), Violation> {
    for (id, execution) in &state.executions {
        let waits =
            state.stages.values().flat_map(|stage| &stage.waiting).filter(|other| *other == id).count();
        let has_to = usize::from(!execution.status.is_ended() && execution.stage.is_none());
        demand(waits == has_to, "whoever lives is inside a stage or waits once", || {
            format!("{id} waits {waits} times, status {:?}", execution.status)
        })?;
    }
    Ok(())
}

fn superseded_only_outside_by_newer(
    Transition { before, after, decision, .. }: Transition<'_>,
) -> Result<(), Violation> {
    for record in &decision.records {
        let Record::Execution(row) = record else { continue };
        if row.status != ExecutionStatus::Superseded {
            continue;
        }
        let id = &row.execution_id;
        let was = before.executions.get(id);
        let was_inside = was.is_some_and(|was| was.stage.as_ref().is_some_and(|stage| stage.ended.is_none()));
        let just_left = decision.records.iter().any(|record| {
            matches!(record, Record::Stage(stage) if stage.execution_id == *id
                && matches!(stage.status, StageStatus::Succeeded | StageStatus::Skipped))
        });
        demand(!was_inside || just_left, "nobody is superseded inside a stage", || id.0.clone())?;
        demand(row.mode == ExecutionMode::Superseded, "only SUPERSEDED executions are superseded", || {
            format!("{id} was started as {:?}", row.mode)
        })?;
        let newer = after.executions.values().any(|other| other.sequence > row.sequence);
        demand(newer, "only a newer execution supersedes", || id.0.clone())?;
    }
    Ok(())
}

/// One inside each stage, one that may be retried, one SUPERSEDED in front of it; a plan for each version
/// that is in use.
fn state_stays_small(state: &PipelineState) -> Result<(), Violation> {
    const NAME: &str = "the state stays small";
    for (name, stage) in &state.stages {
        let superseded = |id: &&PipelineExecutionId| {
            state.executions.get(*id).is_some_and(|e| e.mode == ExecutionMode::Superseded)
        };
        let is_a_stage = state.plans.get(&state.version).is_some_and(|plan| plan.stage_index(name).is_some());
        demand(stage.retryable.is_none() || is_a_stage, NAME, || {
            format!("{:?} waits for a retry in {name}, which is not there any more", stage.retryable)
        })?;
        let target = stage.last_succeeded.as_ref();
        demand(target.is_none_or(|target| target.version == state.version), NAME, || {
            format!("{target:?} is of an old version")
        })?;
        let waiting = stage.waiting.iter().filter(superseded).count();
        demand(waiting <= 1, NAME, || format!("{waiting} SUPERSEDED executions wait for {name}"))?;
    }
    let ended = state.executions.iter().filter(|(_, execution)| execution.status.is_ended());
    for (id, execution) in ended {
        let retryable = state.stages.values().any(|stage| stage.retryable.as_ref() == Some(id));
        let is_parallel = state.key.parallel_execution.is_some();
        demand(retryable || is_parallel, NAME, || format!("{id} is {:?} and still there", execution.status))?;
    }
    let versions: std::collections::BTreeSet<_> = state.executions.values().map(|e| e.version).collect();
    demand(state.plans.len() <= versions.len() + 1, NAME, || format!("{} plans", state.plans.len()))
}
