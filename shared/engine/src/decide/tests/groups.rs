//! Groups follow each other, and stages.

use super::*;

#[test]
fn groups_run_in_their_order_and_the_last_stage_ends_the_execution() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    assert!(scene.run_group("a", true).actions.is_empty(), "Build has a workflow of its own");
    assert_eq!(scene.occupant("Build"), Some("a"));
    assert_eq!(names(&scene.run_group("a", true)), ["Package"]);
    scene.run_group("a", true);
    scene.run_group("a", true);
    assert_eq!(scene.status("a"), ExecutionStatus::Succeeded);
    assert!(scene.state.executions.is_empty(), "a finished execution leaves the state");
    let starts = scene.effects.iter().filter(|e| matches!(e, Effect::StartStateMachine { .. }));
    assert_eq!(starts.count(), 3, "one workflow per stage");
}

#[test]
fn a_lost_reply_is_asked_again_and_answered_the_same() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    let group = scene.group("a", 1);
    let first = scene.run_group("a", true);
    let before = scene.state.clone();
    let again = scene.tell(EventKind::GroupEnded(group.clone())).expect("a repeated question is normal");
    assert!(again.changes_nothing(&before));
    assert_eq!(group_items(&scene.state, &group), first);
}

#[test]
fn what_follows_a_group_begins_with_the_end_of_its_last_action() {
    let mut scene = Scene::new(Queued);
    scene.start("a");
    scene.start("b");
    let task_token = "task".to_owned();
    let (approval_token, input) = (None, ActionInput::default());
    let started = ActionStarted { action: scene.action("a", "Fetch"), task_token, approval_token, input };
    let decision = scene.tell(EventKind::ActionStarted(started)).expect("a start is accepted");
    assert!(matches!(&decision.records[..], [Record::Action(_)]), "nothing else looks different to anybody");
    scene.effects.clear();
    scene.finish("a", "Fetch", succeeded());
    assert_eq!((scene.occupant("Source"), scene.occupant("Build")), (Some("b"), Some("a")));
    let [Effect::StartStateMachine { .. }, Effect::StartStateMachine { .. }, Effect::CompleteTask { .. }] =
        &scene.effects[..]
    else {
        panic!("those who enter start before the task of the one that left is completed")
    };
    scene.finish("a", "Compile", succeeded());
    assert_eq!(scene.group("a", 1).run_order, 1, "Lint still runs");
    scene.finish("a", "Lint", succeeded());
    assert_eq!(scene.group("a", 1).run_order, 2);
}

/// As a version left it that waited for the question, and as the loss of a workflow leaves it.
#[test]
fn a_group_that_has_ended_undecided_is_decided_when_its_workflow_asks() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    let group = scene.group("a", 1);
    scene.leave_undecided("a");
    assert_eq!(names(&scene.ask(&group)), ["Package"]);
}
