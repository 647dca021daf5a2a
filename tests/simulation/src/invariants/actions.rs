//! Executions and actions: each ends once, in its order, and stays as it ended.

use engine::decide::{ActionRecord, EventKind, ExecutionRecord, Record, StageRecord};
use engine::declaration::ConditionResult;
use engine::execution::{
    ActionExecution, ActionStatus, ConditionExecution, ConditionStatus, ConditionType, ExecutionStatus,
    PipelineExecutionId, StagePlan, StageStatus, Stop,
};

use super::{Invariants, Transition, Violation, demand};

impl Invariants {
    /// Statuses of executions and stages, as users see them in rows.
    pub(super) fn check_executions(&mut self, transition: Transition<'_>) -> Result<(), Violation> {
        for record in &transition.decision.records {
            match record {
                Record::Execution(row) => {
                    self.starts_once(row)?;
                    self.execution_goes_on(transition, row)?;
                }
                Record::Stage(row) => self.stage_goes_on(transition, row)?,
                Record::Action(_) | Record::ApprovalToken { .. } | Record::ClientRequest { .. } => {}
            }
        }
        abandon_never_waits(transition)
    }

    pub(super) fn check_actions(&mut self, transition: Transition<'_>) -> Result<(), Violation> {
        for record in &transition.decision.records {
            if let Record::Action(row) = record {
                self.action_goes_on(transition, row)?;
            }
        }
        if let EventKind::ApprovalAnswered(event) = &transition.event.kind {
            let is_new = self.approvals.insert(event.token.clone());
            demand(is_new, "an approval counts once", || format!("{event:?}"))?;
        }
        Ok(())
    }

    /// When something started is a fact: no later row tells another time.
    fn starts_once(&mut self, row: &ExecutionRecord) -> Result<(), Violation> {
        let started_at = *self.started_at.entry(row.execution_id.clone()).or_insert(row.started_at);
        demand(row.started_at == started_at, "an execution starts once", || {
            format!("{row:?}, {started_at:?}")
        })
    }

    fn execution_goes_on(
        &mut self,
        transition: Transition<'_>,
        row: &ExecutionRecord,
    ) -> Result<(), Violation> {
        use ExecutionStatus::{Failed, InProgress, Stopped, Stopping};
        let id = &row.execution_id;
        let last = self.executions.insert(id.clone(), row.status);
        let allowed = match (last, row.status) {
            (None, InProgress | Failed) => true,
            // SUPERSEDED and QUEUED executions may be overtaken in the decision that starts them.
            (None, _) => false,
            (Some(last), now) if last == now => true,
            (Some(InProgress), _) => true,
            (Some(Stopping), now) => now.is_ended() && now != ExecutionStatus::Superseded,
            (Some(Failed | Stopped), now) => {
                // An override of a success condition may end the execution at once.
                let goes_on = now == InProgress || now == ExecutionStatus::Succeeded;
                (now == InProgress && retries(transition, id)) || (goes_on && overrides(transition, id))
            }
            (Some(_), _) => false,
        };
        demand(allowed, "terminal statuses never change", || {
            format!("{id}: {last:?} -> {:?} by {:?}", row.status, transition.event)
        })
    }

    fn stage_goes_on(&mut self, transition: Transition<'_>, row: &StageRecord) -> Result<(), Violation> {
        let key = (row.execution_id.clone(), row.stage_index);
        let last = self.attempts.insert(key, row.attempt);
        let is_next = match last {
            None => row.attempt == 1,
            Some(last) => row.attempt == last + u32::from(begins_again(transition, row)),
        };
        demand(is_next, "attempts are numbered without gaps", || {
            format!("{row:?} after {last:?} by {:?}", transition.event)
        })?;
        let was = transition.before.executions.get(&row.execution_id);
        let plan = was.and_then(|was| transition.before.plan_of(was)?.stages.get(row.stage_index));
        match (row.status, plan) {
            (StageStatus::Succeeded, Some(plan)) => succeeds(transition, row, plan),
            (StageStatus::Skipped, Some(plan)) => is_skipped(transition, row, plan),
            _ => Ok(()),
        }
    }

    fn action_goes_on(&mut self, transition: Transition<'_>, row: &ActionRecord) -> Result<(), Violation> {
        let status = row.execution.status;
        let last = self.actions.insert(row.execution.id.clone(), status);
        match last {
            None => {
                demand(status == ActionStatus::InProgress, "an action begins before it ends", || {
                    format!("{row:?}")
                })?;
                begins_in_its_turn(transition, row)
            }
            Some(ActionStatus::InProgress) => Ok(()),
            Some(ended) => demand(ended == status, "each started action ends exactly once", || {
                format!("{ended:?} -> {status:?}: {row:?}")
            }),
        }
    }
}

fn succeeds(transition: Transition<'_>, row: &StageRecord, plan: &StagePlan) -> Result<(), Violation> {
    let was = transition.before.executions.get(&row.execution_id);
    let stage = was.and_then(|was| was.stage.as_ref());
    let succeeded = stage.is_some_and(|stage| {
        plan.actions.iter().all(|planned| {
            let mut actions = stage.actions.iter().filter(|action| action.name == planned.name);
            actions.any(|action| newest_status(transition, action) == ActionStatus::Succeeded)
        })
    });
    demand(succeeded, "a stage succeeds when all its actions have", || format!("{row:?}"))?;
    let needed = [ConditionType::BeforeEntry, ConditionType::OnSuccess].into_iter();
    let declared = needed.filter(|condition| plan.conditions.get(*condition).is_some());
    for condition in declared {
        let met = passed(&row.conditions, condition);
        demand(met, "a stage succeeds when its conditions are met or overridden", || format!("{row:?}"))?;
    }
    Ok(())
}

fn passed(conditions: &[ConditionExecution], condition: ConditionType) -> bool {
    let checked = conditions.iter().find(|checked| checked.condition == condition);
    checked.is_some_and(|checked| match checked.status {
        ConditionStatus::Succeeded => checked.is_met(),
        ConditionStatus::Overridden => true,
        _ => false,
    })
}

fn is_skipped(transition: Transition<'_>, row: &StageRecord, plan: &StagePlan) -> Result<(), Violation> {
    let was = transition.before.executions.get(&row.execution_id).and_then(|was| was.stage.as_ref());
    let ran_nothing = was.is_some_and(|was| was.actions.is_empty());
    let may_skip = plan.conditions.before_entry.as_ref().is_some_and(|c| c.result == ConditionResult::Skip);
    demand(ran_nothing && may_skip, "only an entry condition skips a stage, and nothing of it runs", || {
        format!("{row:?}")
    })
}

/// The last action of a stage that succeeds ends in the same decision.
fn newest_status(transition: Transition<'_>, action: &ActionExecution) -> ActionStatus {
    let mut rows = transition.decision.records.iter();
    let written = rows.find_map(|record| match record {
        Record::Action(row) if row.execution.id == action.id => Some(row.execution.status),
        _ => None,
    });
    written.unwrap_or(action.status)
}

fn retries(transition: Transition<'_>, id: &PipelineExecutionId) -> bool {
    matches!(&transition.event.kind, EventKind::StageRetryRequested(event) if event.execution_id == *id)
}

/// An override of a condition that has failed its stage.
fn overrides(transition: Transition<'_>, id: &PipelineExecutionId) -> bool {
    let ended = transition.before.executions.get(id).is_some_and(|was| was.status.is_ended());
    ended
        && matches!(&transition.event.kind, EventKind::ConditionOverridden(event) if event.execution_id == *id)
}

fn begins_again(transition: Transition<'_>, row: &StageRecord) -> bool {
    let id = &row.execution_id;
    let was = transition.before.executions.get(id).and_then(|was| was.stage.as_ref());
    let by_itself = was.is_some_and(|was| row.retries.automatic == was.retries.automatic + 1);
    retries(transition, id) || overrides(transition, id) || by_itself
}

/// The checks of actions that need no history.
pub(super) fn check_turns(transition: Transition<'_>) -> Result<(), Violation> {
    for record in &transition.decision.records {
        let Record::Action(row) = record else { continue };
        let was = transition.before.action(&row.action);
        if was.is_none() && row.execution.status == ActionStatus::InProgress {
            begins_in_its_turn(transition, row)?;
        }
        let had_ended = was.filter(|was| was.status != ActionStatus::InProgress);
        demand(
            had_ended.is_none_or(|was| was.status == row.execution.status),
            "each started action ends exactly once",
            || format!("{had_ended:?} -> {row:?}"),
        )?;
    }
    abandon_never_waits(transition)
}

/// runOrder is respected, and whoever is stopping begins nothing.
fn begins_in_its_turn(transition: Transition<'_>, row: &ActionRecord) -> Result<(), Violation> {
    let id = &row.action.pipeline_execution_id;
    let execution = transition.after.executions.get(id);
    let stage = execution.and_then(|execution| execution.stage.as_ref());
    let plan = execution.and_then(|e| transition.after.plan_of(e)?.stages.get(e.stage_index));
    let (Some(execution), Some(stage), Some(plan)) = (execution, stage, plan) else {
        return Err(Violation::new("an action belongs to an execution in a stage", format!("{row:?}")));
    };
    if row.action.condition == Some(ConditionType::OnFailure) {
        return demand(stage.has_failed_action(), "failure conditions are checked after a failure", || {
            format!("{row:?}")
        });
    }
    let lets_in = row.action.condition == Some(ConditionType::BeforeEntry)
        || plan.conditions.before_entry.is_none()
        || passed(&stage.conditions, ConditionType::BeforeEntry);
    demand(lets_in, "nothing runs before the entry condition is met or overridden", || format!("{row:?}"))?;
    let earlier = plan.actions.iter().filter(|action| action.run_order < row.execution.run_order);
    let not_done: Vec<_> = earlier
        .filter(|planned| {
            let done = stage.actions.iter().find(|action| action.name == planned.name);
            done.is_none_or(|action| action.status != ActionStatus::Succeeded)
        })
        .collect();
    demand(not_done.is_empty(), "runOrder is respected", || {
        format!("{row:?} begins before {not_done:?} has succeeded")
    })?;
    let was_stopping = transition.before.executions.get(id).is_some_and(|was| was.stop.is_some());
    demand(
        execution.stop.is_none() && (!was_stopping || retries(transition, id)),
        "whoever stops starts nothing more",
        || format!("{row:?} begins by {:?}", transition.event),
    )
}

fn abandon_never_waits(transition: Transition<'_>) -> Result<(), Violation> {
    let EventKind::StopRequested(event) = &transition.event.kind else { return Ok(()) };
    let was = transition.before.executions.get(&event.execution_id);
    let stops_twice = !event.abandon && was.is_some_and(|was| was.status == ExecutionStatus::Stopping);
    demand(!stops_twice, "a second stop is refused", || format!("{event:?}"))?;
    let left = transition.after.executions.get(&event.execution_id);
    let has_ended = left.is_none_or(|execution| execution.status.is_ended());
    demand(has_ended || !event.abandon, "abandon never waits", || event.execution_id.0.clone())?;
    let is_known = left.is_none_or(|execution| matches!(execution.stop, Some(Stop::Requested { .. })));
    demand(has_ended || is_known, "a stop is kept until the stage ends", || event.execution_id.0.clone())
}
