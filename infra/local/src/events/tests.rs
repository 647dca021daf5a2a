//! Events and schedules reach the functions.

use std::sync::{Arc, Mutex};

use local_service::{BoxFuture, Clock, EventSink, Timestamp};
use local_stepfunctions::{FunctionError, LambdaInvoker};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::*;
use crate::template::{Account, Rule, ScheduledCall};

/// A sleep moves the time and is over at once.
#[derive(Default)]
struct JumpingClock {
    now: Mutex<Timestamp>,
}

impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("the time")
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // Others run first, as they would while time passes.
            tokio::task::yield_now().await;
            let mut now = self.now.lock().expect("the time");
            *now = deadline.max(*now);
        })
    }
}

type Invocation = (Timestamp, String, Value);

/// Fails the first `failures` invocations, and tells of each.
struct Functions {
    clock: Arc<JumpingClock>,
    failures: Mutex<u32>,
    invoked: mpsc::UnboundedSender<Invocation>,
}

impl LambdaInvoker for Functions {
    fn invoke<'a>(
        &'a self,
        function: &'a str,
        payload: Value,
    ) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(async move {
            self.invoked.send((self.clock.now(), function.to_owned(), payload)).expect("the test listens");
            let mut failures = self.failures.lock().expect("the failures");
            if *failures == 0 {
                return Ok(Value::Null);
            }
            *failures -= 1;
            Err(FunctionError { error_type: "Unavailable".into(), cause: "{}".into() })
        })
    }
}

fn delivery(failures: u32) -> (Delivery, mpsc::UnboundedReceiver<Invocation>) {
    let (invoked, invocations) = mpsc::unbounded_channel();
    let clock = Arc::new(JumpingClock::default());
    let functions = Functions { clock: clock.clone(), failures: Mutex::new(failures), invoked };
    (Delivery::new(Arc::new(functions), clock, Handle::current()), invocations)
}

fn rule(name: &str, pattern: Value) -> Rule {
    let pattern = Pattern::parse(&pattern).expect("understood");
    Rule { name: name.into(), pattern, function: format!("{name}Function") }
}

#[tokio::test]
async fn an_event_goes_to_each_rule_that_matches_it() {
    let (delivery, mut invocations) = delivery(0);
    let rules = vec![
        rule("builds", json!({"source": ["aws.codebuild"]})),
        rule("failures", json!({"detail": {"build-status": ["FAILED"]}})),
        rule("deployments", json!({"source": ["aws.codedeploy"]})),
    ];
    let bus = LocalEventBus::new(rules, delivery);
    let event = json!({"source": "aws.codebuild", "detail": {"build-status": "FAILED"}});
    bus.put_event(json!({"source": "aws.s3"}));
    bus.put_event(event.clone());
    drop(bus);
    let mut functions = Vec::new();
    while let Some((_, function, payload)) = invocations.recv().await {
        assert_eq!(payload, event);
        functions.push(function);
    }
    functions.sort();
    assert_eq!(functions, ["buildsFunction", "failuresFunction"]);
}

#[tokio::test]
async fn an_event_is_awaited_unless_its_source_or_type_matches_no_rule() {
    let (delivery, _invocations) = delivery(0);
    let rules = vec![
        rule("ends", json!({"source": ["s"], "detail-type": ["End"], "detail": {"status": ["FAILED"]}})),
        rule("others", json!({"source": [{"prefix": "t"}]})),
    ];
    let bus = LocalEventBus::new(rules, delivery);
    for (source, detail_type, expected) in
        [("s", "End", true), ("s", "Begin", false), ("t.u", "Begin", true), ("u", "End", false)]
    {
        assert_eq!(bus.is_awaited(source, detail_type), expected, "{source} {detail_type}");
    }
}

#[tokio::test]
async fn a_function_that_fails_is_tried_twice_more_and_then_the_event_is_dropped() {
    for (failures, expected) in [(0, vec![0]), (1, vec![0, 60_000]), (9, vec![0, 60_000, 180_000])] {
        let (delivery, mut invocations) = delivery(failures);
        let bus = LocalEventBus::new(vec![rule("all", json!({"source": ["x"]}))], delivery);
        bus.put_event(json!({"source": "x"}));
        drop(bus);
        let mut times = Vec::new();
        while let Some((time, ..)) = invocations.recv().await {
            times.push(time);
        }
        assert_eq!(times, expected, "{failures} failures");
    }
}

#[tokio::test]
async fn a_schedule_invokes_its_function_each_time_that_it_is_due() {
    let (delivery, mut invocations) = delivery(0);
    let schedule = Schedule::parse("rate(1 minute)").expect("understood");
    let scheduled = ScheduledCall { name: "EveryMinute".into(), schedule, function: "Sweep".into() };
    let account = Account { id: "123456789012".into(), region: "us-east-1".into() };
    let running = tokio::spawn(run_schedules(vec![scheduled], account, delivery));
    let (_, function, event) = invocations.recv().await.expect("due");
    assert_eq!(function, "Sweep");
    assert_eq!(event["detail-type"], "Scheduled Event");
    assert_eq!(event["time"], "1970-01-01T00:01:00Z");
    assert_eq!(event["resources"], json!(["arn:aws:events:us-east-1:123456789012:rule/EveryMinute"]));
    let (.., second) = invocations.recv().await.expect("due again");
    assert_eq!(second["time"], "1970-01-01T00:02:00Z");
    assert_ne!(second["id"], event["id"]);
    running.abort();
}
