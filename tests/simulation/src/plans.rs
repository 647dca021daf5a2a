//! Random declarations, as far as decisions see them: stages, actions, run orders, timeouts.

use engine::declaration::{ConditionResult, ExecutionMode, RetryMode};
use engine::execution::{
    ActionPlan, ConditionPlan, ConditionPlans, ConditionType, FailurePlan, Plan, StagePlan,
};
use rand::Rng;
use rand::rngs::StdRng;

const STAGES: [&str; 6] = ["Source", "Build", "Test", "Approve", "Stage", "Deploy"];
const ACTIONS: [&str; 4] = ["one", "two", "three", "four"];
const RULES: [&str; 2] = ["window", "alarm"];

/// Runs to its end in the function itself.
pub const INLINE: &str = "deploy-s3";
/// Goes on outside, and an event tells its end.
pub const OUTSIDE: &str = "build-codebuild";
/// A person ends it.
pub const APPROVAL: &str = "approval-manual";

pub fn draw_plan(rng: &mut StdRng) -> Plan {
    let count = rng.random_range(1..=5);
    let stages = (0..count).map(|index| StagePlan {
        name: STAGES[index].to_owned(),
        actions: draw_actions(rng),
        conditions: draw_conditions(rng),
    });
    Plan { stages: stages.collect() }
}

/// Most stages have none, as in real pipelines.
fn draw_conditions(rng: &mut StdRng) -> ConditionPlans {
    let mut conditions = ConditionPlans::default();
    match rng.random_range(0..20) {
        0 => {
            conditions.before_entry =
                Some(draw_condition(rng, ConditionType::BeforeEntry, ConditionResult::Fail))
        }
        1 => {
            conditions.before_entry =
                Some(draw_condition(rng, ConditionType::BeforeEntry, ConditionResult::Skip))
        }
        2 => {
            conditions.on_success = Some(draw_condition(rng, ConditionType::OnSuccess, ConditionResult::Fail))
        }
        3 | 4 => {
            conditions.on_success =
                Some(draw_condition(rng, ConditionType::OnSuccess, ConditionResult::Rollback))
        }
        5 | 6 => conditions.on_failure = Some(FailurePlan::Rollback),
        7 => conditions.on_failure = Some(FailurePlan::Retry(RetryMode::FailedActions)),
        8 => conditions.on_failure = Some(FailurePlan::Retry(RetryMode::AllActions)),
        9 => {
            let condition = draw_condition(rng, ConditionType::OnFailure, ConditionResult::Rollback);
            conditions.on_failure = Some(FailurePlan::Conditions(condition));
        }
        _ => {}
    }
    if rng.random_range(0..10) == 0 {
        conditions.before_entry =
            Some(draw_condition(rng, ConditionType::BeforeEntry, ConditionResult::Fail));
    }
    conditions
}

fn draw_condition(rng: &mut StdRng, condition: ConditionType, result: ConditionResult) -> ConditionPlan {
    let count = rng.random_range(1..=RULES.len());
    let rules = RULES[..count].iter().map(|name| ActionPlan {
        name: (*name).to_owned(),
        run_order: condition.run_order(),
        function: [INLINE, INLINE, OUTSIDE][rng.random_range(0..3)].to_owned(),
        timeout_seconds: rng.random_range(20..90),
    });
    ConditionPlan { result, rules: rules.collect() }
}

fn draw_actions(rng: &mut StdRng) -> Vec<ActionPlan> {
    let count = [1, 1, 1, 2, 2, 3, 4][rng.random_range(0..7)];
    let actions = ACTIONS[..count].iter().map(|name| ActionPlan {
        name: (*name).to_owned(),
        run_order: rng.random_range(1..=3),
        function: [INLINE, INLINE, INLINE, OUTSIDE, OUTSIDE, APPROVAL][rng.random_range(0..6)].to_owned(),
        timeout_seconds: rng.random_range(20..90),
    });
    actions.collect()
}

/// The plan after an edit: the same, other actions, a stage more or less, or a stage renamed.
pub fn edit_plan(rng: &mut StdRng, plan: &Plan) -> Plan {
    let mut edited = plan.clone();
    match rng.random_range(0..5) {
        0 => {}
        1 => return draw_plan(rng),
        2 => edited.stages.reverse(),
        3 => edited.stages[0].name = format!("{}2", edited.stages[0].name),
        _ => {
            for stage in &mut edited.stages {
                stage.actions = draw_actions(rng);
                stage.conditions = draw_conditions(rng);
            }
        }
    }
    edited
}

pub fn draw_mode(rng: &mut StdRng) -> ExecutionMode {
    [ExecutionMode::Superseded, ExecutionMode::Queued, ExecutionMode::Parallel][rng.random_range(0..3)]
}
