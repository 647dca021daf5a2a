//! The same for events: what a subscriber hears is spoilt in one place, and the check says so.

use engine::decide::FailureType;
use engine::events::{
    ActionEventState, ExecutionEventState, RetriedExecutions, StageEventState, StateChange, Subject,
    state_changes,
};

use super::super::events::{ATTEMPTS, COMPLETE, IN_ORDER, NOTHING_ELSE, ONE_INSIDE, Told, WITHIN};
use super::*;

/// Spoils what is told.
type Misheard = fn(&mut Vec<StateChange>);

impl Scene {
    /// What a subscriber finds wrong with the events of one more decision, after all that was told until then.
    fn tell_misheard(&mut self, kind: EventKind, mishear: Misheard) -> Result<(), Violation> {
        let event = Event { key: self.state.key.clone(), kind };
        let decision = decide(&self.state, &event, Timestamp(9)).expect("the event is accepted");
        let retries = RetriedExecutions::default().after(Some(&self.state), &decision, Timestamp(9));
        let mut changes = state_changes(Some(&self.state), &decision, &retries, Timestamp(9));
        let mut told = Told::of(&self.state);
        mishear(&mut changes);
        self.state = decision.state.clone();
        told.hear(&changes, &decision)?;
        told.shows(&decision.state, &decision)
    }

    /// The action "one" of "e1" ends, and with it, if it fails, the stage and the execution; then "e2" enters.
    fn end_one(&self, succeeds: bool) -> EventKind {
        let stage = self.state.executions[&id("e1")].stage.clone().expect("it is inside");
        let action = ActionRef {
            key: self.state.key.clone(),
            pipeline_execution_id: id("e1"),
            stage_index: 0,
            action_name: "one".to_owned(),
            action_execution_id: stage.actions[0].id.clone(),
            condition: None,
        };
        let outcome = match succeeds {
            true => ActionOutcome::Succeeded(ActionOutput::default()),
            false => {
                let (failure_type, message) = (FailureType::JobFailed, String::new());
                ActionOutcome::Failed { failure_type, message }
            }
        };
        EventKind::ActionFinished(ActionFinished { action, outcome })
    }
}

fn position(changes: &[StateChange], is_it: fn(&Subject) -> bool) -> usize {
    changes.iter().position(|change| is_it(&change.subject)).expect("it is told")
}

fn execution_failed(subject: &Subject) -> bool {
    matches!(subject, Subject::Pipeline { state: ExecutionEventState::Failed, .. })
}

fn stage_failed(subject: &Subject) -> bool {
    matches!(subject, Subject::Stage { state: StageEventState::Failed, .. })
}

fn stage_started(subject: &Subject) -> bool {
    matches!(subject, Subject::Stage { state: StageEventState::Started, .. })
}

fn action_started(subject: &Subject) -> bool {
    matches!(subject, Subject::Action { state: ActionEventState::Started, .. })
}

#[test]
fn what_is_told_of_a_failure_is_sound() {
    let mut scene = Scene::new();
    let failure = scene.end_one(false);
    scene.tell_misheard(failure, |_| {}).expect("all of it is sound");
}

#[test]
fn what_is_misheard_of_a_failure_is_noticed() {
    let cases: &[(&str, &str, Misheard)] = &[
        ("an end is missing", COMPLETE, |told| drop(told.remove(position(told, execution_failed)))),
        ("so is that of the stage", ONE_INSIDE, |told| drop(told.remove(position(told, stage_failed)))),
        ("a beginning is missing", IN_ORDER, |told| drop(told.remove(position(told, action_started)))),
        ("so is that of who enters next", COMPLETE, |told| drop(told.remove(position(told, stage_started)))),
        ("something is told twice", IN_ORDER, |told| {
            let again = told[position(told, stage_failed)].clone();
            let at = position(told, stage_failed);
            told.insert(at, again);
        }),
        ("the execution ends before its stage", WITHIN, |told| {
            let (execution, stage) = (position(told, execution_failed), position(told, stage_failed));
            told.swap(execution, stage);
        }),
        ("the stage ends before its action", WITHIN, |told| {
            let failed = told.remove(position(told, stage_failed));
            told.insert(0, failed);
        }),
        ("the next enters too early", ONE_INSIDE, |told| {
            let started = told.remove(position(told, stage_started));
            told.insert(0, started);
        }),
        ("another end than that", COMPLETE, |told| {
            let at = position(told, execution_failed);
            let Subject::Pipeline { state, .. } = &mut told[at].subject else { panic!("an execution's") };
            *state = ExecutionEventState::Succeeded;
        }),
        ("of somebody else", NOTHING_ELSE, |told| {
            let mut other = told[position(told, execution_failed)].clone();
            other.execution_id = id("e3");
            told.push(other);
        }),
    ];
    for (what, invariant, mishear) in cases {
        let mut scene = Scene::new();
        let failure = scene.end_one(false);
        let noticed = scene.tell_misheard(failure, *mishear).expect_err(what);
        assert_eq!(noticed.invariant, *invariant, "{what}: {noticed}");
    }
}

#[test]
fn an_end_of_which_nothing_is_told_is_noticed() {
    let mut scene = Scene::new();
    let success = scene.end_one(true);
    let noticed = scene.tell_misheard(success, Vec::clear).expect_err("the action has ended");
    assert_eq!(noticed.invariant, COMPLETE, "{noticed}");
}

#[test]
fn a_retry_that_events_do_not_count_is_noticed() {
    let retried: Spoil = |invariants, _, _| {
        invariants.attempts.insert((id("e1"), 1), 2);
    };
    let noticed = Scene::new().abandon(retried).expect_err("an attempt is not counted");
    assert_eq!(noticed.invariant, ATTEMPTS, "{noticed}");
}
