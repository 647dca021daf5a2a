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
