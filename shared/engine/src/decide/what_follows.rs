//! What follows when all of a group have ended: a pure reading of the stage and its plan.
//!
//! An entry or a success condition is met when all of its rules succeed, and its result is what happens if it is
//! not; a failure condition's result, a rollback, is what happens if it is met. (CodePipeline user guide, "How do
//! stage conditions work?") Failure conditions are looked at when an action has failed ("when any action in the
//! stage has failed": AWS What's New, July 2024); a stage that fails by another condition has that one's result.

use crate::declaration::{ConditionResult, RetryMode};
use crate::execution::{
    ConditionType, FailurePlan, StageExecution, StagePlan, StageStatus, Stop, next_run_order,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// For another workflow, which runs other actions of the same group, or an earlier group again.
    Wait,
    /// The group of this `runOrder`.
    Group(u32),
    End(StageStatus),
    /// The stage fails, and is run again with what it last succeeded with.
    RollBack,
    /// The stage failed, and is run again by itself, once.
    Retry(RetryMode),
}

/// `stage` has nothing in progress.
pub(super) fn after_group(plan: &StagePlan, stage: &StageExecution, stop: Option<&Stop>) -> Next {
    match stop {
        Some(Stop::Requested { .. }) => return Next::End(StageStatus::Stopped),
        Some(Stop::Edited) => return Next::End(StageStatus::Cancelled),
        None => {}
    }
    match ConditionType::of_run_order(stage.run_order) {
        Some(condition) => after_condition(plan, stage, condition),
        None if stage.has_failed_action() => after_failure(plan, stage),
        None => after_success(plan, stage.run_order),
    }
}

fn after_success(plan: &StagePlan, run_order: u32) -> Next {
    match next_run_order(plan, Some(run_order)) {
        Some(run_order) => Next::Group(run_order),
        None if plan.conditions.on_success.is_some() => Next::Group(ConditionType::OnSuccess.run_order()),
        None => Next::End(StageStatus::Succeeded),
    }
}

fn after_failure(plan: &StagePlan, stage: &StageExecution) -> Next {
    match &plan.conditions.on_failure {
        Some(FailurePlan::Retry(mode)) if stage.retries.automatic == 0 => Next::Retry(*mode),
        Some(FailurePlan::Rollback) => Next::RollBack,
        Some(FailurePlan::Conditions(_)) => Next::Group(ConditionType::OnFailure.run_order()),
        Some(FailurePlan::Retry(_)) | None => Next::End(StageStatus::Failed),
    }
}

fn after_condition(plan: &StagePlan, stage: &StageExecution, condition: ConditionType) -> Next {
    let is_met = stage.condition(condition).is_some_and(|execution| execution.is_met());
    let result = plan.conditions.get(condition).map(|condition| condition.result);
    match (condition, is_met, result) {
        (ConditionType::BeforeEntry, true, _) => first_actions(plan),
        (ConditionType::BeforeEntry, false, Some(ConditionResult::Skip)) => Next::End(StageStatus::Skipped),
        (ConditionType::BeforeEntry, false, _) => Next::End(StageStatus::Failed),
        (ConditionType::OnSuccess, true, _) => Next::End(StageStatus::Succeeded),
        (ConditionType::OnSuccess, false, Some(ConditionResult::Rollback)) => Next::RollBack,
        (ConditionType::OnSuccess, false, _) => Next::End(StageStatus::Failed),
        (ConditionType::OnFailure, true, _) => Next::RollBack,
        (ConditionType::OnFailure, false, _) => Next::End(StageStatus::Failed),
    }
}

/// What follows an entry condition that is met, or overridden.
pub(super) fn first_actions(plan: &StagePlan) -> Next {
    next_run_order(plan, None).map_or(Next::End(StageStatus::Succeeded), Next::Group)
}
