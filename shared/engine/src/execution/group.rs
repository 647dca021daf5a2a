//! Actions of equal `runOrder` run side by side, and so do the rules of a condition: a group. A stage is its groups,
//! one after the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{rule_execution_id, workflow_name};
use super::{
    ActionExecution, ActionRef, ActionStatus, ConditionExecution, ConditionStatus, ConditionType, Execution,
    PipelineExecutionId, PipelineState, StageExecution, StagePlan, StageRef, Timestamp, action_execution_id,
};
use crate::decide::Effect;

/// What the state machine `stage-execution` is started with, and what `Advance` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StageInput {
    pub stage: StageRef,
    /// Empty: the workflow has nothing more to do.
    pub actions: Vec<ActionItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionItem {
    /// The folder of the function; the platform puts the deployed name in its place.
    pub function_name: String,
    pub timeout_seconds: u64,
    pub action: ActionRef,
}

/// The `runOrder` of the group after `run_order`; the first one's for `None`.
pub(crate) fn next_run_order(stage: &StagePlan, run_order: Option<u32>) -> Option<u32> {
    let orders = stage.actions.iter().map(|action| action.run_order);
    orders.filter(|order| run_order.is_none_or(|done| *order > done)).min()
}

/// The stage's first group: the rules of its entry condition, if it has one.
pub(crate) fn first_run_order(stage: &StagePlan) -> Option<u32> {
    let entry = stage.conditions.before_entry.as_ref().map(|_| ConditionType::BeforeEntry.run_order());
    entry.or_else(|| next_run_order(stage, None))
}

/// The execution has entered its stage: the first group starts, and a workflow that runs it.
pub(crate) fn begin_stage(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) {
    let key = state.key.clone();
    let Some(execution) = state.executions.get_mut(id) else { return };
    let plan = state.plans.get(&execution.version).and_then(|plan| plan.stages.get(execution.stage_index));
    let Some(plan) = plan else { return };
    let Some(run_order) = first_run_order(plan) else { return };
    let stage = execution.stage.get_or_insert_with(|| StageExecution::new(now));
    begin_group(stage, plan, (id, execution.stage_index), run_order, now);
    execution.updated_at = now;
    push_start(&key, id, execution, plan, effects);
}

/// Starts a later group of the stage, which the workflow of `workflow_attempt` goes on with.
pub(crate) fn start_group(
    state: &mut PipelineState,
    id: &PipelineExecutionId,
    run_order: u32,
    workflow_attempt: u32,
    now: Timestamp,
) {
    let Some(execution) = state.executions.get_mut(id) else { return };
    let plan = state.plans.get(&execution.version).and_then(|plan| plan.stages.get(execution.stage_index));
    let (Some(plan), Some(stage)) = (plan, execution.stage.as_mut()) else { return };
    stage.group_attempt = workflow_attempt;
    begin_group(stage, plan, (id, execution.stage_index), run_order, now);
    execution.updated_at = now;
}

/// The group becomes the one that runs, in the workflow of the stage's `group_attempt` and no other.
pub(crate) fn begin_group(
    stage: &mut StageExecution,
    plan: &StagePlan,
    (id, stage_index): (&PipelineExecutionId, usize),
    run_order: u32,
    now: Timestamp,
) {
    stage.run_order = run_order;
    stage.workflows = BTreeMap::from([(stage.group_attempt, run_order)]);
    match ConditionType::of_run_order(run_order) {
        Some(condition) => begin_condition(stage, plan, (id, stage_index), condition, now),
        None => {
            for action in plan.group(run_order) {
                begin_action(stage, id, stage_index, &action.name, now);
            }
        }
    }
}

/// A new check of a condition, in the place of the last one.
fn begin_condition(
    stage: &mut StageExecution,
    plan: &StagePlan,
    (id, stage_index): (&PipelineExecutionId, usize),
    condition: ConditionType,
    now: Timestamp,
) {
    let rules = plan.group(condition.run_order()).map(|rule| {
        let execution_id = rule_execution_id(id, stage_index, stage.attempt, condition, &rule.name);
        begun(stage, execution_id, &rule.name, now)
    });
    let begun = ConditionExecution {
        condition,
        status: ConditionStatus::InProgress,
        summary: None,
        updated_at: now,
        rules: rules.collect(),
    };
    match stage.condition_mut(condition) {
        Some(last) => *last = begun,
        None => stage.conditions.push(begun),
    }
}

/// A new execution of an action in the stage's current attempt, in the place of its last one.
pub(crate) fn begin_action(
    stage: &mut StageExecution,
    id: &PipelineExecutionId,
    stage_index: usize,
    name: &str,
    now: Timestamp,
) {
    let begun = begun(stage, action_execution_id(id, stage_index, stage.attempt, name), name, now);
    match stage.actions.iter_mut().find(|action| action.name == name) {
        Some(last) => *last = begun,
        None => stage.actions.push(begun),
    }
}

fn begun(stage: &StageExecution, id: String, name: &str, now: Timestamp) -> ActionExecution {
    ActionExecution {
        id,
        name: name.to_owned(),
        run_order: stage.run_order,
        attempt: stage.attempt,
        workflow_attempt: stage.group_attempt,
        status: ActionStatus::InProgress,
        started_at: now,
        updated_at: now,
        task_token: None,
        approval_token: None,
        external_execution_id: None,
        external_execution_url: None,
        summary: None,
        percent_complete: None,
        updated_by: None,
        error: None,
    }
}

/// Asks for a workflow that runs what this attempt has begun.
pub(crate) fn push_start(
    key: &super::StateKey,
    id: &PipelineExecutionId,
    execution: &Execution,
    plan: &StagePlan,
    effects: &mut Vec<Effect>,
) {
    let Some(stage) = &execution.stage else { return };
    let stage_ref = StageRef {
        key: key.clone(),
        pipeline_execution_id: id.clone(),
        stage_index: execution.stage_index,
        attempt: stage.attempt,
        run_order: stage.run_order,
    };
    effects.push(Effect::StartStateMachine {
        name: workflow_name(id, execution.stage_index, stage.attempt),
        input: stage_input(plan, stage, stage_ref),
    });
}

/// What the workflow of `after` has to run next: the group after the one it says it ran, if that has
/// begun for this workflow. The same question gets the same answer, as a lost reply is asked again.
pub fn group_items(state: &PipelineState, after: &StageRef) -> StageInput {
    let next = next_items(state, after);
    next.unwrap_or_else(|| StageInput { stage: after.clone(), actions: Vec::new() })
}

fn next_items(state: &PipelineState, after: &StageRef) -> Option<StageInput> {
    let execution = state.executions.get(&after.pipeline_execution_id)?;
    let stage = execution.stage.as_ref().filter(|stage| {
        execution.stage_index == after.stage_index
            && stage.ended.is_none()
            && stage.group_attempt == after.attempt
            && stage.run_order > after.run_order
    })?;
    let plan = state.plan_of(execution)?.stages.get(execution.stage_index)?;
    let stage_ref = StageRef { run_order: stage.run_order, ..after.clone() };
    Some(stage_input(plan, stage, stage_ref))
}

/// The group's actions that this workflow runs: a retry's workflow has only those that it began.
fn stage_input(plan: &StagePlan, stage: &StageExecution, stage_ref: StageRef) -> StageInput {
    let run_order = stage_ref.run_order;
    let group = stage
        .executions()
        .filter(|action| action.run_order == run_order && action.workflow_attempt == stage_ref.attempt);
    let with_plan =
        group.filter_map(|action| Some((action, plan.group(run_order).find(|p| p.name == action.name)?)));
    let actions = with_plan.map(|(action, plan)| ActionItem {
        function_name: plan.function.clone(),
        timeout_seconds: plan.timeout_seconds,
        action: ActionRef {
            key: stage_ref.key.clone(),
            pipeline_execution_id: stage_ref.pipeline_execution_id.clone(),
            stage_index: stage_ref.stage_index,
            action_name: action.name.clone(),
            action_execution_id: action.id.clone(),
            condition: ConditionType::of_run_order(run_order),
        },
    });
    StageInput { actions: actions.collect(), stage: stage_ref }
}
