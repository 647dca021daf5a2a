//! Approvals: a no, a second answer, an answer that never comes.

use std::time::Duration;

use serde_json::json;

use crate::declare::{approval, commands, pipeline, stage, with};
use crate::shop::Shop;

fn approved_then_deployed() -> serde_json::Value {
    pipeline([stage("Approve", [approval("Approve")]), stage("Deploy", [commands("Deploy", ["echo out"])])])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_approval_fails_the_execution_and_nothing_is_deployed() {
    let shop = Shop::with(&approved_then_deployed()).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    shop.answer("Approve", &token, "Rejected").await.expect("it is the first answer");

    assert_eq!(shop.end(&id).await, "Failed");
    assert_eq!(shop.story(&id).await, ["Source/Source Succeeded", "Approve/Approve Failed"]);
    let action = shop.action(&id, "Approve").await;
    assert_eq!(action.error(), "Rejected by approver: Rejected by hand");
    assert_eq!(action.detail["updatedBy"], "approver");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_counts_once_and_only_with_its_token() {
    let shop = Shop::with(&approved_then_deployed()).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;

    let wrong = shop.answer("Approve", "11111111-2222-3333-4444-555555555555", "Approved").await;
    assert_eq!(wrong.expect_err("nobody has drawn this token").code, "InvalidApprovalTokenException");
    shop.answer("Approve", &token, "Approved").await.expect("it is the first answer");
    let again = shop.answer("Approve", &token, "Rejected").await.expect_err("it is the second answer");
    assert_eq!(again.code, "ApprovalAlreadyCompletedException");

    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_nobody_answers_fails_when_its_time_is_over() {
    let patient = with(approval("Approve"), "timeoutInMinutes", json!(30));
    let declared =
        pipeline([stage("Approve", [patient]), stage("Deploy", [commands("Deploy", ["echo out"])])]);
    let shop = Shop::with(&declared).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;

    shop.stack().clock.advance(Duration::from_mins(29));
    assert_eq!(shop.status(&id).await, "InProgress");
    shop.stack().clock.advance(Duration::from_mins(2));

    assert_eq!(shop.end(&id).await, "Failed");
    assert_eq!(shop.action(&id, "Approve").await.error(), "The action did not end within its timeout.");
    let late = shop.answer("Approve", &token, "Approved").await.expect_err("it is too late");
    assert_eq!(late.code, "InvalidApprovalTokenException");
}
