//! The machine or the process ends in the middle of an execution, and comes back.

use serde_json::json;

use crate::declare::{PIPELINE, SOURCE_BUCKET, approval, commands, pipeline, stage};
use crate::process::{Running, command, pipewright, run_at_its_gate};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_can_be_answered_after_a_power_failure() {
    let declared = pipeline([
        stage("Approve", [approval("Approve")]),
        stage("Deploy", [commands("Deploy", ["echo out"])]),
    ]);
    let shop = Shop::with(&declared).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;

    let shop = shop.after_power_failure().await;
    assert_eq!(shop.status(&id).await, "InProgress");
    shop.answer("Approve", &token, "Approved").await.expect("the approval still waits");
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_whose_process_was_killed_fails_and_can_be_retried() {
    let (workplace, gate, run) = run_at_its_gate();
    run.signal("KILL");
    let killed = run.end();
    assert_eq!(killed.status, None, "{}", killed.output);
    let id = killed.output.split_whitespace().skip_while(|word| *word != "execution").nth(1).expect("its id");

    let shop = Shop::take_over(workplace.path()).await;
    assert_eq!(shop.end(id).await, "Failed");
    assert_ne!(shop.action(id, "Compile").await.error(), "", "the reason is told");
    gate.open();
    shop.retry(id, "Build", "FAILED_ACTIONS").await.expect("it has failed here");
    assert_eq!(shop.end(id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_was_told_is_there_after_a_power_failure() {
    let shop = Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded");
    let before = (shop.execution(&id).await, shop.story(&id).await);
    let shop = shop.after_power_failure().await;
    assert_eq!((shop.execution(&id).await, shop.story(&id).await), before);
    let again = shop.start().await;
    assert_eq!(shop.end(&again).await, "Succeeded");
}

/// More than a page of ListPipelineExecutions has.
const NEWER: usize = 101;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_takes_the_place_of_what_was_left_in_progress_however_long_ago() {
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let shop = Shop::with(&declared).await;
    let left = shop.start().await;
    shop.approval_of(&left, "Approve").await;
    for _ in 0..NEWER {
        let newer = shop.start().await;
        shop.stop(&newer, true).await.expect("it waits");
    }
    let (place, _shop) = (shop.copy_of_its_disk(), shop);
    let resources = json!({ "buckets": [{ "name": SOURCE_BUCKET, "versioned": true }] });
    for (name, content) in
        [("pipeline.json", json!({ "pipeline": declared })), ("local-resources.yaml", resources)]
    {
        std::fs::write(place.path().join(name), content.to_string()).expect("a file");
    }
    let mut run = command(pipewright());
    run.current_dir(place.path()).args(["run", "pipeline.json", "--data", "data", "--approve"]);
    let ended = Running::start(run, place.path().join("run.txt")).end();
    ended.assert_says(&[&format!(
        "The execution {left} was left in progress by an earlier run; it is abandoned."
    )]);
    assert_eq!(ended.status, Some(0), "{}", ended.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_was_made_before_there_was_a_list_is_listed_after_the_next_start() {
    let shop = Shop::with(&pipeline([stage("Approve", [approval("Approve")])])).await;
    let listed = async |shop: &Shop| {
        let answer = shop.developer("ListPipelines", json!({})).await.expect("a list");
        answer["pipelines"].as_array().expect("a list").len()
    };
    assert_eq!(listed(&shop).await, 1);
    let entry = json!({ "pk": { "S": "PIPELINES" }, "sk": { "S": PIPELINE } });
    let table = "pipewright-PipelinesTable";
    shop.owner("DynamoDB_20120810.DeleteItem", json!({ "TableName": table, "Key": entry })).await;
    assert_eq!(listed(&shop).await, 0);

    let place = shop.copy_of_its_disk();
    let format = place.path().join("data/format");
    std::fs::write(&format, "2\n").expect("a file");
    let next = Shop::take_over(place.path()).await;
    assert_eq!(listed(&next).await, 1);
    let listing = next.developer("ListPipelines", json!({})).await.expect("a list")["pipelines"][0].clone();
    assert_eq!((&listing["name"], &listing["version"]), (&json!(PIPELINE), &json!(1)));
    assert_eq!(std::fs::read_to_string(format).expect("a file"), "3\n", "the next start has nothing to do");
}
