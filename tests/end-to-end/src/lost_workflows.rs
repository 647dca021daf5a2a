//! The workflow of a stage is lost, and nobody is told: the sweep finds it, whatever else is wrong at that time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use local::Options;
use local::connector::{Call, Fault, FaultInjection};
use local_service::Clock;
use serde_json::{Value, json};

use crate::declare::{PIPELINE, approval, pipeline, stage, with};
use crate::shop::Shop;

/// Comes before the other one wherever pipelines are listed.
const OTHER: &str = "another";
/// So often the SDK asks before it gives up.
const SDK_ATTEMPTS: usize = 3;
/// The sweep looks at workflows so often, and at those that were quiet as long.
const LOOKS_MS: i64 = 5 * 60_000;

fn waits_for_an_approval(name: &str) -> Value {
    with(pipeline([stage("Approve", [approval("Approve")])]), "name", json!(name))
}

/// Both pipelines wait for an approval; answers with the executions of [`PIPELINE`] and of [`OTHER`].
async fn two_that_wait(options: Options) -> (Shop, String, String) {
    let shop = Shop::open_with(options).await;
    for name in [PIPELINE, OTHER] {
        shop.create(&waits_for_an_approval(name)).await.expect("the pipeline is fine");
    }
    let id = shop.start().await;
    shop.approval_of(&id, "Approve").await;
    let other = shop.start_with(json!({ "name": OTHER })).await.expect("the execution starts");
    let waits = async || {
        let state = shop.developer("GetPipelineState", json!({ "name": OTHER })).await.expect("it is there");
        let approval = &state["stageStates"][1]["actionStates"][0]["latestExecution"];
        approval["token"].is_string().then_some(())
    };
    shop.until(&id, "the approval of the other one", waits).await;
    (shop, id, other)
}

/// Moves the clock to where the sweep looks at workflows, which it then does once.
fn look(shop: &Shop) {
    let clock = &shop.stack().clock;
    let next = (clock.now() / LOOKS_MS + 2) * LOOKS_MS + 1_000;
    clock.advance(Duration::from_millis((next - clock.now()).unsigned_abs()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_whose_workflow_is_gone_fails_and_can_be_retried() {
    let shop = Shop::with(&waits_for_an_approval(PIPELINE)).await;
    let id = shop.start().await;
    shop.approval_of(&id, "Approve").await;
    let shop = shop.after_losing(&["stepfunctions"], Options::default()).await;
    assert_eq!(shop.status(&id).await, "InProgress", "nobody knows yet");
    look(&shop);
    assert_eq!(shop.end(&id).await, "Failed");
    let error = shop.action(&id, "Approve").await.error().to_owned();
    assert!(error.contains("The stage's state machine ended: there is none"), "{error}");
    shop.retry(&id, "Approve", "FAILED_ACTIONS").await.expect("it has failed here");
    let token = shop.approval_of(&id, "Approve").await;
    shop.answer("Approve", &token, "Approved").await.expect("it waits");
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_workflow_is_found_although_another_pipeline_cannot_be_looked_at() {
    let (shop, id, other) = two_that_wait(Options::default()).await;
    let (is_broken, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (breaks, asks) = (is_broken.clone(), asked.clone());
    // The first question of every look gets no answer.
    let faults: FaultInjection = Arc::new(move |call| {
        let is_asked = is_question(call) && breaks.load(Ordering::SeqCst);
        (is_asked && asks.fetch_add(1, Ordering::SeqCst) < SDK_ATTEMPTS).then_some(Fault::LoseReply)
    });
    let options = Options { faults: Some(faults), ..Options::default() };
    let shop = shop.after_losing(&["stepfunctions"], options).await;
    look(&shop);
    assert_eq!(shop.end(&id).await, "Failed");
    assert_eq!(shop.status_of(OTHER, &other).await, "InProgress", "it could not be asked about");
    assert!(asked.load(Ordering::SeqCst) > SDK_ATTEMPTS);
    is_broken.store(false, Ordering::SeqCst);
    look(&shop);
    let failed = async || (shop.status_of(OTHER, &other).await == "Failed").then_some(());
    shop.until(&id, "the end of the other one", failed).await;
}

fn is_question(call: &Call<'_>) -> bool {
    call.caller == "DispatchEffectsFunction" && call.action == "states:DescribeExecution"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_workflow_is_found_although_something_can_never_be_delivered() {
    let options = || {
        let faults: FaultInjection =
            Arc::new(|call| (call.action == "states:StopExecution").then_some(Fault::Throttle));
        Options { faults: Some(faults), ..Options::default() }
    };
    let (shop, id, other) = two_that_wait(options()).await;
    // More than a page of what cannot even be read.
    for number in 0..=100 {
        let item = json!({ "pk": { "S": "OUTBOX" }, "sk": { "S": format!("{number:015}#torn") } });
        let put = json!({ "TableName": "pipewright-OutboxTable", "Item": item });
        shop.owner("DynamoDB_20120810.PutItem", put).await;
    }
    let input = json!({ "pipelineName": OTHER, "pipelineExecutionId": other, "abandon": true });
    shop.developer("StopPipelineExecution", input).await.expect("it is in progress");
    let shop = shop.after_losing(&["stepfunctions"], options()).await;
    look(&shop);
    assert_eq!(shop.end(&id).await, "Failed");
    let undelivered = shop.stack().oldest_undelivered_ms().await.expect("the outbox can be read");
    assert!(undelivered.is_some(), "the other one's workflow can never be stopped");
}
