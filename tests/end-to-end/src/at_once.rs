//! People who do the same at the same moment: one of them is first, and everybody is told the truth.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::decide::{Event, EventKind, TransitionChanged};
use engine::execution::{StateKey, TransitionKind};
use futures::future::join_all;
use local::connector::{Fault, FaultInjection};
use local::{ApiFailure, Options};
use platform::store::Recent;
use serde_json::{Value, json};

use crate::declare::{PIPELINE, approval, commands, pipeline, stage};
use crate::shop::Shop;

const PEOPLE: usize = 6;

fn declared() -> Value {
    pipeline([stage("Approve", [approval("Approve")]), stage("Deploy", [commands("Deploy", ["echo out"])])])
}

/// One was first; all others got an exception of `codes`.
fn only_first(answers: Vec<Result<Value, ApiFailure>>, codes: &[&str]) {
    let (first, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(first.len(), 1, "somebody is first, and nobody else: {others:?}");
    for refused in others {
        let refused = refused.expect_err("not the first");
        assert!(codes.contains(&refused.code.as_str()), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_everybody_who_creates_the_same_pipeline_one_does() {
    let shop = Shop::open().await;
    let declared = declared();
    let answers = join_all((0..PEOPLE).map(|_| shop.create(&declared))).await;
    only_first(answers, &["PipelineNameInUseException"]);
    shop.start().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_everybody_who_edits_the_same_version_one_does_and_the_next_start_runs_it() {
    let shop = Shop::with(&declared()).await;
    let input = json!({ "pipeline": declared() });
    let answers = join_all((0..PEOPLE).map(|_| shop.developer("UpdatePipeline", input.clone()))).await;
    // Somebody slow may have read the version of the first, and edited that.
    let edits = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers.into_iter().filter_map(Result::err);
    refused.for_each(|refused| assert_eq!(refused.code, "ConflictException", "{refused}"));
    let shown = shop.developer("GetPipeline", json!({ "name": PIPELINE })).await.expect("it is there");
    assert_eq!(shown["pipeline"]["version"], 1 + edits, "no edit that was answered is lost");
    let id = shop.start().await;
    assert_eq!(shop.execution(&id).await["pipelineVersion"], shown["pipeline"]["version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_everybody_who_answers_an_approval_one_does() {
    let shop = Shop::with(&declared()).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    let answers = join_all((0..PEOPLE).map(|_| shop.answer("Approve", &token, "Approved"))).await;
    only_first(answers, &["ApprovalAlreadyCompletedException"]);
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_with_the_same_token_are_one_start() {
    let shop = Shop::with(&declared()).await;
    let token = json!({ "clientRequestToken": "release-of-today" });
    let answers = join_all((0..PEOPLE).map(|_| shop.start_with(token.clone()))).await;
    let mut ids: Vec<_> = answers.into_iter().map(|id| id.expect("each is answered")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    shop.stack().clock.advance(std::time::Duration::from_secs(5 * 24 * 3600 + 1));
    let later = shop.start_with(token).await.expect("a token is good for five days");
    assert_ne!(ids, [later]);
}

/// Those who write in one process know what was written last there. Another process writes all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_has_written_meanwhile_is_not_overwritten() {
    let shop = Shop::with(&declared()).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    let here = shop.stack().platform_of("api").expect("the function is there");
    let shut = TransitionChanged {
        stage_name: "Deploy".into(),
        transition: TransitionKind::Inbound,
        disabled: Some("inventory".into()),
        changed_by: "somebody else".into(),
    };
    let event = Event { key: StateKey::pipeline(PIPELINE), kind: EventKind::TransitionChanged(shut) };
    let elsewhere = here.with_recent(Recent::default());
    elsewhere.tell(&event).await.expect("the transition shuts");
    shop.answer("Approve", &token, "Approved").await.expect("it waits");
    shop.until_action(&id, "Approve", |approval| approval.status == "Succeeded").await;
    assert_eq!(shop.status(&id).await, "InProgress", "it waits before the transition");
    shop.open_transition_into("Deploy").await;
    assert_eq!(shop.end(&id).await, "Succeeded");
}

/// Loses as many replies to writes of the API as the number says.
fn losing() -> (Arc<AtomicUsize>, FaultInjection) {
    let left = Arc::new(AtomicUsize::new(0));
    let asked = left.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        let is_write = call.caller == "ApiFunction" && call.action == "dynamodb:PutItem";
        let take = |left: usize| left.checked_sub(1);
        let is_lost = is_write && asked.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok();
        is_lost.then_some(Fault::LoseReply)
    });
    (left, faults)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_created_and_edited_once_although_every_reply_is_lost() {
    let (left, faults) = losing();
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
    left.store(3, Ordering::SeqCst);
    shop.create(&declared()).await.expect("it was written");
    left.store(3, Ordering::SeqCst);
    shop.edit(&declared()).await;
    assert_eq!(left.load(Ordering::SeqCst), 0, "the SDK gave up");
    let id = shop.start().await;
    assert_eq!(shop.execution(&id).await["pipelineVersion"], 2);
}
