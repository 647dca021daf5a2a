//! What is told of an execution, from its start to its end.

use super::*;
use crate::declaration::ConditionResult;
use crate::execution::{ConditionPlan, ConditionType};

type Play = fn(&mut Scene);
/// Of which execution this is, its mode, what happens, and what is told.
type Story = (&'static str, ExecutionMode, Play, &'static [&'static str]);

fn assert_told(stories: &[Story]) {
    for (what, mode, play, expected) in stories {
        let mut scene = Scene::new(*mode);
        play(&mut scene);
        assert_eq!(scene.told(), *expected, "an execution {what}");
    }
}

#[test]
fn an_execution_that_ends_or_is_retried() {
    assert_told(&[
        (
            "that succeeds",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                scene.finish("a", "Fetch", succeeded());
                scene.finish("a", "Compile", succeeded());
            },
            &[
                "a pipeline STARTED",
                "a Source STARTED",
                "a Fetch STARTED",
                "a Fetch SUCCEEDED",
                "a Source SUCCEEDED",
                "a Build STARTED",
                "a Compile STARTED",
                "a Compile SUCCEEDED",
                "a Build SUCCEEDED",
                "a pipeline SUCCEEDED",
            ],
        ),
        (
            "that fails, is retried and succeeds",
            ExecutionMode::Queued,
            |scene| {
                scene.start("a");
                scene.finish("a", "Fetch", failed());
                scene.retry("a", "Source");
                scene.finish("a", "Fetch", succeeded());
            },
            &[
                "a pipeline STARTED",
                "a Source STARTED",
                "a Fetch STARTED",
                "a Fetch FAILED",
                "a Source FAILED",
                "a pipeline FAILED",
                "a pipeline RESUMED",
                "a Source RESUMED",
                "a Fetch STARTED",
                "a Fetch SUCCEEDED",
                "a Source SUCCEEDED",
                "a Build STARTED",
            ],
        ),
    ]);
}

#[test]
fn an_execution_that_is_stopped() {
    assert_told(&[
        (
            "that is stopped, and waits for its actions",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                let action = scene.run("a", "Fetch");
                scene.changes.clear();
                scene.stop("a", false);
                let outcome = succeeded();
                scene.tell(EventKind::ActionFinished(ActionFinished { action, outcome }));
            },
            &[
                "a pipeline STOPPING",
                "a Source STOPPING",
                "a Fetch SUCCEEDED",
                "a Source STOPPED",
                "a pipeline STOPPED",
            ],
        ),
        (
            "that is abandoned",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                scene.run("a", "Fetch");
                scene.changes.clear();
                scene.stop("a", true);
            },
            &[
                "a pipeline STOPPING",
                "a Source STOPPING",
                "a Fetch ABANDONED",
                "a Source STOPPED",
                "a pipeline STOPPED",
            ],
        ),
    ]);
}

#[test]
fn an_execution_that_is_overtaken_or_cancelled() {
    assert_told(&[
        (
            "that is overtaken, and one that is stopped while it waits",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                scene.start("b");
                scene.changes.clear();
                scene.start("c");
                scene.stop("c", false);
            },
            &["c pipeline STARTED", "b pipeline SUPERSEDED", "c pipeline STOPPING", "c pipeline STOPPED"],
        ),
        (
            "that an edit cancels",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                let action = scene.run("a", "Fetch");
                scene.start("b");
                scene.changes.clear();
                scene.update();
                let outcome = succeeded();
                scene.tell(EventKind::ActionFinished(ActionFinished { action, outcome }));
            },
            &[
                "a Source STOPPING",
                "b pipeline CANCELED",
                "a Fetch SUCCEEDED",
                "a Source CANCELED",
                "a pipeline CANCELED",
            ],
        ),
    ]);
}

#[test]
fn an_execution_whose_beginning_goes_wrong() {
    assert_told(&[
        (
            "that lacks a variable",
            ExecutionMode::Superseded,
            |scene| {
                let variables = Err("Values for required variables haven't been provided: TAG".into());
                let request = ExecutionRequested { variables, ..request("a") };
                scene.tell(EventKind::ExecutionRequested(request));
            },
            &["a pipeline STARTED", "a pipeline FAILED"],
        ),
        (
            "whose action is lost before its function has started",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                let action = scene.action("a", "Fetch");
                scene.changes.clear();
                let error = "Lambda.Unknown".into();
                scene.tell(EventKind::ActionLost(ActionLost { action, error, cause: String::new() }));
            },
            &["a Fetch STARTED", "a Fetch FAILED", "a Source FAILED", "a pipeline FAILED"],
        ),
        (
            "whose function is started twice, and whose end is told twice",
            ExecutionMode::Superseded,
            |scene| {
                scene.start("a");
                let action = scene.run("a", "Fetch");
                let again = ActionStarted {
                    action: action.clone(),
                    task_token: "another".into(),
                    approval_token: None,
                    input: ActionInput::default(),
                };
                scene.tell(EventKind::ActionStarted(again));
                for _ in 0..2 {
                    let finished = ActionFinished { action: action.clone(), outcome: failed() };
                    scene.tell(EventKind::ActionFinished(finished));
                }
            },
            &[
                "a pipeline STARTED",
                "a Source STARTED",
                "a Fetch STARTED",
                "a Fetch FAILED",
                "a Source FAILED",
                "a pipeline FAILED",
            ],
        ),
    ]);
}

#[test]
fn a_stage_goes_on_and_ends_when_the_condition_that_it_failed_by_is_overridden() {
    let mut scene = Scene::new(ExecutionMode::Queued);
    let rule = ActionPlan {
        name: "Alarm".into(),
        run_order: ConditionType::OnSuccess.run_order(),
        function: "rule-cloudwatchalarm".into(),
        timeout_seconds: 60,
    };
    let plan = scene.state.plans.get_mut(&3).expect("the plan of its version");
    plan.stages[1].conditions.on_success =
        Some(ConditionPlan { result: ConditionResult::Fail, rules: vec![rule] });
    scene.start("a");
    scene.finish("a", "Fetch", succeeded());
    scene.finish("a", "Compile", succeeded());
    let stage = scene.state.executions[&"a".into()].stage.clone().expect("it is checked");
    let checked = stage.condition(ConditionType::OnSuccess).expect("its rule runs");
    let action = ActionRef {
        key: scene.state.key.clone(),
        pipeline_execution_id: "a".into(),
        stage_index: 1,
        action_name: "Alarm".into(),
        action_execution_id: checked.rules[0].id.clone(),
        condition: Some(ConditionType::OnSuccess),
    };
    scene.changes.clear();
    scene.tell(EventKind::ActionFinished(ActionFinished { action, outcome: failed() }));
    assert_eq!(scene.told(), ["a Build FAILED", "a pipeline FAILED"], "nothing is told of the rule");
    scene.tell(EventKind::ConditionOverridden(ConditionOverridden {
        execution_id: "a".into(),
        stage_name: "Build".into(),
        condition: ConditionType::OnSuccess,
        overridden_by: "ann".into(),
    }));
    assert_eq!(
        scene.told(),
        ["a pipeline RESUMED", "a Build RESUMED", "a Build SUCCEEDED", "a pipeline SUCCEEDED"]
    );
}
