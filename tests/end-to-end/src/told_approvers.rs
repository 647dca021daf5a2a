//! The message of an approval that waits, to an SNS topic that an emulator has.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::declare::{PIPELINE, approval, pipeline, stage};
use crate::emulator::{Emulator, answer, refusal};
use crate::shop::Shop;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:approvers";

fn declared() -> Value {
    let mut ask = approval("Ask");
    ask["configuration"] = json!({
        "NotificationArn": TOPIC,
        "CustomData": "Is it \"ready\"?",
        "ExternalEntityLink": "http://example.com",
    });
    pipeline([stage("Ask", [ask])])
}

/// Refuses this often, with this.
async fn sns(refusals: usize, code: &'static str) -> Emulator {
    let refused = Arc::new(AtomicUsize::new(0));
    Emulator::open(move |form| match refused.fetch_add(1, Ordering::SeqCst) < refusals {
        true => refusal(if code == "NotFound" { 404 } else { 500 }, code, "not now"),
        false => answer(&form["Action"], "<MessageId>m</MessageId>"),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_told_of_an_approval_in_the_format_of_codepipeline() {
    let emulator = sns(0, "").await;
    let shop = Shop::open_with(emulator.options("sns")).await;
    shop.create(&declared()).await.expect("the pipeline is fine");
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Ask").await;
    let told = &emulator.calls("Publish")[0];
    assert_eq!(told["TopicArn"], TOPIC);
    assert_eq!(told["Subject"], "APPROVAL NEEDED: AWS CodePipeline release for action Ask");
    let message: Value = serde_json::from_str(&told["Message"]).expect("JSON");
    let approval = &message["approval"];
    for (name, expected) in [
        ("pipelineName", PIPELINE),
        ("stageName", "Ask"),
        ("actionName", "Ask"),
        ("token", token.as_str()),
        ("customData", "Is it \"ready\"?"),
        ("externalEntityLink", "http://example.com"),
    ] {
        assert_eq!(approval[name], expected, "{name}");
    }
    shop.answer("Ask", &token, "Approved").await.expect("the token is right");
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(emulator.calls("Publish").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_cannot_be_told_holds_nothing_up_and_is_told_by_the_sweep() {
    // The SDK tries three times.
    let emulator = sns(3, "InternalError").await;
    let shop = Shop::open_with(emulator.options("sns")).await;
    shop.create(&declared()).await.expect("the pipeline is fine");
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Ask").await;
    assert_eq!(emulator.calls("Publish").len(), 3, "it was refused");
    shop.stack().clock.advance(Duration::from_secs(130));
    let told = async || (emulator.calls("Publish").len() == 4).then_some(());
    shop.until(&id, "the message", told).await;
    shop.stack().clock.advance(Duration::from_secs(130));
    shop.stack().sweep().await;
    assert_eq!(emulator.calls("Publish").len(), 4, "it was told once");
    shop.answer("Ask", &token, "Approved").await.expect("the token is right");
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_not_there_is_not_tried_again() {
    let emulator = sns(usize::MAX, "NotFound").await;
    let shop = Shop::open_with(emulator.options("sns")).await;
    shop.create(&declared()).await.expect("the pipeline is fine");
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Ask").await;
    shop.stack().clock.advance(Duration::from_secs(130));
    shop.stack().sweep().await;
    assert_eq!(emulator.calls("Publish").len(), 1);
    shop.answer("Ask", &token, "Approved").await.expect("the token is right");
    assert_eq!(shop.end(&id).await, "Succeeded");
}
