//! The machine that this repository deploys, as it is.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::{Stack, error, inner, text};

const ADVANCE: &str = "arn:aws:lambda:us-east-1:123456789012:function:advance";

fn definition() -> Value {
    let source = include_str!("../../../statemachines/stage-execution.asl.json");
    serde_json::from_str(&source.replace("${AdvanceExecutionFunctionArn}", ADVANCE))
        .expect("the file is JSON")
}

fn action(name: &str, timeout_seconds: u64) -> Value {
    json!({ "functionName": "act", "action": name, "timeoutSeconds": timeout_seconds })
}

fn stage(actions: &[Value]) -> Value {
    json!({ "stage": "Build", "actions": actions })
}

fn no_more_groups(payload: &Value) -> Value {
    json!({ "stage": payload["stage"], "actions": [] })
}

async fn succeed(stack: &Stack, token: &str) {
    stack.ok("SendTaskSuccess", json!({ "taskToken": token, "output": "{}" })).await;
}

#[tokio::test]
async fn two_groups_run_one_after_the_other() {
    let stack = Stack::open();
    stack.function("act", |_| Ok(json!({})));
    stack.function(ADVANCE, |payload| {
        let next = if payload["stage"] == "Build" {
            json!({ "stage": "Build, group 2", "actions": [action("c", 60)] })
        } else {
            no_more_groups(&payload)
        };
        Ok(next)
    });
    let machine = stack.create("stage", &definition()).await;
    let execution = stack.start_execution(&machine, "e", &stage(&[action("a", 60), action("b", 60)])).await;
    stack.called("act", 2).await;
    for call in stack.calls("act") {
        succeed(&stack, &text(&call["taskToken"])).await;
    }
    let third = stack.called("act", 3).await;
    assert_eq!(third["action"], "c");
    succeed(&stack, &text(&third["taskToken"])).await;

    let description = stack.ended(&execution).await;
    assert_eq!(description["status"], "SUCCEEDED");
    assert_eq!(inner(&description["output"]), json!({ "stage": "Build, group 2", "actions": [] }));
    let groups = json!([{ "event": "GroupEnded", "stage": "Build" }, { "event": "GroupEnded", "stage": "Build, group 2" }]);
    assert_eq!(json!(stack.calls(ADVANCE)), groups);
    let counts = stack.service().counts(&execution).expect("readable").expect("known");
    assert_eq!((counts.state_transitions, counts.function_invocations), (10, 5));
}

#[tokio::test]
async fn the_history_has_the_events_of_aws() {
    let stack = Stack::open();
    stack.function("act", |_| Ok(json!({})));
    stack.function(ADVANCE, |payload| Ok(no_more_groups(&payload)));
    let machine = stack.create("stage", &definition()).await;
    let execution = stack.start_execution(&machine, "e", &stage(&[action("a", 60)])).await;
    stack.happened(&execution, "TaskSubmitted").await;
    let token = text(&stack.called("act", 1).await["taskToken"]);
    succeed(&stack, &token).await;
    stack.ended(&execution).await;
    let expected = [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "MapIterationSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(stack.event_types(&execution).await, expected);
    let scheduled = &stack.history(&execution).await[5];
    let details = &scheduled["taskScheduledEventDetails"];
    assert_eq!(
        (&details["resourceType"], &details["resource"]),
        (&json!("lambda"), &json!("invoke.waitForTaskToken"))
    );
    assert_eq!((&details["region"], &details["timeoutInSeconds"]), (&json!("us-east-1"), &json!(60)));
    let parameters = inner(&details["parameters"]);
    assert_eq!(
        parameters,
        json!({ "FunctionName": "act", "Payload": { "action": "a", "taskToken": token } })
    );
    assert_eq!((&scheduled["id"], &scheduled["previousEventId"]), (&json!(6), &json!(5)));
}

/// The error that reaches advance-execution as ActionLost.
async fn lost(stack: &Stack, execution: &str) -> Value {
    assert_eq!(stack.ended(execution).await["status"], "SUCCEEDED");
    let lost: Vec<_> =
        stack.calls(ADVANCE).into_iter().filter(|payload| payload["event"] == "ActionLost").collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!(lost[0]["action"], "a");
    lost[0]["error"].clone()
}

#[tokio::test]
async fn a_lost_action_is_told_to_advance_execution() {
    let stack = Stack::open();
    stack.function(ADVANCE, |payload| Ok(no_more_groups(&payload)));
    let machine = stack.create("stage", &definition()).await;

    stack.function("act", |_| Err(error("Corrupt", "the table is wrong")));
    let execution = stack.start_execution(&machine, "function-error", &stage(&[action("a", 60)])).await;
    assert_eq!(lost(&stack, &execution).await["Error"], "Corrupt");
}

#[tokio::test]
async fn a_failed_callback_is_told_to_advance_execution() {
    let stack = Stack::open();
    stack.function(ADVANCE, |payload| Ok(no_more_groups(&payload)));
    stack.function("act", |_| Ok(Value::Null));
    let machine = stack.create("stage", &definition()).await;
    let execution = stack.start_execution(&machine, "callback-failed", &stage(&[action("a", 60)])).await;
    let token = text(&stack.called("act", 1).await["taskToken"]);
    let failure = json!({ "taskToken": token, "error": "Broken", "cause": "why" });
    stack.ok("SendTaskFailure", failure).await;
    assert_eq!(lost(&stack, &execution).await, json!({ "Error": "Broken", "Cause": "why" }));
    assert_eq!(
        stack.refused("SendTaskSuccess", json!({ "taskToken": token, "output": "{}" })).await,
        "TaskTimedOut"
    );
}

#[tokio::test]
async fn a_silent_action_times_out_after_the_seconds_of_its_item() {
    let stack = Stack::open();
    stack.function(ADVANCE, |payload| Ok(no_more_groups(&payload)));
    stack.function("act", |_| Ok(Value::Null));
    let machine = stack.create("stage", &definition()).await;
    let execution = stack.start_execution(&machine, "silent", &stage(&[action("a", 3600)])).await;
    stack.happened(&execution, "TaskSubmitted").await;
    stack.clock.advance(Duration::from_secs(3590));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(stack.calls(ADVANCE).is_empty());
    stack.clock.advance(Duration::from_secs(11));
    assert_eq!(lost(&stack, &execution).await["Error"], "States.Timeout");
}

#[tokio::test]
async fn a_throttled_call_is_tried_again() {
    let stack = Stack::open();
    stack.function(ADVANCE, |payload| Ok(no_more_groups(&payload)));
    let machine = stack.create("stage", &definition()).await;
    stack.function("act", |_| Err(error("Throttled", "slower")));
    let execution = stack.start_execution(&machine, "e", &stage(&[action("a", 60)])).await;
    for attempt in 1..=3 {
        stack.called("act", attempt).await;
        stack.clock.advance(Duration::from_secs(5));
    }
    stack.function("act", |_| Ok(Value::Null));
    stack.happened(&execution, "TaskSubmitted").await;
    let calls = stack.calls("act");
    let tokens: std::collections::BTreeSet<_> = calls.iter().map(|call| text(&call["taskToken"])).collect();
    assert_eq!(tokens.len(), calls.len(), "each attempt has a token of its own");
    succeed(&stack, &text(&calls[calls.len() - 1]["taskToken"])).await;
    assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_token_may_be_completed_before_the_function_returns() {
    let stack = Stack::open();
    stack.function(ADVANCE, |payload| Ok(no_more_groups(&payload)));
    let (release, held) = tokio::sync::watch::channel(false);
    stack.async_function("act", move |_| {
        let mut held = held.clone();
        Box::pin(async move {
            held.wait_for(|released| *released).await.expect("the test goes on");
            Ok(Value::Null)
        })
    });
    let machine = stack.create("stage", &definition()).await;
    let execution = stack.start_execution(&machine, "e", &stage(&[action("a", 60)])).await;
    succeed(&stack, &text(&stack.called("act", 1).await["taskToken"])).await;
    assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED");
    release.send_replace(true);
}
