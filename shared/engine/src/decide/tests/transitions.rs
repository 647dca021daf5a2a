//! Who disabled a transition, and who enabled it.

use super::*;

#[test]
fn whoever_enabled_a_transition_is_kept_until_somebody_disables_it() {
    let mut scene = Scene::new(Queued);
    let enabled = |scene: &Scene| {
        let kept = scene.state.transitions.enabled_inbound.iter();
        kept.map(|(stage, by)| (stage.clone(), by.changed_by.clone(), by.changed_at)).collect::<Vec<_>>()
    };
    assert_eq!(enabled(&scene), [], "nobody has touched it");
    scene.disable("Build");
    assert_eq!(enabled(&scene), []);
    scene.enable("Build");
    assert_eq!(enabled(&scene), [("Build".to_owned(), "ann".to_owned(), Timestamp(2))]);
    // CodePipeline shows no transition out of a stage.
    scene.change(TransitionKind::Outbound, "Source", None);
    assert_eq!(enabled(&scene).len(), 1);
    scene.disable("Build");
    assert_eq!(enabled(&scene), []);
}

#[test]
fn of_a_stage_that_is_gone_nothing_is_kept() {
    let mut scene = Scene::new(Queued);
    scene.enable("Build");
    let mut plan = plan();
    plan.stages.remove(1);
    let update = DeclarationUpdated { version: 2, mode: Queued, plan, on_update: OnUpdate::Continue };
    scene.tell(EventKind::DeclarationUpdated(update)).expect("it is newer");
    scene.enable("Deploy");
    let kept: Vec<_> = scene.state.transitions.enabled_inbound.keys().collect();
    assert_eq!(kept, ["Deploy"]);
}
