//! OverrideStageCondition: the stage goes on as if the condition were met.
//!
//! While its rules run they are abandoned (user guide, "Overriding stage conditions"); a stage that has failed by
//! it goes on as well, until another execution enters it. A condition that skips its stage cannot be overridden.

use super::stage_ended::end_stage;
use super::what_follows::{Next, first_actions};
use super::{ActionOutcome, Change, ConditionOverridden, Effect};
use crate::Rejection;
use crate::declaration::ConditionResult;
use crate::execution::{
    ActionStatus, ConditionStatus, ConditionType, Execution, ExecutionStatus, PipelineState, StageExecution,
    StagePlan, StageStatus, Timestamp, begin_group, push_start,
};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &ConditionOverridden,
    now: Timestamp,
) -> Result<Change, Rejection> {
    check(state, event)?;
    let id = &event.execution_id;
    let key = state.key.clone();
    let mut change = Change::default();
    let Some(execution) = state.executions.get_mut(id) else { return Ok(change) };
    let plan = state.plans.get(&execution.version).and_then(|plan| plan.stages.get(execution.stage_index));
    let (Some(plan), Some(stage)) = (plan.cloned(), execution.stage.as_mut()) else { return Ok(change) };
    let had_ended = stage.ended.take().is_some();
    abandon_rules(stage, event, now, &mut change)?;
    if had_ended {
        stage.attempt += 1;
        stage.group_attempt = stage.attempt;
        execution.set_status(ExecutionStatus::InProgress)?;
        execution.status_summary = None;
        let stage_state = state.stages.entry(event.stage_name.clone()).or_default();
        stage_state.occupant = Some(id.clone());
        stage_state.retryable = None;
    }
    execution.updated_at = now;
    let next = match event.condition {
        ConditionType::BeforeEntry => first_actions(&plan),
        ConditionType::OnSuccess | ConditionType::OnFailure => Next::End(StageStatus::Succeeded),
    };
    let Next::Group(run_order) = next else {
        end_stage(state, id, StageStatus::Succeeded, now, &mut change)?;
        return Ok(change);
    };
    if let Some(stage) = execution.stage.as_mut() {
        begin_group(stage, &plan, (id, execution.stage_index), run_order, now);
    }
    if had_ended {
        push_start(&key, id, execution, &plan, &mut change.effects);
    }
    Ok(change)
}

fn abandon_rules(
    stage: &mut StageExecution,
    event: &ConditionOverridden,
    now: Timestamp,
    change: &mut Change,
) -> Result<(), Rejection> {
    let Some(condition) = stage.condition_mut(event.condition) else { return Ok(()) };
    for rule in condition.rules.iter_mut().filter(|rule| rule.status == ActionStatus::InProgress) {
        rule.status = rule.status.next(ActionStatus::Abandoned)?;
        rule.updated_at = now;
        rule.updated_by = Some(event.overridden_by.clone());
        if let Some(task_token) = rule.task_token.take() {
            change.effects.push(Effect::CompleteTask {
                action_execution_id: rule.id.clone(),
                task_token,
                outcome: ActionOutcome::Succeeded(Default::default()),
            });
        }
    }
    let summary = format!("Overridden by {}", event.overridden_by);
    condition.set(ConditionStatus::Overridden, Some(summary), now);
    Ok(())
}

fn check(state: &PipelineState, event: &ConditionOverridden) -> Result<(), Rejection> {
    let (id, stage_name, word) = (&event.execution_id, &event.stage_name, event.condition.as_str());
    if !state.plans.values().any(|plan| plan.stage_index(stage_name).is_some()) {
        return Err(Rejection::StageNotFound(format!("The stage '{stage_name}' does not exist.")));
    }
    let occupant = state.stages.get(stage_name).and_then(|stage| stage.occupant.as_ref());
    let is_overtaken = occupant.is_some_and(|occupant| occupant != id);
    let Some(execution) = state.executions.get(id).filter(|_| !is_overtaken) else {
        return Err(Rejection::NotLatestPipelineExecution(format!(
            "The pipeline execution {id} is not the latest in the stage '{stage_name}', or has ended for good."
        )));
    };
    let not_overridable = |why: &str| {
        Err(Rejection::ConditionNotOverridable(format!(
            "Unable to override the {word} condition of the stage '{stage_name}' for the pipeline execution {id}: {why}"
        )))
    };
    let here = state.plan_of(execution).and_then(|plan| plan.stages.get(execution.stage_index));
    let Some(plan) = here.filter(|plan| plan.name == *stage_name) else {
        return not_overridable("the execution is not in this stage.");
    };
    if execution.status == ExecutionStatus::Stopping {
        return Err(Rejection::Conflict(format!("The pipeline execution {id} is stopping.")));
    }
    if execution.stop.is_some() || (execution.status.is_ended() && execution.version != state.version) {
        return not_overridable("it was stopped, or the pipeline was updated since. Start a new execution.");
    }
    match why_not(plan, execution, event.condition) {
        Some(why) => not_overridable(why),
        None => Ok(()),
    }
}

fn why_not(plan: &StagePlan, execution: &Execution, condition: ConditionType) -> Option<&'static str> {
    let Some(declared) = plan.conditions.get(condition) else { return Some("it has no such condition.") };
    if condition == ConditionType::OnFailure {
        return Some("a failure condition cannot be overridden.");
    }
    if declared.result == ConditionResult::Skip {
        return Some("a condition with the result SKIP cannot be overridden.");
    }
    let stage = execution.stage.as_ref();
    let is_last = |stage: &&StageExecution| stage.run_order == condition.run_order();
    match stage.filter(is_last).and_then(|stage| stage.condition(condition)).map(|checked| checked.status) {
        Some(ConditionStatus::InProgress | ConditionStatus::Failed | ConditionStatus::Errored) => None,
        Some(
            ConditionStatus::Succeeded
            | ConditionStatus::Cancelled
            | ConditionStatus::Abandoned
            | ConditionStatus::Overridden,
        )
        | None => Some("it has not failed, and is not being checked."),
    }
}
