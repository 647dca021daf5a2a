//! RetryStageExecution: what failed runs again, or everything does; what succeeded keeps its results.

use std::fs;

use crate::declare::{commands, pipeline, stage};
use crate::shop::Shop;

/// A shop whose flaky action fails until its file is there, with what it did so far.
async fn failed_once() -> (Shop, String) {
    let shop = Shop::open().await;
    let (diary, mended) = (shop.diary(), shop.place().join("mended"));
    let flaky = format!("test -e {}", mended.display());
    let test =
        [commands("Steady", [diary.write("steady")]), commands("Flaky", [diary.write("flaky"), flaky])];
    let declared =
        pipeline([stage("Test", test), stage("Deploy", [commands("Deploy", [diary.write("deploy")])])]);
    shop.create(&declared).await.expect("a pipeline");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    fs::write(mended, "").expect("the flaky test can be mended");
    (shop, id)
}

fn times(shop: &Shop, word: &str) -> usize {
    shop.diary().lines().iter().filter(|line| *line == word).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_failed_actions_runs_only_those_and_goes_on() {
    let (shop, id) = failed_once().await;
    shop.retry(&id, "Test", "FAILED_ACTIONS").await.expect("it has failed here");
    assert_eq!(shop.end(&id).await, "Succeeded");
    let ran = ["steady", "flaky", "deploy"].map(|word| times(&shop, word));
    assert_eq!(ran, [1, 2, 1]);
    assert_eq!(shop.actions(&id).await.len(), 5, "the history keeps both attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_all_actions_runs_the_whole_stage_again() {
    let (shop, id) = failed_once().await;
    shop.retry(&id, "Test", "ALL_ACTIONS").await.expect("it has failed here");
    assert_eq!(shop.end(&id).await, "Succeeded");
    let ran = ["steady", "flaky", "deploy"].map(|word| times(&shop, word));
    assert_eq!(ran, [2, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_retried_is_refused_with_the_reason() {
    let (shop, id) = failed_once().await;
    let elsewhere = shop.retry(&id, "Deploy", "FAILED_ACTIONS").await.expect_err("it never came there");
    assert_eq!(elsewhere.code, "StageNotRetryableException");
    let unknown = shop.retry(&id, "Tset", "FAILED_ACTIONS").await.expect_err("there is no such stage");
    assert_eq!(unknown.code, "StageNotFoundException");

    let newer = shop.start().await;
    assert_eq!(shop.end(&newer).await, "Succeeded");
    let overtaken = shop.retry(&id, "Test", "FAILED_ACTIONS").await.expect_err("a newer one was there");
    assert_eq!(overtaken.code, "NotLatestPipelineExecutionException");
}
