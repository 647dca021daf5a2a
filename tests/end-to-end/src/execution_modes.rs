//! Many executions at once, in each execution mode, and a transition that is shut.

use serde_json::{Value, json};

use crate::declare::{commands, pipeline, stage, with};
use crate::gate::Gate;
use crate::shop::Shop;

const ID: &str = "#{codepipeline.PipelineExecutionId}";

/// Everybody waits in Build; Deploy writes down who comes.
async fn shop_in_mode(mode: &str) -> (Shop, Gate) {
    let shop = Shop::open().await;
    let (gate, diary) = (shop.gate("build"), shop.diary());
    let deploy = commands("Deploy", [diary.write(ID)]);
    let declared =
        pipeline([stage("Build", [commands("Compile", [gate.wait()])]), stage("Deploy", [deploy])]);
    shop.create(&with(declared, "executionMode", json!(mode))).await.expect("a pipeline");
    (shop, gate)
}

async fn ends_of(shop: &Shop, ids: &[String]) -> Vec<String> {
    let mut ends = Vec::new();
    for id in ids {
        ends.push(shop.end(id).await);
    }
    ends
}

/// Starts one, waits until it builds, then starts `count` more, each when the one before has its place.
async fn start_one_and(shop: &Shop, gate: &Gate, count: usize) -> Vec<String> {
    let first = shop.start().await;
    shop.until(&first, "the first at the gate", async || (gate.arrivals() == 1).then_some(())).await;
    let mut ids = vec![first];
    for _ in 0..count {
        let id = shop.start().await;
        shop.until_action(&id, "Source", |source| source.status == "Succeeded").await;
        ids.push(id);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn superseded_lets_only_the_newest_of_those_that_wait_through() {
    let (shop, gate) = shop_in_mode("SUPERSEDED").await;
    let ids = start_one_and(&shop, &gate, 4).await;
    gate.open();
    let ends = ends_of(&shop, &ids).await;
    assert_eq!(ends, ["Succeeded", "Superseded", "Superseded", "Superseded", "Succeeded"]);
    assert_eq!(shop.diary().lines(), [ids[0].clone(), ids[4].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn superseded_under_concurrent_starts_runs_the_first_and_the_newest_of_all() {
    let (shop, gate) = shop_in_mode("SUPERSEDED").await;
    gate.open();
    let ids = start_together(&shop, 8).await;
    let ends = ends_of(&shop, &ids).await;
    assert!(ends.iter().all(|end| ["Succeeded", "Superseded"].contains(&end.as_str())), "{ends:?}");
    let newest = by_start(&shop).await.pop().expect("somebody started");
    assert_eq!(shop.status(&newest).await, "Succeeded", "nobody is newer than the newest");
    let deployed = shop.diary().lines();
    assert_eq!(deployed.last(), Some(&newest), "an older one never comes after it");
    assert_eq!(deployed.len(), ends.iter().filter(|end| *end == "Succeeded").count());
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_lets_all_through_in_the_order_of_their_coming() {
    let (shop, gate) = shop_in_mode("QUEUED").await;
    gate.open();
    let ids = start_together(&shop, 6).await;
    assert_eq!(ends_of(&shop, &ids).await, ["Succeeded"; 6]);
    assert_eq!(shop.diary().lines(), by_start(&shop).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_runs_all_at_once() {
    let (shop, gate) = shop_in_mode("PARALLEL").await;
    let ids = start_together(&shop, 6).await;
    shop.until(&ids[0], "all six at the gate", async || (gate.arrivals() == 6).then_some(())).await;
    gate.open();
    assert_eq!(ends_of(&shop, &ids).await, ["Succeeded"; 6]);
    let (mut deployed, mut started) = (shop.diary().lines(), ids);
    deployed.sort();
    started.sort();
    assert_eq!(deployed, started);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_transition_holds_the_newest_and_lets_it_in_when_it_opens() {
    let (shop, gate) = shop_in_mode("SUPERSEDED").await;
    gate.open();
    shop.shut_transition_into("Deploy").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = shop.start().await;
        shop.until_action(&id, "Compile", |build| build.status == "Succeeded").await;
        ids.push(id);
    }
    assert_eq!(shop.end(&ids[0]).await, "Superseded");
    assert_eq!(shop.status(&ids[1]).await, "InProgress");
    assert!(shop.diary().lines().is_empty(), "nobody has passed");

    shop.open_transition_into("Deploy").await;
    assert_eq!(shop.end(&ids[1]).await, "Succeeded");
    assert_eq!(shop.diary().lines(), [ids[1].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_request_token_starts_one_execution_however_often_it_comes() {
    let (shop, gate) = shop_in_mode("QUEUED").await;
    gate.open();
    let request = json!({ "clientRequestToken": "monday" });
    let starts = (0..4).map(|_| shop.start_with(request.clone()));
    let answers = futures_of(starts).await;
    let ids: Vec<_> = answers.into_iter().map(|answer| answer.expect("the token is fine")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(shop.end(&ids[0]).await, "Succeeded");
    assert_eq!(by_start(&shop).await, [ids[0].clone()]);

    let other = json!({ "clientRequestToken": "monday", "variables": [{ "name": "a", "value": "b" }] });
    let refused = shop.start_with(other).await.expect_err("the token was for another request");
    assert_eq!(refused.code, "ValidationException");
}

/// `count` starts that nobody puts into an order.
async fn start_together(shop: &Shop, count: usize) -> Vec<String> {
    futures_of((0..count).map(|_| shop.start())).await
}

async fn futures_of<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(futures).await
}

/// All executions of the pipeline, in the order in which they were started.
async fn by_start(shop: &Shop) -> Vec<String> {
    let input = json!({ "pipelineName": crate::declare::PIPELINE });
    let answer = shop.developer("ListPipelineExecutions", input).await.expect("the pipeline is known");
    let mut summaries = answer["pipelineExecutionSummaries"].as_array().cloned().unwrap_or_default();
    summaries.reverse();
    let id = |summary: Value| summary["pipelineExecutionId"].as_str().expect("an id").to_owned();
    summaries.into_iter().map(id).collect()
}
