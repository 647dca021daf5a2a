//! The same for conditions and rollbacks.

use engine::decide::{FailureType, StageRollbackRequested};
use engine::declaration::ConditionResult;
use engine::execution::{
    ConditionPlan, ConditionPlans, ConditionStatus, ConditionType, FailurePlan, RollbackTarget, StageStatus,
};

use super::*;

fn condition(at: ConditionType) -> ConditionPlan {
    let rule = ActionPlan {
        name: "alarm".to_owned(),
        run_order: at.run_order(),
        function: "deploy-s3".to_owned(),
        timeout_seconds: 60,
    };
    ConditionPlan { result: ConditionResult::Fail, rules: vec![rule] }
}

impl Scene {
    /// "e1" is in the stage Build, whose conditions these are.
    fn with(conditions: ConditionPlans) -> Self {
        let mut plan = plan();
        plan.stages[0].conditions = conditions;
        Self::of(plan)
    }

    /// Ends whatever runs of "e1"; the last end is spoilt.
    fn end_group(&mut self, succeeds: bool, spoil: Spoil) -> Result<(), Violation> {
        let execution = self.state.executions[&id("e1")].clone();
        let stage = execution.stage.expect("it is inside");
        let running: Vec<_> = stage.in_progress().cloned().collect();
        for (index, running_action) in running.iter().enumerate() {
            let action = ActionRef {
                key: self.state.key.clone(),
                pipeline_execution_id: id("e1"),
                stage_index: execution.stage_index,
                action_name: running_action.name.clone(),
                action_execution_id: running_action.id.clone(),
                condition: ConditionType::of_run_order(running_action.run_order),
            };
            let outcome = match succeeds {
                true => ActionOutcome::Succeeded(ActionOutput::default()),
                false => {
                    let (failure_type, message) = (FailureType::JobFailed, String::new());
                    ActionOutcome::Failed { failure_type, message }
                }
            };
            let is_last = index + 1 == running.len();
            let finished = EventKind::ActionFinished(ActionFinished { action, outcome });
            self.tell(finished, if is_last { spoil } else { |_, _, _| {} })?;
        }
        Ok(())
    }

    /// The stage Deploy, where nobody is, is run again with what "e1" had.
    fn roll_back(mut self, spoil: Spoil) -> Result<(), Violation> {
        for _ in 0..4 {
            self.end_group(true, |_, _, _| {}).expect("e1 runs to its end");
        }
        let target = RollbackTarget { execution_id: id("e1"), version: 1, source_revisions: vec![] };
        let request = StageRollbackRequested {
            execution_id: id("r1"),
            stage_name: "Deploy".to_owned(),
            target,
            target_is_rollback: false,
            target_status: Some(StageStatus::Succeeded),
            requested_by: String::new(),
        };
        self.tell(EventKind::StageRollbackRequested(request), spoil)
    }
}

fn stage_row(decision: &mut Decision) -> &mut engine::decide::StageRecord {
    let mut rows = decision.records.iter_mut().filter_map(|record| match record {
        Record::Stage(row) if row.stage_name == "Build" && row.execution_id == id("e1") => Some(row),
        _ => None,
    });
    rows.next().expect("the row is written")
}

#[test]
fn a_spoilt_entry_condition_is_noticed() {
    let scene = || {
        let before_entry = Some(condition(ConditionType::BeforeEntry));
        Scene::with(ConditionPlans { before_entry, ..ConditionPlans::default() })
    };
    scene().end_group(true, |_, _, _| {}).expect("it is met");
    let noticed = scene().end_group(true, |_, _, decision| {
        let execution = decision.state.executions.get_mut(&id("e1")).unwrap();
        execution.stage.as_mut().unwrap().conditions[0].status = ConditionStatus::Failed;
    });
    let noticed = noticed.expect_err("the stage goes on all the same");
    assert_eq!(noticed.invariant, "nothing runs before the entry condition is met or overridden");
}

#[test]
fn a_spoilt_success_condition_is_noticed() {
    let cases: &[(&str, Spoil)] = &[
        ("a stage succeeds when its conditions are met or overridden", |_, _, decision| {
            stage_row(decision).conditions.clear();
        }),
        ("only an entry condition skips a stage, and nothing of it runs", |_, _, decision| {
            stage_row(decision).status = StageStatus::Skipped;
        }),
    ];
    for (invariant, spoil) in cases {
        let on_success = Some(condition(ConditionType::OnSuccess));
        let mut scene = Scene::with(ConditionPlans { on_success, ..ConditionPlans::default() });
        for _ in 0..2 {
            scene.end_group(true, |_, _, _| {}).expect("its actions succeed");
        }
        let noticed = scene.end_group(true, *spoil).expect_err(invariant);
        assert_eq!(noticed.invariant, *invariant, "{noticed}");
    }
}

#[test]
fn a_spoilt_failure_condition_is_noticed() {
    let on_failure = Some(FailurePlan::Conditions(condition(ConditionType::OnFailure)));
    let mut scene = Scene::with(ConditionPlans { on_failure, ..ConditionPlans::default() });
    let noticed = scene.end_group(false, |_, _, decision| {
        let execution = decision.state.executions.get_mut(&id("e1")).unwrap();
        execution.stage.as_mut().unwrap().actions[0].status = ActionStatus::Succeeded;
    });
    let noticed = noticed.expect_err("nothing has failed");
    assert_eq!(noticed.invariant, "failure conditions are checked after a failure");
}

#[test]
fn a_spoilt_rollback_is_noticed() {
    let scene = || Scene::of(plan());
    scene().roll_back(|_, _, _| {}).expect("the rollback is sound");
    let cases: &[(&str, Spoil)] = &[
        ("a rollback runs one stage", |invariants, _, _| {
            invariants.rollbacks.insert(id("r1"));
        }),
        ("a rollback enters an empty stage", |_, before, _| {
            before.stages.entry("Deploy".to_owned()).or_default().occupant = Some(id("e9"));
        }),
        ("a rollback repeats what succeeded", |_, _, decision| {
            decision.state.executions.get_mut(&id("r1")).unwrap().rollback_of = Some(id("e2"));
            execution_row(decision, "r1").rollback_of = Some(id("e2"));
        }),
    ];
    for (invariant, spoil) in cases {
        let noticed = scene().roll_back(*spoil).expect_err(invariant);
        assert_eq!(noticed.invariant, *invariant, "{noticed}");
    }
}
