//! The process dies; what was told stays told.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::{Stack, inner, text};

fn callback(next: &Value) -> Value {
    json!({
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": { "FunctionName": "ask", "Payload": { "token.$": "$$.Task.Token" } },
                "TimeoutSeconds": 100,
                "Next": "Then",
            },
            "Then": next,
        },
    })
}

#[tokio::test]
async fn an_open_token_stays_valid_and_its_function_is_not_called_again() {
    let mut stack = Stack::open();
    stack.function("ask", |_| Ok(Value::Null));
    let machine = stack.create("m", &callback(&json!({ "Type": "Succeed" }))).await;
    let execution = stack.start_execution(&machine, "e", &json!({})).await;
    stack.happened(&execution, "TaskSubmitted").await;
    let before = stack.history(&execution).await;
    stack.restart();
    assert_eq!(stack.history(&execution).await, before, "a replay is identical");
    let token = text(&stack.calls("ask")[0]["token"]);
    stack.ok("SendTaskSuccess", json!({ "taskToken": token, "output": "{\"a\": 1}" })).await;
    assert_eq!(inner(&stack.ended(&execution).await["output"]), json!({ "a": 1 }));
    assert_eq!(stack.calls("ask").len(), 1);
    let ended = stack.history(&execution).await;
    stack.restart();
    assert_eq!(stack.history(&execution).await, ended);
    assert_eq!(
        stack.refused("SendTaskSuccess", json!({ "taskToken": token, "output": "1" })).await,
        "TaskTimedOut"
    );
}

#[tokio::test]
async fn a_call_whose_answer_was_not_recorded_is_made_again_with_the_same_payload() {
    let mut stack = Stack::open();
    stack.async_function("ask", |_| Box::pin(std::future::pending()));
    let machine = stack.create("m", &callback(&json!({ "Type": "Succeed" }))).await;
    let execution = stack.start_execution(&machine, "e", &json!({})).await;
    stack.called("ask", 1).await;
    stack.restart();
    stack.called("ask", 2).await;
    let calls = stack.calls("ask");
    assert_eq!(calls[0], calls[1]);
    stack.ok("SendTaskSuccess", json!({ "taskToken": calls[0]["token"], "output": "1" })).await;
    stack.ended(&execution).await;
}

#[tokio::test]
async fn waits_and_timeouts_keep_their_deadlines() {
    let mut stack = Stack::open();
    stack.function("ask", |_| Ok(Value::Null));
    let wait = json!({ "Type": "Wait", "Seconds": 3600, "End": true });
    let machine = stack.create("m", &callback(&wait)).await;
    let waiting = stack.start_execution(&machine, "waiting", &json!({})).await;
    let token = text(&stack.called("ask", 1).await["token"]);
    stack.ok("SendTaskSuccess", json!({ "taskToken": token, "output": "1" })).await;
    let asking = stack.start_execution(&machine, "asking", &json!({})).await;
    stack.happened(&asking, "TaskSubmitted").await;
    stack.clock.advance(Duration::from_secs(90));
    stack.restart();
    stack.clock.advance(Duration::from_secs(11));
    let description = stack.ended(&asking).await;
    assert_eq!((&description["status"], &description["error"]), (&json!("FAILED"), &json!("States.Timeout")));
    stack.kill();
    stack.clock.advance(Duration::from_secs(3500));
    stack.restart();
    assert_eq!(stack.ended(&waiting).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off() {
    let mut stack = Stack::open();
    stack.function("ask", |_| Ok(Value::Null));
    let machine = stack.create("m", &callback(&json!({ "Type": "Succeed" }))).await;
    let execution = stack.start_execution(&machine, "e", &json!({})).await;
    stack.happened(&execution, "TaskSubmitted").await;
    let before = stack.history(&execution).await;
    stack.kill();
    for path in ["executions/m/e.jsonl", "executions.jsonl"] {
        let mut file =
            OpenOptions::new().append(true).open(stack.directory().join(path)).expect("the file is there");
        file.write_all(b"{\"at\":17,\"input\":{\"happ").expect("written");
    }
    stack.restart();
    assert_eq!(stack.history(&execution).await, before);
    let token = text(&stack.calls("ask")[0]["token"]);
    stack.ok("SendTaskSuccess", json!({ "taskToken": token, "output": "1" })).await;
    assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED");
    stack.restart();
    assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn a_damaged_journal_is_named_and_can_be_moved_away() {
    let mut stack = Stack::open();
    stack.function("ask", |_| Ok(Value::Null));
    let machine = stack.create("m", &callback(&json!({ "Type": "Succeed" }))).await;
    let damaged = stack.start_execution(&machine, "damaged", &json!({})).await;
    let whole = stack.start_execution(&machine, "whole", &json!({})).await;
    stack.happened(&damaged, "TaskSubmitted").await;
    stack.happened(&whole, "TaskSubmitted").await;
    stack.kill();
    let path = stack.directory().join("executions/m/damaged.jsonl");
    let content = std::fs::read_to_string(&path).expect("the journal");
    std::fs::write(&path, content.replacen("functionReturned", "somethingElse", 1)).expect("written");
    let error = stack.try_restart().expect_err("it is damaged");
    assert!(error.to_string().contains("damaged.jsonl: line 2 is damaged"), "{error}");
    std::fs::remove_file(&path).expect("moved away");
    stack.restart();
    assert_eq!(
        stack.refused("DescribeExecution", json!({ "executionArn": damaged })).await,
        "ExecutionDoesNotExist"
    );
    let described = stack.ok("DescribeExecution", json!({ "executionArn": whole })).await;
    assert_eq!(described["status"], "RUNNING");
}

#[tokio::test]
async fn an_end_that_the_catalog_missed_is_found_in_the_journal() {
    let mut stack = Stack::open();
    let machine =
        stack.create("m", &json!({ "StartAt": "A", "States": { "A": { "Type": "Succeed" } } })).await;
    let execution = stack.start_execution(&machine, "e", &json!({})).await;
    stack.kill();
    let path = stack.directory().join("executions.jsonl");
    let catalog = std::fs::read_to_string(&path).expect("the catalog");
    let started = catalog.lines().next().expect("the start");
    std::fs::write(&path, format!("{started}\n")).expect("written");
    stack.restart();
    let listed = stack.ok("ListExecutions", json!({ "stateMachineArn": machine })).await;
    assert_eq!(listed["executions"][0]["status"], "SUCCEEDED");
    assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED");
}
