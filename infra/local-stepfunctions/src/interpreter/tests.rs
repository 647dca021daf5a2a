//! The interpreter alone, in virtual time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Command, DATA_LIMIT_BYTES, Execution, Input, Outcome, Start};
use crate::definition::Machine;

/// Any time but 0, so that a deadline that was computed from nothing shows.
const START: i64 = 1_000_000;

struct Run {
    execution: Execution,
    now: i64,
    /// Invoked and not answered, in order: the task and the payload.
    open: Vec<(u64, Value)>,
}

impl Run {
    fn start(definition: &Value, input: &Value) -> Self {
        let machine = Machine::parse(&definition.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let start = Start {
            execution_arn: "arn:aws:states:us-east-1:123456789012:execution:machine:run".to_owned(),
            execution_name: "run".to_owned(),
            machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine".to_owned(),
            machine_name: "machine".to_owned(),
            role_arn: "arn:aws:iam::123456789012:role/role".to_owned(),
            region: "us-east-1".to_owned(),
            input: input.to_string(),
            seed: "seed".to_owned(),
            at: START,
        };
        let (execution, commands) = Execution::start(Arc::new(machine), start);
        let mut run = Self { execution, now: START, open: Vec::new() };
        run.invoked(commands);
        run
    }

    fn invoked(&mut self, commands: Vec<Command>) {
        for Command::InvokeFunction { task, payload, .. } in commands {
            self.open.push((task, payload));
        }
    }

    fn step(&mut self, input: Input) {
        let commands = self.execution.step(input, self.now);
        self.invoked(commands);
    }

    /// Answers the invocation that is open for the longest time.
    fn answer(&mut self, output: Value) -> u64 {
        let (task, _) = self.open.remove(0);
        self.step(Input::FunctionReturned { task, output });
        task
    }

    fn fail(&mut self, error: &str) {
        let (task, _) = self.open.remove(0);
        self.step(Input::FunctionFailed { task, error: error.to_owned(), cause: "cause".to_owned() });
    }

    /// Moves time to the next deadline; gives the milliseconds that passed.
    fn sleep(&mut self) -> i64 {
        let deadline = self.execution.next_deadline().expect("something is waited for");
        let passed = deadline - self.now;
        self.now = deadline;
        self.step(Input::DeadlineReached);
        passed
    }

    fn output(&self) -> Value {
        match self.execution.ended() {
            Some((Outcome::Succeeded { output }, _)) => serde_json::from_str(output).expect("JSON"),
            other => panic!("{other:?}"),
        }
    }

    fn error(&self) -> String {
        match self.execution.ended() {
            Some((Outcome::Failed { error: Some(error), .. }, _)) => error.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn types(&self) -> Vec<&str> {
        self.execution.history().iter().map(|event| event.event_type.as_str()).collect()
    }
}

fn one(state: Value) -> Value {
    json!({ "StartAt": "A", "States": { "A": state, "Caught": { "Type": "Pass", "End": true } } })
}

fn task(more: Value) -> Value {
    let mut task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": { "FunctionName": "f", "Payload.$": "$" },
        "ResultSelector": { "p.$": "$.Payload" },
        "Catch": [{ "ErrorEquals": ["NoSuchError"], "Next": "Caught" }],
        "End": true,
    });
    for (name, value) in more.as_object().expect("fields") {
        task[name] = value.clone();
    }
    one(task)
}

#[test]
fn each_retrier_counts_its_own_attempts() {
    let mut run = Run::start(
        &task(json!({
            "Retry": [
                { "ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2 },
                { "ErrorEquals": ["C"], "IntervalSeconds": 5 },
            ],
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }],
        })),
        &json!({}),
    );
    let mut delays = Vec::new();
    for error in ["A", "B", "C"] {
        run.fail(error);
        delays.push(run.sleep());
    }
    assert_eq!(delays, [1000, 2000, 5000]);
    run.fail("B");
    assert_eq!(run.output(), json!({ "Error": "B", "Cause": "cause" }));
    // A, Caught and three retries.
    assert_eq!(run.execution.counts().state_transitions, 5);
    assert_eq!(run.execution.counts().function_invocations, 4);
}

#[test]
fn the_context_counts_retries() {
    let parameters = json!({ "FunctionName": "f", "Payload": { "retry.$": "$$.State.RetryCount" } });
    let retry = json!([{ "ErrorEquals": ["States.TaskFailed"] }]);
    let mut run = Run::start(&task(json!({ "Parameters": parameters, "Retry": retry })), &json!({}));
    assert_eq!(run.open[0].1, json!({ "retry": 0 }));
    run.fail("A");
    run.sleep();
    assert_eq!(run.open[0].1, json!({ "retry": 1 }));
}

#[test]
fn a_heartbeat_moves_its_deadline_but_not_the_timeout() {
    let fields = json!({
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "TimeoutSeconds": 100,
        "HeartbeatSeconds": 40,
        "Catch": [{ "ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Caught" }],
    });
    let mut beating = Run::start(&task(fields.clone()), &json!({}));
    let task_id = beating.answer(Value::Null);
    for _ in 0..3 {
        beating.now += 30_000;
        beating.step(Input::Heartbeat { task: task_id });
    }
    assert_eq!(beating.sleep(), 10_000);
    assert_eq!(beating.error(), "States.Timeout");

    let mut silent = Run::start(&task(fields), &json!({}));
    assert_eq!(silent.sleep(), 40_000);
    assert_eq!(silent.output()["Error"], "States.HeartbeatTimeout");
    let timed_out = silent.execution.history().iter().find(|event| event.event_type == "TaskTimedOut");
    assert_eq!(timed_out.expect("the event").details["error"], "States.Timeout");
}

#[test]
fn an_answer_after_the_timeout_changes_nothing() {
    let mut run = Run::start(&task(json!({ "TimeoutSeconds": 10 })), &json!({}));
    run.sleep();
    assert_eq!(run.error(), "States.Timeout");
    let events = run.types().len();
    run.answer(json!(1));
    assert_eq!(run.types().len(), events);
}

#[test]
fn data_over_the_limit_ends_the_execution_unless_it_is_caught_by_name() {
    let large = "x".repeat(DATA_LIMIT_BYTES);
    let all = json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }] });
    let mut run = Run::start(&task(all), &json!({}));
    run.answer(json!(large));
    assert_eq!(run.error(), "States.DataLimitExceeded");
    let named = json!({ "Catch": [{ "ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught" }] });
    let mut run = Run::start(&task(named), &json!({}));
    run.answer(json!(large));
    assert_eq!(run.output()["Error"], "States.DataLimitExceeded");
}

#[test]
fn an_inline_map_runs_forty_iterations_at_once_and_keeps_the_order() {
    let processor = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true,
    } } });
    let map = json!({ "Type": "Map", "ItemProcessor": processor, "Catch": [
        { "ErrorEquals": ["States.ALL"], "Next": "Caught" }], "End": true });
    let items: Vec<usize> = (0..100).collect();
    let mut run = Run::start(&one(map), &json!(items));
    assert_eq!(run.open.len(), 40);
    while !run.open.is_empty() {
        assert!(run.open.len() <= 40);
        // The last one first: results stand in the order of the items all the same.
        let (task, payload) = run.open.pop().expect("an invocation");
        run.step(Input::FunctionReturned { task, output: payload });
    }
    assert_eq!(run.output(), json!(items));
}

#[test]
fn what_runs_beside_a_failed_iteration_is_aborted() {
    let processor = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true,
    } } });
    let map = json!({ "Type": "Map", "ItemProcessor": processor, "Catch": [
        { "ErrorEquals": ["Bad"], "Next": "Caught" }], "End": true });
    let mut run = Run::start(&one(map), &json!([1, 2]));
    run.fail("Bad");
    assert_eq!(run.output()["Error"], "Bad");
    let failed = run.types().iter().position(|name| *name == "MapIterationFailed").expect("a failure");
    let after = &run.types()[failed..];
    let expected = [
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "MapStateFailed",
        "MapStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(after, expected);
    run.answer(json!(2));
    assert_eq!(run.types().len(), failed + expected.len(), "the other answer is not heard");
}

#[test]
fn a_stop_aborts_from_the_inside_out() {
    let processor =
        json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 9, "End": true } } });
    let map = json!({ "Type": "Map", "ItemProcessor": processor, "Catch": [
        { "ErrorEquals": ["States.ALL"], "Next": "Caught" }], "End": true });
    let mut run = Run::start(&one(map), &json!([1]));
    run.step(Input::Stopped { error: Some("E".to_owned()), cause: None });
    let types = run.types();
    let expected = ["WaitStateAborted", "MapIterationAborted", "MapStateAborted", "ExecutionAborted"];
    assert_eq!(types[types.len() - 4..], expected);
    assert_eq!(run.execution.next_deadline(), None);
}

#[test]
fn a_loop_ends_at_the_limit_of_the_history() {
    let definition = json!({ "StartAt": "A", "States": {
        "A": { "Type": "Choice", "Choices": [{ "Variable": "$.stop", "IsPresent": true, "Next": "End" }], "Default": "A" },
        "End": { "Type": "Succeed" },
    } });
    let run = Run::start(&definition, &json!({}));
    assert_eq!(run.error(), "States.Runtime");
    assert_eq!(run.types().len(), 25_000);
    assert_eq!(run.types()[24_999], "ExecutionFailed");
}

#[test]
fn the_machine_has_a_timeout_of_its_own() {
    let mut definition = task(json!({ "TimeoutSeconds": 100 }));
    definition["TimeoutSeconds"] = json!(30);
    let mut run = Run::start(&definition, &json!({}));
    assert_eq!(run.sleep(), 30_000);
    assert_eq!(run.execution.ended(), Some(&(Outcome::TimedOut, START + 30_000)));
}

#[test]
fn event_ids_count_up_and_point_back() {
    let mut run = Run::start(&task(json!({})), &json!({}));
    run.answer(json!(1));
    let links: Vec<_> = run.execution.history().iter().map(|event| (event.id, event.previous_id)).collect();
    assert_eq!(links, [(1, 0), (2, 0), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6)]);
}

#[test]
fn jitter_is_drawn_between_nothing_and_the_plain_delay_and_again_in_a_replay() {
    let retry = json!([{ "ErrorEquals": ["A"], "IntervalSeconds": 10, "BackoffRate": 1, "MaxAttempts": 9,
        "JitterStrategy": "FULL" }]);
    let delays = || {
        let mut run = Run::start(&task(json!({ "Retry": retry })), &json!({}));
        (0..9)
            .map(|_| {
                run.fail("A");
                run.sleep()
            })
            .collect::<Vec<_>>()
    };
    let drawn = delays();
    assert!(drawn.iter().all(|delay| (0..10_000).contains(delay)), "{drawn:?}");
    assert!(drawn.windows(2).any(|pair| pair[0] != pair[1]), "{drawn:?}");
    assert_eq!(delays(), drawn);
}
