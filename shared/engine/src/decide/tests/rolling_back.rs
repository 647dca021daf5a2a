//! A stage is run again with what an earlier execution had: by itself, or because somebody asks.

use super::conditions::condition;
use super::*;
use crate::declaration::ConditionResult;

fn rolling_back(on_success: bool, on_failure: Option<FailurePlan>) -> ConditionPlans {
    let rollback = || condition(ConditionType::OnSuccess, ConditionResult::Rollback, &["Alarm"]);
    ConditionPlans { on_success: on_success.then(rollback), on_failure, ..ConditionPlans::default() }
}

impl Scene {
    /// `a` has run to its end, `b` is in the stage Build.
    fn second_at_build(conditions: ConditionPlans) -> Self {
        let mut scene = Self::at_build(Superseded, conditions);
        while scene.state.executions.contains_key(&"a".into()) {
            scene.run_group("a", true);
        }
        scene.start("b");
        scene.run_group("b", true);
        scene
    }

    fn roll_back(&mut self, stage: &str, version: u32) -> Result<Decision, Rejection> {
        let target = RollbackTarget { execution_id: "a".into(), version, source_revisions: vec![] };
        let event = StageRollbackRequested {
            execution_id: "r".into(),
            stage_name: stage.into(),
            target,
            target_is_rollback: false,
            target_status: Some(StageStatus::Succeeded),
            requested_by: "ann".into(),
        };
        self.tell(EventKind::StageRollbackRequested(event))
    }

    fn rollback_in(&self, stage: &str) -> (String, Execution) {
        let id = self.state.stages[stage].occupant.clone().expect("somebody is in the stage");
        (id.0.clone(), self.state.executions[&id].clone())
    }
}

#[test]
fn a_stage_that_fails_is_rolled_back_before_anybody_who_waits_enters() {
    let on_failure = condition(ConditionType::OnFailure, ConditionResult::Rollback, &["Broken"]);
    for (conditions, groups) in [
        (rolling_back(false, Some(FailurePlan::Rollback)), vec![false]),
        (rolling_back(false, Some(FailurePlan::Conditions(on_failure))), vec![false, true]),
        (rolling_back(true, None), vec![true, true, false]),
    ] {
        let mut scene = Scene::second_at_build(conditions);
        scene.start("c");
        scene.run_group("c", true);
        for succeed in groups {
            scene.run_group("b", succeed);
        }
        assert_eq!((scene.status("b"), scene.waiting("Build")), (ExecutionStatus::Failed, vec!["c"]));
        let (id, rollback) = scene.rollback_in("Build");
        assert_eq!(rollback.rollback_of, Some("a".into()));
        assert_eq!(rollback.trigger.trigger_detail, r#"{"FailedPipelineExecutionId":"b"}"#);
        while scene.state.executions.contains_key(&id.as_str().into()) {
            scene.run_group(&id, true);
        }
        assert_eq!(scene.status(&id), ExecutionStatus::Succeeded, "it runs this stage only");
        assert_eq!((scene.occupant("Build"), scene.occupant("Deploy")), (Some("c"), None));
    }
}

#[test]
fn a_failure_condition_that_is_not_met_rolls_nothing_back() {
    let on_failure = condition(ConditionType::OnFailure, ConditionResult::Rollback, &["Broken"]);
    let conditions = rolling_back(false, Some(FailurePlan::Conditions(on_failure)));
    let mut scene = Scene::second_at_build(conditions);
    scene.run_group("b", false);
    let refused = scene.retry("b", "Build", RetryMode::FailedActions);
    assert!(matches!(refused, Err(Rejection::StageNotRetryable(_))), "its conditions are being checked");
    scene.run_group("b", false);
    assert_eq!((scene.status("b"), scene.occupant("Build")), (ExecutionStatus::Failed, None));
    scene.retry("b", "Build", RetryMode::FailedActions).expect("nobody entered since");
    assert_eq!(scene.running("b"), ["Compile", "Lint"]);
}

#[test]
fn what_has_not_succeeded_in_this_version_is_nothing_to_roll_back_to() {
    let conditions = || rolling_back(false, Some(FailurePlan::Rollback));
    let mut never = Scene::at_build(Superseded, conditions());
    never.run_group("a", false);
    assert_eq!((never.status("a"), never.occupant("Build")), (ExecutionStatus::Failed, None));

    let mut edited = Scene::second_at_build(conditions());
    let plan = edited.state.plans[&1].clone();
    edited.update_to(plan, OnUpdate::Continue);
    edited.run_group("b", false);
    assert_eq!(edited.occupant("Build"), None);
}

#[test]
fn a_rollback_that_fails_is_not_rolled_back() {
    let mut scene = Scene::second_at_build(rolling_back(false, Some(FailurePlan::Rollback)));
    scene.run_group("b", false);
    let (id, _) = scene.rollback_in("Build");
    scene.run_group(&id, false);
    assert_eq!((scene.status(&id), scene.occupant("Build")), (ExecutionStatus::Failed, None));
    scene.retry(&id, "Build", RetryMode::FailedActions).expect("a person may retry it");
}

#[test]
fn what_somebody_went_back_to_is_gone_back_to_again() {
    let mut scene = Scene::second_at_build(rolling_back(false, Some(FailurePlan::Rollback)));
    while scene.state.executions.contains_key(&"b".into()) {
        scene.run_group("b", true);
    }
    scene.roll_back("Build", 1).expect("nobody is in it");
    scene.run_group("r", true);
    scene.run_group("r", true);
    scene.start("c");
    scene.run_group("c", true);
    scene.run_group("c", false);
    let (_, rollback) = scene.rollback_in("Build");
    assert_eq!(rollback.rollback_of, Some("a".into()), "b was what somebody did not want");
}

#[test]
fn somebody_rolls_a_stage_back_that_is_not_in_progress() {
    let mut scene = Scene::second_at_build(ConditionPlans::default());
    let refused = scene.roll_back("Build", 1);
    assert!(matches!(refused, Err(Rejection::UnableToRollbackStage(_))), "b is in the stage");
    scene.run_group("b", false);
    scene.disable("Build");
    scene.roll_back("Build", 1).expect("it has failed");
    let again = scene.roll_back("Build", 1).expect("a repeated request is the same");
    assert!(again.records.is_empty());
    assert_eq!(scene.occupant("Build"), Some("r"), "no transition leads there");
    let refused = scene.retry("b", "Build", RetryMode::FailedActions);
    assert!(matches!(refused, Err(Rejection::NotLatestPipelineExecution(_))));
    scene.run_group("r", true);
    scene.run_group("r", true);
    assert_eq!((scene.status("r"), scene.occupant("Deploy")), (ExecutionStatus::Succeeded, None));
}

#[test]
fn a_rollback_is_refused_with_its_reason() {
    let mut scene = Scene::second_at_build(ConditionPlans::default());
    assert!(matches!(scene.roll_back("Nowhere", 1), Err(Rejection::StageNotFound(_))));
    assert!(matches!(scene.roll_back("Source", 1), Err(Rejection::UnableToRollbackStage(_))));
    assert!(matches!(scene.roll_back("Deploy", 7), Err(Rejection::PipelineExecutionOutdated(_))));
    let mut parallel = Scene::new(Parallel);
    assert!(matches!(parallel.roll_back("Deploy", 1), Err(Rejection::UnableToRollbackStage(_))));
}
