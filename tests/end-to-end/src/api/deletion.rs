//! A pipeline is deleted: nothing of it goes on, and a new one of its name begins anew.

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
        let running = serde_json::json!({ "stateMachineArn": machine(&shop), "statusFilter": "RUNNING" });
        let running = shop.stack().stepfunctions.call("ListExecutions", running).await.expect("a list");
        assert_eq!(running["executions"], serde_json::json!([]), "{mode}: no workflow goes on");
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

fn machine(shop: &Shop) -> String {
    let platform = shop.stack().platform_of("api").expect("a function");
    platform.config.stage_execution_state_machine_arn.clone()
}
