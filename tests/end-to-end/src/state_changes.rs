//! What is told of executions: the state-change events of CodePipeline, each of them and in their order.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use local::Options;
use local::connector::{Fault, FaultInjection};
use serde_json::{Value, json};

use crate::declare::{PIPELINE, approval, build, commands, pipeline, stage, with};
use crate::served::Served;
use crate::shop::Shop;

/// Every event that was put to EventBridge on these data, the oldest first.
fn events_in(data: &Path) -> Vec<Value> {
    let log = data.join("events").join("log");
    let entries = fs::read_dir(&log).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).expect("it can be read"));
    let lines: Vec<_> = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

pub(crate) fn of_execution(data: &Path, id: &str) -> Vec<Value> {
    let events = events_in(data).into_iter();
    events.filter(|event| event["detail"]["execution-id"] == id).collect()
}

/// `Stage/Action STATE`, `Stage STATE`, or for the pipeline `STATE`.
fn told(event: &Value) -> String {
    let detail = &event["detail"];
    let text = |name: &str| detail[name].as_str().unwrap_or_default();
    let kind = event["detail-type"].as_str().unwrap_or_default();
    match kind.strip_prefix("CodePipeline ").unwrap_or_default() {
        "Pipeline Execution State Change" => text("state").to_owned(),
        "Stage Execution State Change" => format!("{} {}", text("stage"), text("state")),
        "Action Execution State Change" => format!("{}/{} {}", text("stage"), text("action"), text("state")),
        other => panic!("{other}: {event}"),
    }
}

/// Each event once, by its id, in the order in which it was told first.
pub(crate) fn once(events: &[Value]) -> Vec<&Value> {
    let mut known = BTreeSet::new();
    events.iter().filter(|event| known.insert(event["id"].to_string())).collect()
}

/// Waits until as many events of the execution were told as are expected, and compares them.
async fn assert_told(shop: &Shop, id: &str, expected: &[&str]) -> Vec<Value> {
    let data = shop.place().join("data");
    let all = async || {
        let events = of_execution(&data, id);
        (once(&events).len() >= expected.len()).then_some(events)
    };
    let events = shop.until(id, "its events", all).await;
    let told: Vec<_> = once(&events).into_iter().map(told).collect();
    assert_eq!(told, expected);
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_that_succeeds_is_told_of_from_its_start_to_its_end() {
    let shop = Shop::open().await;
    let buildspec = json!({
        "version": "0.2",
        "phases": { "build": { "commands": ["echo built > app"] } },
        "artifacts": { "files": ["app"] },
    });
    shop.project("app", &buildspec).await;
    let stages = [stage("Build", [build("Compile", "app")]), stage("Approve", [approval("Approve")])];
    shop.create(&pipeline(stages)).await.expect("a pipeline");
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    shop.answer("Approve", &token, "Approved").await.expect("it is the first answer");
    assert_eq!(shop.end(&id).await, "Succeeded");
    let events = assert_told(
        &shop,
        &id,
        &[
            "STARTED",
            "Source STARTED",
            "Source/Source STARTED",
            "Source/Source SUCCEEDED",
            "Source SUCCEEDED",
            "Build STARTED",
            "Build/Compile STARTED",
            "Build/Compile SUCCEEDED",
            "Build SUCCEEDED",
            "Approve STARTED",
            "Approve/Approve STARTED",
            "Approve/Approve SUCCEEDED",
            "Approve SUCCEEDED",
            "SUCCEEDED",
        ],
    )
    .await;

    let started = &events[0];
    assert_eq!(started["source"], "pipewright");
    assert_eq!(started["detail-type"], "CodePipeline Pipeline Execution State Change");
    assert_eq!(
        started["resources"],
        json!([format!("arn:aws:codepipeline:us-east-1:123456789012:{PIPELINE}")])
    );
    assert_eq!((&started["account"], &started["region"]), (&json!("123456789012"), &json!("us-east-1")));
    let trigger = &started["detail"]["execution-trigger"];
    assert_eq!(trigger["trigger-type"], "StartPipelineExecution");
    let built = &events[7]["detail"];
    let action = shop.action(&id, "Compile").await;
    assert_eq!(built["action-execution-id"], action.detail["actionExecutionId"]);
    assert_eq!(built["region"], "us-east-1");
    let kind = json!({ "category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1" });
    assert_eq!(built["type"], kind);
    assert_eq!(built["execution-result"]["external-execution-id"], action.external_id());
    let artifact = &built["output-artifacts"][0];
    assert_eq!(artifact["name"], "CompileOutput");
    assert_eq!(artifact["s3location"], action.detail["output"]["outputArtifacts"][0]["s3location"]);
    assert_eq!(events[6]["detail"]["input-artifacts"][0]["name"], "SourceOutput");
    assert_eq!((&built["version"], &built["pipeline-execution-attempt"]), (&json!(1.0), &json!(1.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_a_retry_and_a_stop_are_told_of() {
    let shop = Shop::open().await;
    let (gate, mended) = (shop.gate("test"), shop.place().join("mended"));
    let flaky = format!("test -e {}", mended.display());
    let stages = [stage("Test", [commands("Flaky", [flaky, gate.wait()])])];
    shop.create(&pipeline(stages)).await.expect("a pipeline");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    fs::write(mended, "").expect("the flaky test can be mended");
    shop.retry(&id, "Test", "FAILED_ACTIONS").await.expect("it has failed here");
    shop.until(&id, "the test at its gate", async || (gate.arrivals() == 1).then_some(())).await;
    shop.stop(&id, false).await.expect("it runs");
    gate.open();
    assert_eq!(shop.end(&id).await, "Stopped");
    let events = assert_told(
        &shop,
        &id,
        &[
            "STARTED",
            "Source STARTED",
            "Source/Source STARTED",
            "Source/Source SUCCEEDED",
            "Source SUCCEEDED",
            "Test STARTED",
            "Test/Flaky STARTED",
            "Test/Flaky FAILED",
            "Test FAILED",
            "FAILED",
            "RESUMED",
            "Test RESUMED",
            "Test/Flaky STARTED",
            "STOPPING",
            "Test STOPPING",
            "Test/Flaky SUCCEEDED",
            "Test STOPPED",
            "STOPPED",
        ],
    )
    .await;
    let failed = &events[7]["detail"]["execution-result"];
    assert_eq!(failed["error-code"], "JobFailed");
    assert!(failed["external-execution-summary"].as_str().is_some_and(|text| !text.is_empty()), "{failed}");
    for (index, event) in events.iter().enumerate() {
        let attempt = if index < 10 { 1.0 } else { 2.0 };
        assert_eq!(event["detail"]["pipeline-execution-attempt"], attempt, "{event}");
        let is_after_the_retry =
            index > 10 && event["detail"]["stage"] == "Test" && event["detail"]["action"].is_null();
        let retried_at = &event["detail"]["stage-last-retry-attempt-time"];
        assert_eq!(retried_at.is_string(), is_after_the_retry, "{event}");
    }
    assert_eq!(events[13]["detail"]["stop-execution-comments"], "wrong day");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_overtaken_abandoned_or_rejected_is_told_of() {
    let shop = Shop::open().await;
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    shop.create(&declared).await.expect("a pipeline");
    let first = shop.start().await;
    let token = shop.approval_of(&first, "Approve").await;
    let second = shop.start().await;
    let came =
        async || shop.story(&second).await.iter().any(|line| line == "Source/Source Succeeded").then_some(());
    shop.until(&second, "its source", came).await;
    let third = shop.start().await;
    let overtaken = async || (shop.status(&second).await == "Superseded").then_some(());
    shop.until(&second, "a newer one", overtaken).await;
    shop.answer("Approve", &token, "Rejected").await.expect("it is the first answer");
    shop.approval_of(&third, "Approve").await;
    shop.stop(&third, true).await.expect("it runs");
    let began =
        ["STARTED", "Source STARTED", "Source/Source STARTED", "Source/Source SUCCEEDED", "Source SUCCEEDED"];
    let with = |more: &[&'static str]| [&began[..], more].concat();
    assert_told(
        &shop,
        &first,
        &with(&[
            "Approve STARTED",
            "Approve/Approve STARTED",
            "Approve/Approve FAILED",
            "Approve FAILED",
            "FAILED",
        ]),
    )
    .await;
    assert_told(&shop, &second, &with(&["SUPERSEDED"])).await;
    assert_told(
        &shop,
        &third,
        &with(&[
            "Approve STARTED",
            "Approve/Approve STARTED",
            "STOPPING",
            "Approve STOPPING",
            "Approve/Approve ABANDONED",
            "Approve STOPPED",
            "STOPPED",
        ]),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_edit_cancels_is_told_of_with_one_l() {
    let shop = Shop::open().await;
    let gate = shop.gate("build");
    let declared = pipeline([stage("Build", [commands("Compile", [gate.wait()])])]);
    let tags = json!([{ "key": "pipewright:running-executions-on-update", "value": "cancel" }]);
    shop.developer("CreatePipeline", json!({ "pipeline": declared, "tags": tags }))
        .await
        .expect("a pipeline");
    let id = shop.start().await;
    shop.until(&id, "the build at its gate", async || (gate.arrivals() == 1).then_some(())).await;
    shop.edit(&declared).await;
    gate.open();
    assert_eq!(shop.end(&id).await, "Cancelled");
    assert_told(
        &shop,
        &id,
        &[
            "STARTED",
            "Source STARTED",
            "Source/Source STARTED",
            "Source/Source SUCCEEDED",
            "Source SUCCEEDED",
            "Build STARTED",
            "Build/Compile STARTED",
            "Build STOPPING",
            "Build/Compile SUCCEEDED",
            "Build CANCELED",
            "CANCELED",
        ],
    )
    .await;
}

/// EventBridge is busy, and replies are lost: what is told may come twice, and nothing is left out.
#[tokio::test(flavor = "multi_thread")]
async fn events_wait_for_an_event_bus_that_is_busy() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        if call.action != "events:PutEvents" {
            return None;
        }
        match counted.fetch_add(1, Ordering::SeqCst) {
            // Longer than the SDK and the function try.
            0..12 => Some(Fault::Throttle),
            12 => Some(Fault::LoseReply),
            _ => None,
        }
    });
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
    let declared =
        with(pipeline([stage("Say", [commands("Say", ["echo hello"])])]), "executionMode", json!("PARALLEL"));
    shop.create(&declared).await.expect("a pipeline");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "nothing waits for the events");
    for _ in 0..40 {
        shop.stack().clock.advance(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_told(
        &shop,
        &id,
        &[
            "STARTED",
            "Source STARTED",
            "Source/Source STARTED",
            "Source/Source SUCCEEDED",
            "Source SUCCEEDED",
            "Say STARTED",
            "Say/Say STARTED",
            "Say/Say SUCCEEDED",
            "Say SUCCEEDED",
            "SUCCEEDED",
        ],
    )
    .await;
    assert!(calls.load(Ordering::SeqCst) > 12, "it was busy until then");
}

/// Events are gathered for a second before they are published, so a service that is killed at once has not published
/// what it has committed.
#[test]
fn events_survive_a_service_that_is_killed_between_commit_and_publishing() {
    let mut served = Served::open();
    served.create([stage("Say", [commands("Say", ["echo hello"])])]);
    served.say(&["start", PIPELINE]).assert_status(0);
    served.kill();
    let before = events_in(&served.data()).len();
    served.start(&[]);
    served.newest_end();
    let ids: Vec<String> = served
        .executions()
        .iter()
        .map(|execution| execution["pipelineExecutionId"].as_str().expect("an id").to_owned())
        .collect();
    assert!(!ids.is_empty());
    let ends = ["SUCCEEDED", "FAILED", "STOPPED"];
    for id in &ids {
        let has_ended = || {
            let told: Vec<_> = once(&of_execution(&served.data(), id)).into_iter().map(told).collect();
            told.iter().any(|told| ends.contains(&told.as_str())).then_some(told)
        };
        let told = (0..600).find_map(|_| {
            let seen = has_ended();
            if seen.is_none() {
                std::thread::sleep(Duration::from_millis(100));
            }
            seen
        });
        let told = told.unwrap_or_else(|| panic!("no end: {:?}", of_execution(&served.data(), id)));
        assert_eq!(told[..2], ["STARTED", "Source STARTED"], "{before} were published before: {told:?}");
        let count = |state: &str| told.iter().filter(|told| told.ends_with(state)).count();
        assert_eq!(count("Source/Source STARTED"), 1, "{told:?}");
    }

    let shown = served.say(&["events", PIPELINE, "--last", "1000", "--json"]).assert_status(0);
    assert_eq!(shown.output.lines().count(), events_in(&served.data()).len());
    let shown = served.say(&["events", "--last", "3"]).assert_status(0);
    assert_eq!(shown.output.lines().count(), 3, "{}", shown.output);
    served.say(&["events", "of-nobody"]).assert_status(0).assert_says(&["no event is known"]);
}
