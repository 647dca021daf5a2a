//! What the seeded simulation has found, each as the shortest scene that shows it.

use super::*;

#[test]
fn an_edit_that_cancels_lets_nobody_in() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.start("b");
    // The workflow of "a" is about to ask what follows, and "b" waits.
    scene.leave_undecided("a");
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

/// A pipeline in PARALLEL mode and the state of its execution "a", which has failed in Build.
fn failed_parallel_execution() -> (Scene, Scene) {
    let (mut pipeline, mut own) = (Scene::new(Parallel), Scene::new(Parallel));
    pipeline.start("a");
    let admitted = raised(&mut pipeline);
    let EventKind::ParallelExecutionAdmitted(event) = &admitted.kind else { panic!("it is admitted") };
    own.state = PipelineState::of_parallel(admitted.key.clone(), event);
    own.tell(admitted.kind).expect("the admission is accepted");
    own.run_group("a", true);
    own.run_group("a", false);
    (pipeline, own)
}

fn raised(scene: &mut Scene) -> Event {
    match scene.effects.pop() {
        Some(Effect::Raise(event)) => *event,
        other => panic!("an event is raised, not {other:?}"),
    }
}

#[test]
fn a_retried_parallel_execution_learns_of_the_transitions_that_changed_meanwhile() {
    let (mut pipeline, mut own) = failed_parallel_execution();
    pipeline.tell(raised(&mut own).kind).expect("its end is accepted");
    pipeline.disable("Deploy");
    own.retry("a", "Build", RetryMode::FailedActions).expect("one action has failed");
    pipeline.tell(raised(&mut own).kind).expect("it is counted again");
    assert!(pipeline.state.parallel_executions.contains_key(&"a".into()));
    own.tell(raised(&mut pipeline).kind).expect("the transitions are copied");
    own.run_group("a", true);
    own.run_group("a", true);
    assert_eq!(own.waiting("Deploy"), vec!["a"]);
}

#[test]
fn the_ends_and_the_retry_of_a_parallel_execution_may_be_told_in_any_order() {
    let (mut pipeline, mut own) = failed_parallel_execution();
    let first_end = raised(&mut own);
    own.retry("a", "Build", RetryMode::FailedActions).expect("one action has failed");
    own.effects.retain(|effect| matches!(effect, Effect::Raise(_)));
    let resumed = raised(&mut own);
    pipeline.tell(resumed.kind.clone()).expect("it is counted");
    pipeline.tell(first_end.kind).expect("a late event is normal");
    assert!(pipeline.state.parallel_executions.contains_key(&"a".into()), "it runs");
    own.run_group("a", false);
    pipeline.tell(raised(&mut own).kind).expect("its end is accepted");
    pipeline.tell(resumed.kind).expect("a repeated event is normal");
    own.tell(raised(&mut pipeline).kind).expect("the transitions are copied");
    pipeline.tell(raised(&mut own).kind).expect("its end is told again");
    assert!(pipeline.state.parallel_executions.is_empty());
}

#[test]
fn a_shut_transition_can_be_opened_after_an_edit_took_its_stage_away() {
    let mut scene = Scene::new(Superseded);
    scene.disable("Deploy");
    scene.start("a");
    scene.run_group("a", true);
    scene.run_group("a", true);
    scene.run_group("a", true);
    let mut renamed = plan();
    renamed.stages[2].name = "Release".into();
    scene.update_to(renamed, OnUpdate::Continue);
    assert_eq!(scene.waiting("Deploy"), vec!["a"]);
    scene.enable("Deploy");
    assert_eq!(scene.occupant("Deploy"), Some("a"));
}

#[test]
fn a_late_question_of_a_workflow_that_has_ended_begins_no_group() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    scene.finish("a", "Lint", succeeded());
    let late = scene.group("a", 1);
    assert!(scene.run_group("a", false).actions.is_empty(), "the stage has failed");
    scene.retry("a", "Build", RetryMode::FailedActions).expect("one action has failed");
    // Lambda repeats the first workflow's question. Nobody hears the answer.
    assert!(scene.ask(&late).actions.is_empty());
    scene.finish("a", "Compile", succeeded());
    assert!(scene.ask(&late).actions.is_empty());
    assert_eq!(names(&scene.ask(&StageRef { attempt: 2, ..late })), ["Package"]);
}

#[test]
fn a_parallel_execution_has_started_when_it_was_requested() {
    let (mut pipeline, mut own) = (Scene::new(Parallel), Scene::new(Parallel));
    pipeline.start("a");
    let admitted = raised(&mut pipeline);
    let EventKind::ParallelExecutionAdmitted(event) = &admitted.kind else { panic!("it is admitted") };
    own.state = PipelineState::of_parallel(admitted.key.clone(), event);
    own.now = 1_000;
    own.tell(admitted.kind).expect("a late admission is accepted");
    assert_eq!(own.state.executions[&"a".into()].started_at, Timestamp(1));
}

#[test]
fn a_workflow_is_answered_once_after_each_of_its_groups() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    let late = scene.group("a", 1);
    scene.run_group("a", true);
    scene.finish("a", "Package", failed());
    // The first workflow has not asked yet what follows, and everything begins anew.
    scene.retry("a", "Build", RetryMode::AllActions).expect("one action has failed, and none runs");
    scene.finish("a", "Compile", succeeded());
    scene.finish("a", "Lint", succeeded());
    assert!(scene.ask(&late).actions.is_empty());
    assert!(scene.ask(&StageRef { run_order: 2, ..late.clone() }).actions.is_empty(), "its next question");
    assert_eq!(names(&scene.ask(&StageRef { attempt: 2, ..late })), ["Package"]);
}

#[test]
fn a_second_stop_is_refused_after_an_edit_that_cancels_too() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.stop("a", false).expect("it is in progress");
    scene.update(OnUpdate::Cancel);
    assert!(matches!(scene.stop("a", false), Err(Rejection::DuplicatedStopRequest(_))));
}

#[test]
fn an_edit_that_takes_a_stage_away_forgets_who_failed_there() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", false);
    assert_eq!(scene.state.plans.len(), 1);
    let mut renamed = plan();
    renamed.stages[0].name = "Checkout".into();
    scene.update_to(renamed, OnUpdate::Continue);
    assert!(scene.state.executions.is_empty(), "it would never leave");
    assert_eq!(scene.state.plans.len(), 1, "and its plan would stay with it");
}

#[test]
fn a_stage_whose_state_machine_died_after_its_actions_can_be_retried() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.leave_undecided("a");
    let (execution_id, error) = ("a".into(), "ABORTED".into());
    let lost = WorkflowLost { execution_id, stage_index: 0, attempt: 1, error };
    scene.tell(EventKind::WorkflowLost(lost)).expect("a loss is accepted");
    assert_eq!(scene.status("a"), ExecutionStatus::Failed);
    assert!(scene.retry("a", "Source", RetryMode::FailedActions).is_err(), "no action has failed");
    let decision = scene.retry("a", "Source", RetryMode::AllActions).expect("everything is retried");
    assert!(matches!(&decision.effects[..], [Effect::StartStateMachine { name, .. }] if name == "a-0-2"));
}

#[test]
fn a_parallel_execution_that_is_admitted_once_more_after_its_pipeline_was_deleted_begins_nothing() {
    let mut pipeline = Scene::new(Parallel);
    pipeline.start("a");
    let admitted = raised(&mut pipeline);
    let EventKind::ParallelExecutionAdmitted(event) = &admitted.kind else { panic!("it is admitted") };
    let mut own = Scene::new(Parallel);
    own.state = PipelineState::of_parallel(admitted.key.clone(), event);
    own.tell(admitted.kind.clone()).expect("the admission is accepted");
    own.tell(EventKind::PipelineDeleted).expect("a pipeline can always be deleted");
    let before = own.state.clone();
    let again = own.tell(admitted.kind).expect("a repeated event is normal");
    assert!(again.changes_nothing(&before));
}

#[test]
fn a_parallel_execution_that_was_retried_when_its_pipeline_was_deleted_is_told_of_it() {
    let (mut pipeline, mut own) = failed_parallel_execution();
    pipeline.tell(raised(&mut own).kind).expect("its end is accepted");
    own.retry("a", "Build", RetryMode::FailedActions).expect("one action has failed");
    let resumed = raised(&mut own);
    // The pipeline counts nothing when it is deleted, so nobody is told.
    let deleted = pipeline.tell(EventKind::PipelineDeleted).expect("a pipeline can always be deleted");
    assert!(deleted.effects.is_empty());

    let told = Event { key: own.state.key.clone(), kind: EventKind::PipelineDeleted };
    assert_eq!(resumed.when_the_pipeline_is_gone(), Some(told.clone()), "there is no pipeline");
    pipeline.state = PipelineState::new("shop", 1, Parallel, plan()).after(pipeline.state.last_sequence);
    pipeline.tell(resumed.kind).expect("it is of another pipeline of this name");
    assert_eq!(raised(&mut pipeline), told, "there is a new pipeline");
    assert!(pipeline.state.parallel_executions.is_empty(), "which does not count it");
    own.tell(told.kind).expect("a pipeline can always be deleted");
    assert!(own.state.executions.is_empty());
}
