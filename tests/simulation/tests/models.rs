//! Exhaustive searches: every order of few executions, people and faults.

use engine::declaration::ExecutionMode::{self, Queued, Superseded};
use engine::declaration::{ConditionResult, RetryMode};
use engine::execution::{
    ActionPlan, ActionStatus, ConditionPlan, ConditionPlans, ConditionType, ExecutionStatus, FailurePlan,
    Plan, StagePlan,
};
use stateright::{Checker, Model, Property};
use test_simulation::models::{Budget, Moment, Scope};

/// Stages by name, each with its actions' run orders.
fn plan(stages: &[(&str, &[u32])]) -> Plan {
    let stage = |(name, run_orders): &(&str, &[u32])| StagePlan {
        name: (*name).to_owned(),
        actions: (run_orders.iter().enumerate())
            .map(|(index, run_order)| ActionPlan {
                name: format!("action{index}"),
                run_order: *run_order,
                function: "deploy-s3".to_owned(),
                timeout_seconds: 60,
            })
            .collect(),
        conditions: Default::default(),
    };
    Plan { stages: stages.iter().map(stage).collect() }
}

fn two_stages() -> Plan {
    plan(&[("Build", &[1]), ("Deploy", &[1])])
}

fn condition(at: ConditionType, result: ConditionResult) -> ConditionPlan {
    let rule = ActionPlan {
        name: "alarm".to_owned(),
        run_order: at.run_order(),
        function: "deploy-s3".to_owned(),
        timeout_seconds: 60,
    };
    ConditionPlan { result, rules: vec![rule] }
}

/// Two stages; the last has these conditions.
fn with_conditions(conditions: ConditionPlans) -> Plan {
    let mut plan = two_stages();
    plan.stages[1].conditions = conditions;
    plan
}

/// Explores everything, and prints how much that was.
#[expect(clippy::disallowed_methods, reason = "the time that a search takes is told to whoever waits for it")]
fn explore(name: &str, mode: ExecutionMode, plan: Plan, budget: Budget, rare: &[Property<Scope>]) {
    let begin = std::time::Instant::now();
    let scope = Scope { mode, plan, budget, properties: rare.to_vec() };
    let checker = scope.checker().threads(2).spawn_bfs().join();
    println!("{name}: {} states, {:.1?}", checker.unique_state_count(), begin.elapsed());
    checker.assert_properties();
}

fn sometimes(name: &'static str, condition: fn(&Scope, &Moment) -> bool) -> Property<Scope> {
    Property::sometimes(name, condition)
}

fn ends_as(status: ExecutionStatus) -> Property<Scope> {
    match status {
        ExecutionStatus::Superseded => sometimes("superseded", |_, m| m.has(ExecutionStatus::Superseded)),
        ExecutionStatus::Stopped => sometimes("stopped", |_, m| m.has(ExecutionStatus::Stopped)),
        ExecutionStatus::Failed => sometimes("failed", |_, m| m.has(ExecutionStatus::Failed)),
        _ => sometimes("succeeded", |_, m| m.has(ExecutionStatus::Succeeded)),
    }
}

fn retry_while_another_action_runs() -> Property<Scope> {
    sometimes("a retry while another action runs", |_, moment| {
        let stages = moment.pipeline.executions.values().filter_map(|execution| execution.stage.as_ref());
        let mut retried = stages.filter(|stage| stage.attempt > 1);
        retried.any(|stage| {
            let running = |a: &&engine::execution::ActionExecution| a.status == ActionStatus::InProgress;
            stage.actions.iter().filter(running).any(|action| action.attempt < stage.attempt)
        })
    })
}

#[test]
fn superseded_with_three_executions() {
    let budget = Budget { starts: 3, failures: 1, stops: 1, retries: 1, ..Budget::default() };
    let rare = [ends_as(ExecutionStatus::Superseded), ends_as(ExecutionStatus::Failed)];
    explore("SUPERSEDED, three executions", Superseded, two_stages(), budget, &rare);
}

#[test]
fn three_executions_in_front_of_a_shut_transition() {
    let budget = Budget { starts: 3, failures: 1, shuts: 1, ..Budget::default() };
    let rare = [ends_as(ExecutionStatus::Superseded), ends_as(ExecutionStatus::Failed)];
    explore("SUPERSEDED at a shut transition", Superseded, two_stages(), budget, &rare);
}

#[test]
fn queued_with_three_executions() {
    let budget = Budget { starts: 3, failures: 1, stops: 1, retries: 1, ..Budget::default() };
    let all_wait = sometimes("two wait in front of one stage", |_, moment| {
        moment.pipeline.stages.values().any(|stage| stage.waiting.len() == 2)
    });
    let rare = [all_wait, ends_as(ExecutionStatus::Failed)];
    explore("QUEUED, three executions", Queued, two_stages(), budget, &rare);
}

#[test]
fn stops_abandons_and_retries_with_two_executions() {
    let budget = Budget { starts: 2, failures: 1, stops: 1, abandons: 1, retries: 2, ..Budget::default() };
    let rare = [ends_as(ExecutionStatus::Stopped), ends_as(ExecutionStatus::Succeeded)];
    for mode in [Superseded, Queued] {
        explore("stops, abandons, retries", mode, two_stages(), budget.clone(), &rare);
    }
}

#[test]
fn retries_of_a_stage_with_actions_side_by_side() {
    let budget =
        Budget { starts: 1, failures: 2, abandons: 1, retries: 2, repetitions: 1, ..Budget::default() };
    let plan = plan(&[("Build", &[1, 1, 2])]);
    let rare = [retry_while_another_action_runs(), ends_as(ExecutionStatus::Succeeded)];
    explore("retries side by side", Superseded, plan, budget, &rare);
}

#[test]
fn everything_told_twice_with_two_executions() {
    let budget =
        Budget { starts: 2, failures: 1, abandons: 1, retries: 1, repetitions: 2, ..Budget::default() };
    let rare = [ends_as(ExecutionStatus::Failed), ends_as(ExecutionStatus::Succeeded)];
    explore("told twice", Queued, two_stages(), budget, &rare);
}

#[test]
fn one_crash_with_two_executions() {
    let budget = Budget { starts: 2, failures: 1, abandons: 1, retries: 2, crashes: 1, ..Budget::default() };
    let rare = [ends_as(ExecutionStatus::Stopped), ends_as(ExecutionStatus::Succeeded)];
    explore("one crash", Superseded, two_stages(), budget, &rare);
}

#[test]
fn an_edit_that_cancels_with_two_executions() {
    let budget =
        Budget { starts: 2, failures: 1, stops: 1, retries: 1, cancels: 1, crashes: 1, ..Budget::default() };
    let cancelled = sometimes("cancelled", |_, moment| moment.has(ExecutionStatus::Cancelled));
    explore("an edit that cancels", Queued, two_stages(), budget, &[cancelled]);
}

#[test]
fn a_shut_transition_stops_and_retries() {
    let budget = Budget { starts: 2, failures: 1, stops: 1, retries: 1, shuts: 2, ..Budget::default() };
    let held = sometimes("held by the shut transition", |_, moment| {
        moment.pipeline.stages.values().any(|stage| stage.occupant.is_none() && !stage.waiting.is_empty())
    });
    let rare = [held, ends_as(ExecutionStatus::Stopped)];
    explore("shut and opened", Superseded, two_stages(), budget, &rare);
}

#[test]
fn an_entry_condition_that_is_overridden_stopped_and_retried() {
    let budget = Budget {
        starts: 1,
        failures: 2,
        stops: 1,
        retries: 1,
        overrides: 1,
        crashes: 1,
        ..Budget::default()
    };
    let overridden = sometimes("overridden while its rule runs", |_, moment| {
        let mut stages = moment.pipeline.executions.values().filter_map(|execution| execution.stage.as_ref());
        stages.any(|stage| {
            let checked = stage.condition(ConditionType::BeforeEntry);
            checked.is_some_and(|c| c.rules.iter().any(|rule| rule.status == ActionStatus::Abandoned))
                && stage.attempt == 1
        })
    });
    let before_entry = Some(condition(ConditionType::BeforeEntry, ConditionResult::Fail));
    let plan = with_conditions(ConditionPlans { before_entry, ..ConditionPlans::default() });
    explore("an entry condition", Superseded, plan, budget, &[overridden, ends_as(ExecutionStatus::Failed)]);
}

#[test]
fn a_stage_that_rolls_itself_back_while_others_wait() {
    let budget = Budget { starts: 3, failures: 1, ..Budget::default() };
    let rolled_back = sometimes("rolled back while another waits", |_, moment| {
        let mut stages = moment.pipeline.stages.values();
        stages.any(|stage| {
            let inside = stage.occupant.as_ref().and_then(|id| moment.pipeline.executions.get(id));
            inside.is_some_and(|execution| execution.rollback_of.is_some()) && !stage.waiting.is_empty()
        })
    });
    let on_success = Some(condition(ConditionType::OnSuccess, ConditionResult::Rollback));
    let plan = with_conditions(ConditionPlans { on_success, ..ConditionPlans::default() });
    explore("an automatic rollback", Superseded, plan, budget, &[rolled_back]);
}

#[test]
fn people_roll_back_what_retries_itself() {
    let budget = Budget { starts: 2, failures: 2, retries: 1, rollbacks: 1, ..Budget::default() };
    let retried = sometimes("a retry by itself", |_, moment| {
        let mut stages = moment.pipeline.executions.values().filter_map(|execution| execution.stage.as_ref());
        stages.any(|stage| stage.retries.automatic == 1)
    });
    let on_failure = Some(FailurePlan::Retry(RetryMode::AllActions));
    let plan = with_conditions(ConditionPlans { on_failure, ..ConditionPlans::default() });
    explore("rollbacks by people", Queued, plan, budget, &[retried, ends_as(ExecutionStatus::Failed)]);
}
