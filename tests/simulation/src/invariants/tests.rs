//! Each invariant notices what it is for: a sound decision is spoilt in one place, and the check says so.

mod conditions;
mod events;

use engine::decide::{
    ActionFinished, ActionOutcome, ActionOutput, ActionRecord, Decision, Effect, Event, EventKind,
    ExecutionRequested, Record, StopRequested, decide,
};
use engine::declaration::ExecutionMode;
use engine::execution::{
    ActionPlan, ActionRef, ActionStatus, ExecutionStatus, PipelineExecutionId, PipelineState, Plan,
    StagePlan, Stop, Timestamp, Transition as ShutTransition, Trigger,
};

use super::{Invariants, Violation};
use crate::store::{Store, Stored, Transaction};

/// A queue of three: "e1" is in Build, whose two actions run one after the other.
struct Scene {
    state: PipelineState,
    store: Store,
    invariants: Invariants,
}

/// Spoils a decision, or the memory that it is checked against.
type Spoil = fn(&mut Invariants, &mut PipelineState, &mut Decision);

fn id(name: &str) -> PipelineExecutionId {
    PipelineExecutionId(name.to_owned())
}

/// Two stages of two actions each.
fn plan() -> Plan {
    let action = |name: &str, run_order| ActionPlan {
        name: name.to_owned(),
        run_order,
        function: "deploy-s3".to_owned(),
        timeout_seconds: 60,
    };
    let stage = |name: &str| StagePlan {
        name: name.to_owned(),
        actions: vec![action("one", 1), action("two", 2)],
        conditions: Default::default(),
    };
    Plan { stages: vec![stage("Build"), stage("Deploy")] }
}

impl Scene {
    fn new() -> Self {
        Self::of(plan())
    }

    fn of(plan: Plan) -> Self {
        let state = PipelineState::new("shop", 1, ExecutionMode::Queued, plan);
        let mut store = Store::default();
        store.create(state.clone(), None, 0).expect("there is nothing yet");
        let mut scene = Self { invariants: Invariants::default(), state, store };
        for name in ["e1", "e2", "e3"] {
            let request = ExecutionRequested {
                execution_id: id(name),
                trigger: Trigger { trigger_type: String::new(), trigger_detail: String::new() },
                variables: Ok(Default::default()),
                source_revision_overrides: Vec::new(),
                client_request: None,
            };
            scene.tell(EventKind::ExecutionRequested(request), |_, _, _| {}).expect("a start is sound");
        }
        scene
    }

    fn tell(&mut self, kind: EventKind, spoil: Spoil) -> Result<(), Violation> {
        let event = Event { key: self.state.key.clone(), kind };
        // The first entry is the creation.
        let now = Timestamp(self.store.log.len() as i64 - 1);
        let mut decision = decide(&self.state, &event, now).expect("the event is accepted");
        let read = self.store.read(&event.key).map(Stored::mark);
        let mut before = self.state.clone();
        spoil(&mut self.invariants, &mut before, &mut decision);
        let transaction =
            Transaction { event: &event, decision: &decision, decided_at: now, read, write_id: 1 };
        self.store.commit(&transaction).expect("nobody else writes");
        self.state = decision.state.clone();
        self.invariants.check((&before, true), &event, &decision, &self.store)
    }

    /// "e1" begins its second action.
    fn next_group(mut self, spoil: Spoil) -> Result<(), Violation> {
        let stage = self.state.executions[&id("e1")].stage.clone().expect("it is inside");
        let action = ActionRef {
            key: self.state.key.clone(),
            pipeline_execution_id: id("e1"),
            stage_index: 0,
            action_name: "one".to_owned(),
            action_execution_id: stage.actions[0].id.clone(),
            condition: None,
        };
        let outcome = ActionOutcome::Succeeded(ActionOutput::default());
        let finished = ActionFinished { action, outcome };
        self.tell(EventKind::ActionFinished(finished), spoil)
    }

    /// "e1" is abandoned, and "e2" enters.
    fn abandon(mut self, spoil: Spoil) -> Result<(), Violation> {
        let stop = StopRequested { execution_id: id("e1"), abandon: true, reason: String::new() };
        self.tell(EventKind::StopRequested(stop), spoil)
    }
}

fn execution_row<'a>(decision: &'a mut Decision, name: &str) -> &'a mut engine::decide::ExecutionRecord {
    let rows = decision.records.iter_mut().filter_map(|record| match record {
        Record::Execution(row) => Some(row),
        _ => None,
    });
    rows.filter(|row| row.execution_id == id(name)).last().expect("the row is written")
}

fn action_row<'a>(decision: &'a mut Decision, name: &str) -> &'a mut ActionRecord {
    let rows = decision.records.iter_mut().filter_map(|record| match record {
        Record::Action(row) => Some(row),
        _ => None,
    });
    rows.filter(|row| row.action.action_name == name).last().expect("the row is written")
}

fn stop_effect(name: &str, cause: &str) -> Effect {
    Effect::StopStateMachine { name: name.to_owned(), cause: cause.to_owned() }
}

#[test]
fn sound_decisions_break_nothing() {
    Scene::new().next_group(|_, _, _| {}).expect("the next group is sound");
    Scene::new().abandon(|_, _, _| {}).expect("the abandonment is sound");
}

#[test]
fn what_is_spoilt_in_the_next_group_is_noticed() {
    let cases: &[(&str, Spoil)] = &[
        ("one execution per stage", |_, _, decision| {
            let inside = decision.state.executions[&id("e1")].stage.clone();
            decision.state.executions.get_mut(&id("e2")).unwrap().stage = inside;
        }),
        ("whoever lives is inside a stage or waits once", |_, _, decision| {
            decision.state.stages.get_mut("Build").unwrap().waiting.push(id("e2"));
        }),
        ("runOrder is respected", |_, _, decision| {
            let execution = decision.state.executions.get_mut(&id("e1")).unwrap();
            execution.stage.as_mut().unwrap().actions[0].status = ActionStatus::Failed;
            action_row(decision, "one").execution.status = ActionStatus::Failed;
        }),
        ("whoever stops starts nothing more", |_, _, decision| {
            decision.state.executions.get_mut(&id("e1")).unwrap().stop = Some(Stop::Edited);
        }),
        ("terminal statuses never change", |invariants, _, _| {
            invariants.executions.insert(id("e1"), ExecutionStatus::Succeeded);
        }),
        ("an execution starts once", |_, _, decision| {
            execution_row(decision, "e1").started_at = Timestamp(99);
        }),
        ("each started action ends exactly once", |invariants, _, decision| {
            for record in &decision.records {
                if let Record::Action(row) = record {
                    invariants.actions.insert(row.execution.id.clone(), ActionStatus::Failed);
                }
            }
        }),
        ("attempts are numbered without gaps", |_, _, decision| {
            for record in &mut decision.records {
                if let Record::Stage(row) = record {
                    row.attempt = 3;
                }
            }
        }),
        ("idempotency keys are unique", |_, _, decision| {
            decision.effects.extend([stop_effect("e1-0-1", "one"), stop_effect("e1-0-1", "two")]);
        }),
        ("a transaction writes an item once", |_, _, decision| {
            decision.records.extend(decision.records.clone());
        }),
        ("a decision fits one transaction", |_, _, decision| {
            decision.effects.extend((0..99).map(|number| stop_effect(&format!("e9-0-{number}"), "")));
        }),
        ("rows equal the projection of the state", |_, _, decision| {
            decision.state.executions.get_mut(&id("e1")).unwrap().updated_at = Timestamp(99);
        }),
        ("only the ended leave the state", |_, _, decision| {
            decision.state.executions.remove(&id("e3"));
            decision.state.stages.get_mut("Build").unwrap().waiting.pop();
        }),
        ("a number is given once", |_, _, decision| {
            let mut row = execution_row(decision, "e1").clone();
            (row.execution_id, row.variables) = (id("e9"), Some(Vec::new()));
            decision.records.push(Record::Execution(Box::new(row)));
        }),
        ("a deleted pipeline begins nothing", |invariants, before, _| {
            invariants.deleted.insert(before.key.clone());
        }),
        ("the state stays small", |_, _, decision| {
            let plan = decision.state.plans[&1].clone();
            decision.state.plans.extend([(7, plan.clone()), (8, plan)]);
        }),
    ];
    for (invariant, spoil) in cases {
        let noticed = Scene::new().next_group(*spoil).expect_err(invariant);
        assert_eq!(noticed.invariant, *invariant, "{noticed}");
    }
}

#[test]
fn what_is_spoilt_when_one_leaves_and_another_enters_is_noticed() {
    let cases: &[(&str, Spoil)] = &[
        ("a shut transition lets nothing in", |_, _, decision| {
            let (reason, changed_by) = (String::new(), String::new());
            let shut = ShutTransition { reason, changed_by, changed_at: Timestamp(0) };
            decision.state.transitions.inbound.insert("Build".to_owned(), shut);
        }),
        ("who came first enters first", |_, before, _| {
            before.stages.get_mut("Build").unwrap().waiting.reverse();
        }),
        ("no execution overtakes a newer one", |invariants, _, _| {
            invariants.last_entered.insert("Build".to_owned(), 9);
        }),
        ("abandon never waits", |_, before, decision| {
            let still_there = before.executions[&id("e1")].clone();
            decision.state.executions.insert(id("e1"), still_there);
        }),
        ("workflow names are never reused", |invariants, _, _| {
            invariants.workflow_names.insert("e2-0-1".to_owned());
        }),
        ("only SUPERSEDED executions are superseded", |_, _, decision| {
            let mut row = execution_row(decision, "e2").clone();
            (row.execution_id, row.status, row.started_at) =
                (id("e3"), ExecutionStatus::Superseded, Timestamp(2));
            decision.records.push(Record::Execution(Box::new(row)));
        }),
    ];
    for (invariant, spoil) in cases {
        let noticed = Scene::new().abandon(*spoil).expect_err(invariant);
        assert_eq!(noticed.invariant, *invariant, "{noticed}");
    }
}
