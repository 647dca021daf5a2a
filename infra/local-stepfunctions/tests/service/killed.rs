//! The process is killed with SIGKILL while it works: what it had answered is still there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use local_service::{AdjustableClock, Service as _};
use local_stepfunctions::{LocalStepFunctions, Place};
use serde_json::{Value, json};

use crate::stack::{Functions, Stack, text};

/// Tells the second process, which is this test binary again, where to work.
const DIRECTORY: &str = "LOCAL_STEPFUNCTIONS_KILLED_DIRECTORY";

fn definition() -> Value {
    let task = |next: &str| {
        json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": null, "Next": next,
            "Parameters": { "FunctionName": "work" } })
    };
    json!({ "StartAt": "A", "States": { "A": task("B"), "B": task("C"), "C": task("D"), "D": { "Type": "Succeed" } } })
}

#[tokio::test]
async fn what_a_killed_process_had_answered_comes_to_its_end() {
    let mut stack = Stack::open();
    stack.create("m", &definition()).await;
    stack.kill();
    #[expect(clippy::disallowed_methods, reason = "only a process of its own can be killed")]
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["killed::starts_executions_until_it_is_killed", "--exact", "--ignored", "--nocapture"]);
    command.env(DIRECTORY, stack.directory()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("a second process");
    let mut answered = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        let line = line.expect("text");
        answered.extend(line.strip_prefix("started ").map(str::to_owned));
        if answered.len() == 300 {
            child.kill().expect("killed");
        }
    }
    child.wait().expect("it is gone");
    assert!(answered.len() >= 300, "{}", answered.len());

    stack.function("work", |_| Ok(Value::Null));
    stack.restart();
    for execution in answered {
        assert_eq!(stack.ended(&execution).await["status"], "SUCCEEDED", "{execution}");
        let functions =
            stack.event_types(&execution).await.iter().filter(|kind| *kind == "TaskSucceeded").count();
        assert_eq!(functions, 3, "{execution}");
    }
}

#[tokio::test]
#[ignore = "the second process of the test above"]
async fn starts_executions_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "how the first process says where to work")]
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let functions = Functions::default();
    functions.answer("work", |_| Ok(Value::Null));
    let clock = Arc::new(AdjustableClock::default());
    let service =
        LocalStepFunctions::open(&PathBuf::from(directory), Place::default(), Arc::new(functions), clock)
            .expect("the directory is free");
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    loop {
        let answer =
            service.call("StartExecution", json!({ "stateMachineArn": machine })).await.expect("started");
        // Not `println!`: it panics when nobody reads any more.
        let written = writeln!(std::io::stdout(), "started {}", text(&answer["executionArn"]));
        if written.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}
