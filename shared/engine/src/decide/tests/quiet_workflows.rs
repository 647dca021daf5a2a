//! Which workflows are asked about: those of which nothing was heard for a while.

use super::*;
use crate::execution::{QuietWorkflow, WorkflowStatus};

/// What of `names` is quiet before a moment, and whether it waits for an action.
fn quiet(scene: &Scene, before: i64) -> Vec<(String, bool)> {
    let quiet = scene.state.quiet_workflows(Timestamp(before));
    quiet.into_iter().map(|workflow| (workflow.name, workflow.waits_for_action)).collect()
}

#[test]
fn a_workflow_is_quiet_once_nothing_has_happened_in_its_stage() {
    let mut scene = Scene::new(Superseded);
    scene.start("one");
    assert_eq!(quiet(&scene, scene.now), [], "it has just begun");
    assert_eq!(quiet(&scene, scene.now + 1), [("one-0-1".to_owned(), true)]);
    scene.run_group("one", true);
    scene.finish("one", "Lint", succeeded());
    assert_eq!(quiet(&scene, scene.now), [], "its action has just ended");
    assert_eq!(quiet(&scene, scene.now + 1), [("one-1-1".to_owned(), true)], "Compile still runs");
}

#[test]
fn an_execution_that_waits_or_has_ended_has_no_workflow() {
    let mut scene = Scene::new(Superseded);
    scene.start("one");
    scene.start("two");
    assert_eq!(quiet(&scene, 1000), [("one-0-1".to_owned(), true)], "two waits for the stage");
    scene.finish("one", "Fetch", failed());
    let names: Vec<_> = quiet(&scene, 1000).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["two-0-1"]);
}

#[test]
fn only_a_workflow_that_runs_and_waits_for_an_action_is_well() {
    let ended = |how: &str| WorkflowStatus::Ended(how.to_owned());
    for (status, waits_for_action, problem) in [
        (WorkflowStatus::Running, true, None),
        (WorkflowStatus::Running, false, Some("did not notice")),
        (ended("ABORTED"), true, Some("ABORTED, and nobody was told")),
        (ended("SUCCEEDED"), false, Some("SUCCEEDED, and nobody was told")),
        (WorkflowStatus::Unknown, true, Some("there is none")),
        (WorkflowStatus::Unknown, false, Some("there is none")),
    ] {
        let name = "one-0-1".to_owned();
        let workflow =
            QuietWorkflow { execution_id: "one".into(), stage_index: 0, attempt: 1, name, waits_for_action };
        let found = workflow.problem(&status);
        let is_as_expected = match (&found, problem) {
            (Some(found), Some(problem)) => found.contains(problem),
            (found, problem) => found.is_none() && problem.is_none(),
        };
        assert!(is_as_expected, "{status:?} {waits_for_action}: {found:?}");
    }
}
