//! What the seeded simulation has found, each as the shortest scene that shows it.

use super::*;

#[test]
fn an_edit_that_cancels_lets_nobody_in() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.start("b");
    scene.finish("a", "Fetch", succeeded());
    // The workflow of "a" is about to ask what follows, and "b" waits.
    scene.update(OnUpdate::Cancel);
    assert_eq!(scene.occupant("Source"), None);
    assert_eq!(
        (scene.status("a"), scene.status("b")),
        (ExecutionStatus::Cancelled, ExecutionStatus::Cancelled)
    );
    let starts = scene.effects.iter().filter(|e| matches!(e, Effect::StartStateMachine { .. }));
    assert_eq!(starts.count(), 1, "\"b\" starts nothing");
}

#[test]
fn whoever_stands_behind_a_stopped_execution_enters_if_nothing_else_holds_it() {
    let mut scene = Scene::new(Queued);
    scene.change(TransitionKind::Outbound, "Source", Some("hold".into()));
    scene.start("a");
    scene.run_group("a", true);
    let mut renamed = plan();
    renamed.stages[0].name = "Checkout".into();
    scene.update_to(renamed, OnUpdate::Continue);
    scene.start("b");
    scene.run_group("b", true);
    assert_eq!((scene.occupant("Build"), scene.waiting("Build")), (None, vec!["a", "b"]));
    scene.stop("a", false).expect("it is in progress");
    assert_eq!(scene.occupant("Build"), Some("b"), "the way out of Source does not hold it");
}
