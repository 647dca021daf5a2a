//! A pipeline is deleted: nothing of it goes on, and a new one of its name begins anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use local::Options;
use local::connector::{Fault, FaultInjection};
use local_service::Service;

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, approval, commands, pipeline, stage, with};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_pipeline_is_gone_and_deleting_it_again_is_fine() {
    let shop = Shop::with(&pipeline([stage("Approve", [approval("Approve")])])).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    let official = OfficialClient::of(&shop).await;
    let client = &official.client;
    for _ in 0..2 {
        client.delete_pipeline().name(PIPELINE).send().await.expect("it may be deleted");
        assert_eq!((official.last().status_code, official.last().body.as_str()), (200, ""));
    }
    let not_found = "PipelineNotFoundException";
    assert_eq!(code(client.get_pipeline().name(PIPELINE).send().await).0, not_found);
    assert_eq!(code(client.get_pipeline_state().name(PIPELINE).send().await).0, not_found);
    assert_eq!(code(client.start_pipeline_execution().name(PIPELINE).send().await).0, not_found);
    let execution = client.get_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
    assert_eq!(code(execution.send().await).0, not_found);
    let late = shop.answer("Approve", &token, "Approved").await.expect_err("nobody asks any more");
    assert_eq!(late.code, not_found);
    let listed = client.list_pipelines().send().await.expect("a list");
    assert_eq!(listed.pipelines.map(|pipelines| pipelines.len()), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_of_a_deleted_pipeline_ends_and_its_late_results_reach_nobody() {
    for mode in ["SUPERSEDED", "PARALLEL"] {
        let shop = Shop::open().await;
        let gate = shop.gate("build");
        let declared = pipeline([
            stage("Build", [commands("Compile", [gate.wait()])]),
            stage("Deploy", [commands("Deploy", [shop.diary().write("deployed")])]),
        ]);
        let declared = with(declared, "executionMode", mode.into());
        shop.create(&declared).await.expect("a pipeline");
        let id = shop.start().await;
        shop.until(&id, "the build at its gate", async || (gate.arrivals() == 1).then_some(())).await;
        let official = OfficialClient::of(&shop).await;
        official.client.delete_pipeline().name(PIPELINE).send().await.expect("it may be deleted");
        assert_eq!(running(&shop).await, serde_json::json!([]), "{mode}: no workflow goes on");
        gate.open();

        // The same name is free at once, and nothing of the old pipeline is shown under it.
        shop.create(&declared).await.expect("the name is free");
        let listed = official.client.list_pipeline_executions().pipeline_name(PIPELINE).send().await;
        assert_eq!(
            listed.expect("a list").pipeline_execution_summaries.map(|list| list.len()),
            Some(0),
            "{mode}"
        );
        let old = official.client.get_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
        assert_eq!(code(old.send().await).0, "PipelineExecutionNotFoundException", "{mode}");
        let next = shop.start().await;
        assert_eq!(shop.end(&next).await, "Succeeded", "{mode}");
        assert_eq!(shop.diary().lines(), ["deployed"], "{mode}: once, by the new pipeline");
        let version = official.client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
        assert_eq!(version.pipeline.and_then(|pipeline| pipeline.version), Some(1));
    }
}

/// Workflows that go on.
async fn running(shop: &Shop) -> serde_json::Value {
    let input = serde_json::json!({ "stateMachineArn": machine(shop), "statusFilter": "RUNNING" });
    let list = shop.stack().stepfunctions.call("ListExecutions", input).await.expect("a list");
    list["executions"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_deleted_and_what_runs_ends_although_the_replies_are_lost() {
    let left = Arc::new(AtomicUsize::new(0));
    let asked = left.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        let is_deletion = call.caller == "ApiFunction" && call.action == "dynamodb:DeleteItem";
        let take = |left: usize| left.checked_sub(1);
        let is_lost = is_deletion && asked.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok();
        is_lost.then_some(Fault::LoseReply)
    });
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    shop.create(&declared).await.expect("a pipeline");
    let id = shop.start().await;
    shop.approval_of(&id, "Approve").await;
    left.store(2, Ordering::SeqCst);
    shop.developer("DeletePipeline", serde_json::json!({ "name": PIPELINE })).await.expect("it was deleted");
    assert_eq!(left.load(Ordering::SeqCst), 0, "the replies were lost");
    let gone = shop.developer("GetPipeline", serde_json::json!({ "name": PIPELINE })).await;
    assert_eq!(gone.expect_err("it is gone").code, "PipelineNotFoundException");
    // Whoever does not know that it was him leaves the rest to the sweep.
    let ended = async {
        while running(&shop).await != serde_json::json!([]) {
            shop.stack().clock.advance(Duration::from_secs(60));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("no workflow goes on");
}

fn machine(shop: &Shop) -> String {
    let platform = shop.stack().platform_of("api").expect("a function");
    platform.config.stage_execution_state_machine_arn.clone()
}
