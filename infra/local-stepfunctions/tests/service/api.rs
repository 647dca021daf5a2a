//! The API: exceptions, idempotency, pages.

use local_stepfunctions::{LocalStepFunctions, OpenError, Place, StoreError};
use serde_json::{Value, json};

use crate::stack::{Functions, Stack, text};

const ROLE: &str = "arn:aws:iam::123456789012:role/role";

fn succeed() -> Value {
    json!({ "StartAt": "A", "States": { "A": { "Type": "Succeed" } } })
}

fn wait() -> Value {
    json!({ "StartAt": "A", "States": { "A": { "Type": "Wait", "Seconds": 1000, "End": true } } })
}

fn ask() -> Value {
    json!({ "StartAt": "A", "States": { "A": {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": { "FunctionName": "ask", "Payload": { "token.$": "$$.Task.Token" } },
        "HeartbeatSeconds": 60,
        "End": true,
    } } })
}

#[tokio::test]
async fn a_state_machine_is_created_once_changed_listed_and_deleted() {
    let stack = Stack::open();
    let create =
        |definition: Value| json!({ "name": "m", "definition": definition.to_string(), "roleArn": ROLE });
    let first = stack.ok("CreateStateMachine", create(succeed())).await;
    assert_eq!(first["stateMachineArn"], "arn:aws:states:us-east-1:123456789012:stateMachine:m");
    assert_eq!(stack.ok("CreateStateMachine", create(succeed())).await, first, "the same again is fine");
    assert_eq!(stack.refused("CreateStateMachine", create(wait())).await, "StateMachineAlreadyExists");

    let arn = first["stateMachineArn"].clone();
    let running = stack.start_execution(&text(&arn), "before", &json!({})).await;
    stack.ended(&running).await;
    stack.ok("UpdateStateMachine", json!({ "stateMachineArn": arn, "definition": wait().to_string() })).await;
    let described = stack.ok("DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!((&described["name"], &described["type"]), (&json!("m"), &json!("STANDARD")));
    assert_eq!((&described["status"], &described["roleArn"]), (&json!("ACTIVE"), &json!(ROLE)));
    assert_eq!(described["definition"], wait().to_string());
    stack.create("n", &succeed()).await;
    let page = stack.ok("ListStateMachines", json!({ "maxResults": 1 })).await;
    assert_eq!(page["stateMachines"][0]["name"], "m");
    let page =
        stack.ok("ListStateMachines", json!({ "maxResults": 1, "nextToken": page["nextToken"] })).await;
    assert_eq!((&page["stateMachines"][0]["name"], &page["nextToken"]), (&json!("n"), &Value::Null));

    let waiting = stack.start_execution(&text(&arn), "waiting", &json!({})).await;
    stack.ok("DeleteStateMachine", json!({ "stateMachineArn": arn })).await;
    stack.ok("DeleteStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(
        stack.refused("DescribeStateMachine", json!({ "stateMachineArn": arn })).await,
        "StateMachineDoesNotExist"
    );
    assert_eq!(
        stack.refused("DescribeExecution", json!({ "executionArn": waiting })).await,
        "ExecutionDoesNotExist"
    );
}

#[tokio::test]
async fn a_running_execution_keeps_the_definition_it_was_started_with() {
    let mut stack = Stack::open();
    let machine = stack.create("m", &wait()).await;
    let execution = stack.start_execution(&machine, "e", &json!({ "a": 1 })).await;
    stack
        .ok("UpdateStateMachine", json!({ "stateMachineArn": machine, "definition": succeed().to_string() }))
        .await;
    stack.restart();
    let description = stack.ok("DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!(description["status"], "RUNNING");
    stack.clock.advance(std::time::Duration::from_secs(1001));
    assert_eq!(stack.ended(&execution).await["output"], "{\"a\":1}");
}

#[tokio::test]
async fn a_name_starts_one_execution() {
    let mut stack = Stack::open();
    let machine = stack.create("m", &wait()).await;
    let start = |input: &str| json!({ "stateMachineArn": machine, "name": "e", "input": input });
    let first = stack.ok("StartExecution", start("{\"a\": 1}")).await;
    assert_eq!(first["executionArn"], "arn:aws:states:us-east-1:123456789012:execution:m:e");
    assert_eq!(stack.ok("StartExecution", start("{\"a\": 1}")).await, first);
    stack.restart();
    assert_eq!(stack.ok("StartExecution", start("{\"a\": 1}")).await, first);
    assert_eq!(stack.refused("StartExecution", start("{\"a\": 2}")).await, "ExecutionAlreadyExists");
    let stop = json!({ "executionArn": first["executionArn"], "error": "E", "cause": "C" });
    let stopped = stack.ok("StopExecution", stop.clone()).await;
    assert_eq!(stack.ok("StopExecution", stop).await, stopped);
    assert_eq!(stack.refused("StartExecution", start("{\"a\": 1}")).await, "ExecutionAlreadyExists");
    let description = stack.ok("DescribeExecution", json!({ "executionArn": first["executionArn"] })).await;
    assert_eq!((&description["status"], &description["error"]), (&json!("ABORTED"), &json!("E")));
    assert_eq!((&description["cause"], &description["input"]), (&json!("C"), &json!("{\"a\": 1}")));

    stack.clock.advance(std::time::Duration::from_secs(91 * 24 * 3600));
    stack.restart();
    assert_ne!(
        stack.ok("StartExecution", start("{\"a\": 1}")).await,
        first,
        "after 90 days the name is free"
    );
    let generated = stack.ok("StartExecution", json!({ "stateMachineArn": machine })).await;
    assert_ne!(generated["executionArn"], first["executionArn"]);
}

#[tokio::test]
async fn wrong_calls_get_the_exceptions_of_aws() {
    let stack = Stack::open();
    let machine = stack.create("m", &ask()).await;
    let nowhere = "arn:aws:states:us-east-1:123456789012:stateMachine:none";
    let unstarted = "arn:aws:states:us-east-1:123456789012:execution:m:none";
    let create = |more: Value| {
        let mut input = json!({ "name": "x", "definition": succeed().to_string(), "roleArn": ROLE });
        input.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        input
    };
    let cases = [
        ("CreateStateMachine", create(json!({ "name": "a b" })), "InvalidName"),
        ("CreateStateMachine", create(json!({ "definition": "{}" })), "InvalidDefinition"),
        ("CreateStateMachine", create(json!({ "type": "EXPRESS" })), "StateMachineTypeNotSupported"),
        ("CreateStateMachine", create(json!({ "publish": true })), "ValidationException"),
        ("CreateStateMachine", json!({ "name": "x" }), "ValidationException"),
        (
            "CreateStateMachine",
            create(json!({ "loggingConfiguration": { "level": "ALL" } })),
            "InvalidLoggingConfiguration",
        ),
        ("UpdateStateMachine", json!({ "stateMachineArn": machine }), "MissingRequiredParameter"),
        (
            "UpdateStateMachine",
            json!({ "stateMachineArn": nowhere, "roleArn": ROLE }),
            "StateMachineDoesNotExist",
        ),
        ("DescribeStateMachine", json!({ "stateMachineArn": "m" }), "InvalidArn"),
        ("StartExecution", json!({ "stateMachineArn": nowhere }), "StateMachineDoesNotExist"),
        ("StartExecution", json!({ "stateMachineArn": machine, "input": "{" }), "InvalidExecutionInput"),
        ("StartExecution", json!({ "stateMachineArn": machine, "name": "a/b" }), "InvalidName"),
        (
            "StartExecution",
            json!({ "stateMachineArn": machine, "input": format!("\"{}\"", "x".repeat(262_144)) }),
            "ValidationException",
        ),
        ("DescribeExecution", json!({ "executionArn": unstarted }), "ExecutionDoesNotExist"),
        ("DescribeExecution", json!({ "executionArn": machine }), "InvalidArn"),
        ("GetExecutionHistory", json!({ "executionArn": unstarted }), "ExecutionDoesNotExist"),
        ("StopExecution", json!({ "executionArn": unstarted }), "ExecutionDoesNotExist"),
        ("ListExecutions", json!({ "stateMachineArn": machine, "maxResults": 1001 }), "ValidationException"),
        (
            "ListExecutions",
            json!({ "stateMachineArn": machine, "statusFilter": "DONE" }),
            "ValidationException",
        ),
        ("ListExecutions", json!({ "stateMachineArn": machine, "nextToken": "x" }), "InvalidToken"),
        ("SendTaskHeartbeat", json!({ "taskToken": "not a token" }), "InvalidToken"),
        ("GetActivityTask", json!({}), "UnsupportedOperation"),
    ];
    for (operation, input, code) in cases {
        assert_eq!(stack.refused(operation, input.clone()).await, code, "{operation} {input}");
    }
}

#[tokio::test]
async fn a_task_token_is_taken_once() {
    let stack = Stack::open();
    stack.function("ask", |_| Ok(Value::Null));
    let machine = stack.create("m", &ask()).await;
    let execution = stack.start_execution(&machine, "e", &json!({})).await;
    let token = stack.called("ask", 1).await["token"].clone();
    assert_eq!(
        stack.refused("SendTaskSuccess", json!({ "taskToken": token, "output": "{" })).await,
        "InvalidOutput"
    );
    stack.ok("SendTaskHeartbeat", json!({ "taskToken": token })).await;
    stack.ok("SendTaskFailure", json!({ "taskToken": token, "error": "E", "cause": "C" })).await;
    let description = stack.ended(&execution).await;
    assert_eq!((&description["status"], &description["error"]), (&json!("FAILED"), &json!("E")));
    for operation in ["SendTaskHeartbeat", "SendTaskFailure"] {
        assert_eq!(stack.refused(operation, json!({ "taskToken": token })).await, "TaskTimedOut");
    }
    stack.ok("DeleteStateMachine", json!({ "stateMachineArn": machine })).await;
    assert_eq!(stack.refused("SendTaskHeartbeat", json!({ "taskToken": token })).await, "TaskDoesNotExist");
}

#[tokio::test]
async fn executions_are_listed_in_pages_newest_first() {
    let stack = Stack::open();
    let machine = stack.create("m", &wait()).await;
    for name in ["a", "b", "c"] {
        stack.start_execution(&machine, name, &json!({})).await;
        stack.clock.advance(std::time::Duration::from_secs(1));
    }
    let b = "arn:aws:states:us-east-1:123456789012:execution:m:b";
    stack.ok("StopExecution", json!({ "executionArn": b })).await;
    let mut names = Vec::new();
    let mut token = Value::Null;
    loop {
        let mut input = json!({ "stateMachineArn": machine, "maxResults": 2 });
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let page = stack.ok("ListExecutions", input).await;
        names.extend(
            page["executions"].as_array().expect("executions").iter().map(|item| text(&item["name"])),
        );
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(names, ["c", "b", "a"]);
    let filtered = json!({ "stateMachineArn": machine, "statusFilter": "ABORTED" });
    let filtered = stack.ok("ListExecutions", filtered).await;
    assert_eq!(filtered["executions"].as_array().map(Vec::len), Some(1));
    assert_eq!(filtered["executions"][0]["name"], "b");
}

#[tokio::test]
async fn a_history_is_read_in_pages_both_ways_with_and_without_data() {
    let stack = Stack::open();
    let machine = stack.create("m", &succeed()).await;
    let execution = stack.start_execution(&machine, "e", &json!({ "secret": 1 })).await;
    for (reverse, expected) in [(false, vec![1, 2, 3, 4]), (true, vec![4, 3, 2, 1])] {
        let mut ids = Vec::new();
        let mut input = json!({ "executionArn": execution, "maxResults": 3, "reverseOrder": reverse });
        loop {
            let page = stack.ok("GetExecutionHistory", input.clone()).await;
            ids.extend(page["events"].as_array().expect("events").iter().map(|event| event["id"].as_i64()));
            if page["nextToken"].is_null() {
                break;
            }
            input["nextToken"] = page["nextToken"].clone();
        }
        assert_eq!(ids, expected.into_iter().map(Some).collect::<Vec<_>>());
    }
    let input = json!({ "executionArn": execution, "includeExecutionData": false });
    let without = stack.ok("GetExecutionHistory", input).await;
    assert!(!without.to_string().contains("secret"), "{without}");
    let with = stack.ok("GetExecutionHistory", json!({ "executionArn": execution })).await;
    assert_eq!(with["events"][1]["stateEnteredEventDetails"]["input"], "{\"secret\":1}");
}

#[tokio::test]
async fn a_directory_is_opened_by_one_service_at_a_time() {
    let stack = Stack::open();
    let second = LocalStepFunctions::open(
        stack.directory(),
        Place::default(),
        std::sync::Arc::new(Functions::default()),
        stack.clock.clone(),
    );
    let in_use = |error: &OpenError| {
        matches!(error, OpenError::Store(StoreError::Open(local_service::OpenError::InUse(_))))
    };
    assert!(second.err().as_ref().is_some_and(in_use));
}

#[tokio::test]
async fn a_function_that_panics_fails_its_task() {
    let stack = Stack::open();
    stack.function("ask", |_| panic!("on purpose"));
    let machine = stack.create("m", &ask()).await;
    let execution = stack.start_execution(&machine, "e", &json!({})).await;
    assert_eq!(stack.ended(&execution).await["error"], "Runtime.ExitError");
}

#[tokio::test]
async fn thousands_of_waiting_executions_end_with_one_timer() {
    let stack = Stack::open();
    let machine = stack.create("m", &wait()).await;
    let mut executions = Vec::new();
    for number in 0..2000 {
        executions.push(stack.start_execution(&machine, &format!("e{number}"), &json!({})).await);
    }
    stack.clock.advance(std::time::Duration::from_secs(1001));
    for execution in executions {
        assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED");
    }
}
