//! What the interpreter costs: time per step from one invocation's end to the next one's start, and
//! what many waiting executions take. Run with `--release` for numbers that mean something.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_service::{AdjustableClock, BoxFuture, Service as _};
use local_stepfunctions::{FunctionError, LambdaInvoker, LocalStepFunctions, Place};
use serde_json::{Value, json};

struct Echo;

impl LambdaInvoker for Echo {
    fn invoke<'a>(&'a self, _: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(async move { Ok(payload) })
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement is of real time")]
fn now() -> Instant {
    Instant::now()
}

/// Invokes a function this many times in a row, then waits.
fn definition(count: usize) -> Value {
    let task = |next: String| {
        json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": next,
        "Parameters": { "FunctionName": "echo", "Payload.$": "$" }, "ResultPath": null })
    };
    let mut states = serde_json::Map::new();
    for index in 0..count {
        states.insert(format!("T{index}"), task(format!("T{}", index + 1)));
    }
    states.insert(format!("T{count}"), json!({ "Type": "Wait", "Seconds": 86400, "End": true }));
    json!({ "StartAt": "T0", "States": states })
}

async fn wait_for(
    service: &LocalStepFunctions,
    execution: &Value,
    event_type: &str,
) -> Result<(), Box<dyn Error>> {
    let input = json!({ "executionArn": execution, "maxResults": 1, "reverseOrder": true });
    while service.call("GetExecutionHistory", input.clone()).await?["events"][0]["type"] != event_type {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let open = || {
        let clock = Arc::new(AdjustableClock::default());
        LocalStepFunctions::open(directory.path(), Place::default(), Arc::new(Echo), clock)
    };
    let service = open()?;
    let input = json!({ "text": "x".repeat(1000) }).to_string();
    for (name, steps, executions) in [("long", 1000, 1), ("short", 1, 5000)] {
        let create = json!({ "name": name, "definition": definition(steps).to_string(), "roleArn": "arn:aws:iam::1:role/r" });
        let machine = service.call("CreateStateMachine", create).await?["stateMachineArn"].clone();
        let begun = now();
        let mut last = Value::Null;
        for _ in 0..executions {
            let start = json!({ "stateMachineArn": machine, "input": input });
            last = service.call("StartExecution", start).await?["executionArn"].clone();
        }
        wait_for(&service, &last, "WaitStateEntered").await?;
        let taken = begun.elapsed();
        let each = taken / u32::try_from(steps * executions)?;
        println!("{executions} executions of {steps} invocations: {taken:?}, {each:?} for each invocation");
    }
    drop(service);
    let begun = now();
    let service = open()?;
    println!("opened again with 5001 running executions: {:?}", begun.elapsed());
    let status = || std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status().lines().find(|line| line.starts_with("VmRSS")).unwrap_or("no /proc here"));
    let ticks = || std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let before = ticks();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let used = |stat: &str| {
        stat.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>()
    };
    println!("processor time while idle for 3 s: {} ticks", used(&ticks()) - used(&before));
    drop(service);
    Ok(())
}
