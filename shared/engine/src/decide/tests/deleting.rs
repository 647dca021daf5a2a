//! A pipeline is deleted while executions wait, run, were retried, or have states of their own.

use super::*;

/// The names of the workflows that are stopped.
fn stopped(decision: &Decision) -> Vec<&str> {
    let names = decision.effects.iter().filter_map(|effect| match effect {
        Effect::StopStateMachine { name, .. } => Some(name.as_str()),
        Effect::StartStateMachine { .. } | Effect::CompleteTask { .. } | Effect::Raise(_) => None,
    });
    names.collect()
}

#[test]
fn every_workflow_is_stopped_nobody_enters_and_nothing_is_recorded() {
    for mode in [Superseded, Queued] {
        let mut scene = Scene::new(mode);
        scene.start("a");
        scene.run_group("a", true);
        for id in ["b", "c", "d"] {
            scene.start(id);
        }
        let deleted = scene.tell(EventKind::PipelineDeleted).expect("a pipeline can always be deleted");
        assert_eq!(stopped(&deleted), ["a-1-1", "b-0-1"], "{mode:?}");
        assert_eq!(deleted.effects.len(), 2, "nobody takes the place of those who left");
        assert!(deleted.records.is_empty());
        assert!(deleted.state.executions.is_empty() && deleted.state.stages.is_empty());
    }
}

#[test]
fn each_workflow_of_a_stage_that_was_retried_is_stopped() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    scene.finish("a", "Compile", failed());
    scene.retry("a", "Build", RetryMode::FailedActions).expect("Lint still runs");
    let deleted = scene.tell(EventKind::PipelineDeleted).expect("a pipeline can always be deleted");
    assert_eq!(stopped(&deleted), ["a-1-1", "a-1-2"]);
}

#[test]
fn what_comes_late_changes_nothing() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    let action = scene.action("a", "Fetch");
    scene.tell(EventKind::PipelineDeleted).expect("a pipeline can always be deleted");
    let before = scene.state.clone();
    let late = [
        EventKind::ActionFinished(ActionFinished { action, outcome: succeeded() }),
        EventKind::GroupEnded(stage_ref("a", 1, 1)),
        EventKind::PipelineDeleted,
    ];
    for kind in late {
        let decision = scene.tell(kind).expect("a late event is normal");
        assert!(decision.changes_nothing(&before));
    }
}

#[test]
fn parallel_executions_are_told_and_end_in_their_own_states() {
    let mut pipeline = Scene::new(Parallel);
    pipeline.start("a");
    let Some(Effect::Raise(admitted)) = pipeline.effects.pop() else { panic!("the execution is admitted") };
    let EventKind::ParallelExecutionAdmitted(event) = &admitted.kind else { panic!("it is admitted") };
    let mut own =
        Scene { state: PipelineState::of_parallel(admitted.key.clone(), event), ..Scene::new(Parallel) };
    own.tell(admitted.kind.clone()).expect("it is admitted");

    let deleted = pipeline.tell(EventKind::PipelineDeleted).expect("a pipeline can always be deleted");
    let [Effect::Raise(told)] = &deleted.effects[..] else { panic!("the execution is told") };
    assert_eq!((&told.key, &told.kind), (&admitted.key, &EventKind::PipelineDeleted));
    let ended = own.tell(told.kind.clone()).expect("a pipeline can always be deleted");
    assert_eq!(stopped(&ended), ["a-0-1"]);
    assert_eq!(ended.effects.len(), 1, "the pipeline that is gone is not told back");
}
