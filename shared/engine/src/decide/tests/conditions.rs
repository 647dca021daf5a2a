//! Conditions of a stage: checked before it, after it has succeeded, and after an action has failed.

use super::*;
use crate::declaration::ConditionResult;

/// The stage Build of the plan, with conditions. An entry condition has the rules Window and Alarm, the others Alarm.
fn conditions(
    before_entry: Option<ConditionResult>,
    on_success: Option<ConditionResult>,
    on_failure: Option<FailurePlan>,
) -> ConditionPlans {
    ConditionPlans {
        before_entry: before_entry.map(|it| condition(ConditionType::BeforeEntry, it, &["Window", "Alarm"])),
        on_success: on_success.map(|it| condition(ConditionType::OnSuccess, it, &["Alarm"])),
        on_failure,
    }
}

pub(super) fn condition(at: ConditionType, result: ConditionResult, rules: &[&str]) -> ConditionPlan {
    let rule = |name: &&str| ActionPlan {
        name: (*name).into(),
        run_order: at.run_order(),
        function: "rule".into(),
        timeout_seconds: 60,
    };
    ConditionPlan { result, rules: rules.iter().map(rule).collect() }
}

impl Scene {
    /// `a` has come to the stage Build, which has these conditions.
    pub(super) fn at_build(mode: ExecutionMode, conditions: ConditionPlans) -> Self {
        let mut scene = Self::new(mode);
        let plan = scene.state.plans.get_mut(&1).expect("its first plan");
        plan.stages[1].conditions = conditions;
        scene.start("a");
        scene.run_group("a", true);
        scene
    }

    pub(super) fn running(&self, id: &str) -> Vec<&str> {
        let stage = self.state.executions[&id.into()].stage.as_ref().expect("the execution is in a stage");
        stage.in_progress().map(|action| action.name.as_str()).collect()
    }

    fn condition(&self, id: &str, condition: ConditionType) -> ConditionStatus {
        let stage = self.state.executions[&id.into()].stage.as_ref().expect("the execution is in a stage");
        stage.condition(condition).expect("it was checked").status
    }

    fn override_condition(&mut self, id: &str, condition: ConditionType) -> Result<Decision, Rejection> {
        let (execution_id, stage_name, overridden_by) = (id.into(), "Build".into(), "ann".into());
        let event = ConditionOverridden { execution_id, stage_name, condition, overridden_by };
        self.tell(EventKind::ConditionOverridden(event))
    }
}

fn stage_rows(decision: &Decision) -> Vec<(&str, StageStatus)> {
    let rows = decision.records.iter().filter_map(|record| match record {
        Record::Stage(row) => Some((row.stage_name.as_str(), row.status)),
        _ => None,
    });
    rows.collect()
}

#[test]
fn a_stage_that_is_let_in_goes_on_in_the_same_workflow() {
    let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Fail), None, None));
    assert_eq!((scene.occupant("Build"), scene.running("a")), (Some("a"), vec!["Window", "Alarm"]));
    let starts = scene.effects.len();
    assert_eq!(names(&scene.run_group("a", true)), ["Compile", "Lint"]);
    assert_eq!(scene.condition("a", ConditionType::BeforeEntry), ConditionStatus::Succeeded);
    assert_eq!(scene.effects.len(), starts, "no other workflow is started");
}

#[test]
fn one_rule_that_fails_keeps_the_execution_out_and_a_retry_checks_again() {
    let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Fail), None, None));
    scene.finish("a", "Window", succeeded());
    scene.finish("a", "Alarm", failed());
    assert_eq!((scene.status("a"), scene.occupant("Build")), (ExecutionStatus::Failed, None));
    assert_eq!(scene.condition("a", ConditionType::BeforeEntry), ConditionStatus::Failed);
    for mode in [RetryMode::FailedActions, RetryMode::AllActions] {
        scene.retry("a", "Build", mode).expect("nobody entered since");
        assert_eq!(scene.running("a"), ["Window", "Alarm"]);
        scene.run_group("a", false);
    }
    scene.retry("a", "Build", RetryMode::FailedActions).expect("again");
    assert_eq!(names(&scene.run_group("a", true)), ["Compile", "Lint"]);
}

#[test]
fn a_stage_is_skipped_and_the_next_one_entered() {
    let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Skip), None, None));
    scene.finish("a", "Window", failed());
    let action = scene.action("a", "Alarm");
    let finished = ActionFinished { action, outcome: succeeded() };
    let decision = scene.tell(EventKind::ActionFinished(finished)).expect("an outcome is accepted");
    assert_eq!(stage_rows(&decision), [("Build", StageStatus::Skipped), ("Deploy", StageStatus::InProgress)]);
    assert_eq!((scene.occupant("Build"), scene.occupant("Deploy")), (None, Some("a")));
    scene.run_group("a", true);
    assert_eq!(scene.status("a"), ExecutionStatus::Succeeded);
}

#[test]
fn the_lock_is_kept_until_the_success_condition_is_met() {
    let mut scene = Scene::at_build(Superseded, conditions(None, Some(ConditionResult::Fail), None));
    scene.start("b");
    scene.run_group("b", true);
    scene.run_group("a", true);
    assert_eq!(names(&scene.run_group("a", true)), ["Alarm"]);
    assert_eq!((scene.occupant("Build"), scene.waiting("Build")), (Some("a"), vec!["b"]));
    scene.run_group("a", true);
    assert_eq!((scene.occupant("Build"), scene.occupant("Deploy")), (Some("b"), Some("a")));
}

#[test]
fn a_stage_whose_success_condition_is_not_met_has_failed() {
    let mut scene = Scene::at_build(Superseded, conditions(None, Some(ConditionResult::Fail), None));
    for succeed in [true, true, false] {
        scene.run_group("a", succeed);
    }
    assert_eq!(scene.status("a"), ExecutionStatus::Failed);
    let refused = scene.retry("a", "Build", RetryMode::FailedActions);
    assert!(matches!(refused, Err(Rejection::StageNotRetryable(_))), "no action has failed");
    scene.retry("a", "Build", RetryMode::AllActions).expect("all may run again");
    assert_eq!(scene.running("a"), ["Compile", "Lint"]);
}

#[test]
fn a_stage_retries_itself_once() {
    for (mode, again) in
        [(RetryMode::FailedActions, vec!["Lint"]), (RetryMode::AllActions, vec!["Compile", "Lint"])]
    {
        let conditions = conditions(None, None, Some(FailurePlan::Retry(mode)));
        let mut scene = Scene::at_build(Superseded, conditions);
        let group = scene.group("a", 1);
        scene.finish("a", "Compile", succeeded());
        scene.finish("a", "Lint", failed());
        assert_eq!((scene.status("a"), scene.running("a")), (ExecutionStatus::InProgress, again));
        assert!(scene.ask(&group).actions.is_empty(), "the first workflow has nothing more to do");
        assert_eq!(scene.state.executions[&"a".into()].stage.as_ref().map(|stage| stage.attempt), Some(2));
        scene.run_group("a", false);
        assert_eq!(scene.status("a"), ExecutionStatus::Failed);
        scene.retry("a", "Build", RetryMode::FailedActions).expect("a person may retry");
        scene.run_group("a", false);
        assert_eq!(scene.status("a"), ExecutionStatus::Failed, "once is once");
        let stage = scene.state.executions[&"a".into()].stage.clone().expect("it is in a stage");
        let latest = Some(RetryTrigger::ManualStageRetry);
        assert_eq!(stage.retries, Retries { automatic: 1, manual: 1, latest });
    }
}

#[test]
fn while_rules_run_a_person_may_let_the_execution_pass() {
    let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Fail), None, None));
    let group = scene.group("a", 1);
    let rule = scene.action("a", "Window");
    let (approval_token, input) = (None, ActionInput::default());
    let started = ActionStarted { action: rule.clone(), task_token: "task".into(), approval_token, input };
    scene.tell(EventKind::ActionStarted(started)).expect("a start is accepted");
    scene.effects.clear();
    scene.override_condition("a", ConditionType::BeforeEntry).expect("it is being checked");
    assert_eq!(scene.condition("a", ConditionType::BeforeEntry), ConditionStatus::Overridden);
    assert!(matches!(&scene.effects[..], [Effect::CompleteTask { .. }]), "the workflow waits no longer");
    assert_eq!(names(&scene.ask(&group)), ["Compile", "Lint"]);
    let late = ActionFinished { action: rule, outcome: failed() };
    let before = scene.state.clone();
    let late = scene.tell(EventKind::ActionFinished(late)).expect("a late result is normal");
    assert!(late.changes_nothing(&before));
}

#[test]
fn after_it_has_failed_a_person_may_let_the_execution_pass() {
    let both = conditions(Some(ConditionResult::Fail), Some(ConditionResult::Fail), None);
    let mut scene = Scene::at_build(Superseded, both);
    scene.run_group("a", false);
    scene.override_condition("a", ConditionType::BeforeEntry).expect("it has failed");
    assert_eq!(
        (scene.status("a"), scene.running("a")),
        (ExecutionStatus::InProgress, vec!["Compile", "Lint"])
    );
    for succeed in [true, true, false] {
        scene.run_group("a", succeed);
    }
    assert_eq!(scene.status("a"), ExecutionStatus::Failed);
    scene.override_condition("a", ConditionType::OnSuccess).expect("it has failed");
    assert_eq!((scene.occupant("Build"), scene.occupant("Deploy")), (None, Some("a")));
}

#[test]
fn an_override_is_refused_with_its_reason() {
    let skipping = conditions(Some(ConditionResult::Skip), None, None);
    let mut scene = Scene::at_build(Superseded, skipping);
    for (condition, why) in [
        (ConditionType::BeforeEntry, "SKIP"),
        (ConditionType::OnSuccess, "no such condition"),
        (ConditionType::OnFailure, "no such condition"),
    ] {
        let Err(Rejection::ConditionNotOverridable(message)) = scene.override_condition("a", condition)
        else {
            panic!("{condition:?}")
        };
        assert!(message.contains(why), "{message}");
    }
    let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Fail), None, None));
    let refused = scene.override_condition("b", ConditionType::BeforeEntry);
    assert!(matches!(refused, Err(Rejection::NotLatestPipelineExecution(_))));
    scene.run_group("a", true);
    let refused = scene.override_condition("a", ConditionType::BeforeEntry);
    assert!(matches!(refused, Err(Rejection::ConditionNotOverridable(_))), "it was met");
}

#[test]
fn a_stop_ends_the_stage_when_its_rules_have_ended_or_at_once() {
    for (abandon, expected) in [(false, ConditionStatus::Cancelled), (true, ConditionStatus::Abandoned)] {
        let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Fail), None, None));
        scene.stop("a", abandon).expect("it runs");
        if !abandon {
            scene.run_group("a", true);
        }
        assert_eq!((scene.status("a"), scene.occupant("Build")), (ExecutionStatus::Stopped, None));
        assert_eq!(scene.condition("a", ConditionType::BeforeEntry), expected);
    }
}

#[test]
fn a_rule_that_could_not_be_checked_is_an_error_and_not_a_no() {
    let mut scene = Scene::at_build(Superseded, conditions(Some(ConditionResult::Fail), None, None));
    scene.finish("a", "Window", succeeded());
    let (failure_type, message) = (FailureType::ConfigurationError, "no such alarm".into());
    scene.finish("a", "Alarm", ActionOutcome::Failed { failure_type, message });
    assert_eq!(scene.status("a"), ExecutionStatus::Failed);
    assert_eq!(scene.condition("a", ConditionType::BeforeEntry), ConditionStatus::Errored);
}
