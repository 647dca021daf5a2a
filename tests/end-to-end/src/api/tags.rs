//! Tags of pipelines and custom action types.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use aws_sdk_codepipeline::types::{ActionCategory, ArtifactDetails, Tag};
use local::Options;
use local::connector::{Call, Fault, FaultInjection};
use platform::Platform;
use platform::store::TaggedResource;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, approval, commands, pipeline, stage};
use crate::shop::Shop;

const ON_UPDATE: &str = "pipewright:running-executions-on-update";

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().expect("complete")
}

/// A pipeline whose executions wait for an approval, and its ARN.
async fn tagged_shop() -> (Shop, OfficialClient, String) {
    tagged_shop_with(None).await
}

async fn tagged_shop_with(faults: Option<FaultInjection>) -> (Shop, OfficialClient, String) {
    let shop = Shop::open_with(Options { faults, ..Options::default() }).await;
    shop.create(&pipeline([stage("Approve", [approval("Approve")])])).await.expect("it is fine");
    let official = OfficialClient::of(&shop).await;
    let read = official.client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
    let arn = read.metadata.and_then(|metadata| metadata.pipeline_arn).expect("an ARN");
    (shop, official, arn)
}

impl OfficialClient {
    async fn give(&self, arn: &str, tags: &[(&str, &str)]) {
        let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
        let given = self.client.tag_resource().resource_arn(arn).set_tags(Some(tags)).send().await;
        given.expect("the tags are fine");
    }

    async fn take(&self, arn: &str, keys: &[&str]) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let taken = self.client.untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send().await;
        taken.expect("the keys are fine");
    }

    /// Read in pages of this size.
    async fn tags_of(&self, arn: &str, size: i32) -> Vec<(String, String)> {
        let list = self.client.list_tags_for_resource().resource_arn(arn).max_results(size);
        let tags = list.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        tags.expect("every page").into_iter().map(|tag| (tag.key, tag.value)).collect()
    }
}

fn expected(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_given_changed_listed_in_pages_and_taken_away() {
    let (shop, official, arn) = tagged_shop().await;
    assert_eq!(official.tags_of(&arn, 100).await, expected(&[]));
    official.give(&arn, &[("team", "shop"), ("stage", "test"), ("Empty", "")]).await;
    official.give(&arn, &[("stage", "live"), ("cost centre", "4+2")]).await;
    let all = [("Empty", ""), ("cost centre", "4+2"), ("stage", "live"), ("team", "shop")];
    for size in [1, 2, 3, 4, 100] {
        assert_eq!(official.tags_of(&arn, size).await, expected(&all), "in pages of {size}");
    }
    official.take(&arn, &["stage", "unknown"]).await;
    shop.edit(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await;
    let left = [("Empty", ""), ("cost centre", "4+2"), ("team", "shop")];
    assert_eq!(official.tags_of(&arn, 2).await, expected(&left), "an update leaves them");
    official.take(&arn, &["Empty", "cost centre", "team"]).await;
    assert_eq!(official.tags_of(&arn, 2).await, expected(&[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_is_created_anew_has_its_own_tags() {
    let (shop, official, arn) = tagged_shop().await;
    official.give(&arn, &[("a", "1"), ("b", "2")]).await;
    let list = official.client.list_tags_for_resource().resource_arn(&arn);
    let token = list.clone().max_results(1).send().await.expect("a page").next_token.expect("more");
    list.clone().next_token(&token).send().await.expect("its own token");
    shop.stack().clock.advance(std::time::Duration::from_secs(1));
    official.client.delete_pipeline().name(PIPELINE).send().await.expect("it may be deleted");
    assert_eq!(code(list.clone().send().await).0, "ResourceNotFoundException");
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let input = json!({ "pipeline": declared, "tags": [{ "key": "c", "value": "3" }] });
    shop.developer("CreatePipeline", input).await.expect("the name is free");
    assert_eq!(official.tags_of(&arn, 100).await, expected(&[("c", "3")]));
    assert_eq!(code(list.next_token(token).send().await).0, "InvalidNextTokenException");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_and_updates_at_once_none_is_lost() {
    let (shop, official, arn) = tagged_shop().await;
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let keys: Vec<String> = (0..12).map(|number| format!("key-{number:02}")).collect();
    let give = async |key: &String| official.give(&arn, &[(key, "v")]).await;
    let changes = futures::future::join_all(keys.iter().map(give));
    let updates = async {
        for _ in 0..6 {
            shop.edit(&declared).await;
        }
    };
    tokio::join!(changes, updates);
    let listed: BTreeMap<_, _> = official.tags_of(&arn, 100).await.into_iter().collect();
    assert_eq!(listed.into_keys().collect::<Vec<_>>(), keys);
    let read = official.client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
    assert_eq!(read.pipeline.and_then(|pipeline| pipeline.version), Some(7));
}

fn is_a_change(call: &Call<'_>) -> bool {
    call.caller == "ApiFunction" && call.action == "dynamodb:UpdateItem"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_reply_is_lost_is_made() {
    let changes = Arc::new(AtomicUsize::new(0));
    let counted = changes.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        let is_first = is_a_change(call) && counted.fetch_add(1, Ordering::SeqCst) == 0;
        is_first.then_some(Fault::LoseReply)
    });
    let (_shop, official, arn) = tagged_shop_with(Some(faults)).await;
    official.give(&arn, &[("a", "1")]).await;
    assert_eq!(official.tags_of(&arn, 100).await, expected(&[("a", "1")]));
    assert_eq!(changes.load(Ordering::SeqCst), 2, "it was asked for again");
}

/// Before each write of the API another function writes.
#[tokio::test(flavor = "multi_thread")]
async fn who_always_comes_second_is_told_so_and_has_changed_nothing() {
    let other: Arc<OnceLock<Platform>> = Arc::default();
    let (faster, count) = (other.clone(), AtomicUsize::new(0));
    let release = TaggedResource::Pipeline(PIPELINE.to_owned());
    let faults: FaultInjection = Arc::new(move |call| {
        if let (true, Some(faster)) = (is_a_change(call), faster.get()) {
            let count = count.fetch_add(1, Ordering::SeqCst).to_string();
            let change = |_: &_| Ok(BTreeMap::from([("count".to_owned(), count.clone())]));
            let changed = faster.store.change_tags(&release, change);
            block_in_place(|| Handle::current().block_on(changed)).expect("nobody is faster");
        }
        None
    });
    let (shop, official, arn) = tagged_shop_with(Some(faults)).await;
    let platform = shop.stack().platform_of("dispatch-effects").expect("the function is there");
    assert!(other.set(platform).is_ok());
    let given = official.client.tag_resource().resource_arn(&arn).tags(tag("a", "1")).send().await;
    assert_eq!(code(given).0, "ConcurrentModificationException");
    let taken = official.client.untag_resource().resource_arn(&arn).tag_keys("count").send().await;
    assert_eq!(code(taken).0, "ConcurrentModificationException");
    let listed = official.tags_of(&arn, 100).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0].0, "count");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_that_says_what_becomes_of_running_executions_counts_from_the_next_update() {
    let (shop, official, arn) = tagged_shop().await;
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    shop.edit(&declared).await;
    official.give(&arn, &[(ON_UPDATE, "cancel")]).await;
    assert_eq!(shop.execution(&id).await["statusSummary"], json!(null), "it goes on");
    shop.edit(&declared).await;
    shop.answer("Approve", &token, "Approved").await.expect("what runs ends first");
    assert_eq!(shop.end(&id).await, "Cancelled");

    official.take(&arn, &[ON_UPDATE]).await;
    let id = shop.start().await;
    let token = shop.approval_of(&id, "Approve").await;
    shop.edit(&declared).await;
    shop.answer("Approve", &token, "Approved").await.expect("it still waits");
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_type_that_the_account_created_has_tags_until_it_is_deleted() {
    let (_shop, official, arn) = tagged_shop().await;
    let here = arn.strip_suffix(PIPELINE).expect("the name is its end");
    let arn = format!("{here}actiontype:Custom/Test/Robot/2");
    let artifacts = ArtifactDetails::builder().minimum_count(0).maximum_count(1).build();
    let create = official.client.create_custom_action_type().category(ActionCategory::Test);
    let create = create.provider("Robot").version("2");
    let create = create.input_artifact_details(artifacts.clone()).output_artifact_details(artifacts);
    let listed = official.client.list_tags_for_resource().resource_arn(&arn);
    assert_eq!(code(listed.clone().send().await).0, "ResourceNotFoundException");
    create.clone().tags(tag("team", "shop")).send().await.expect("it is fine");
    official.give(&arn, &[("cost", "42"), ("team", "web")]).await;
    assert_eq!(official.tags_of(&arn, 1).await, expected(&[("cost", "42"), ("team", "web")]));
    official.take(&arn, &["cost"]).await;
    assert_eq!(official.tags_of(&arn, 1).await, expected(&[("team", "web")]));

    let delete = official.client.delete_custom_action_type().category(ActionCategory::Test);
    delete.provider("Robot").version("2").send().await.expect("it may be deleted");
    assert_eq!(code(listed.send().await).0, "ResourceNotFoundException");
    let given = official.client.tag_resource().resource_arn(&arn).tags(tag("a", "1")).send().await;
    assert_eq!(code(given).0, "ResourceNotFoundException");
    create.send().await.expect("it comes back");
    assert_eq!(official.tags_of(&arn, 1).await, expected(&[]), "not with the tags that it had");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_has_no_tags_is_refused_by_all_three() {
    let (_shop, official, arn) = tagged_shop().await;
    let client = &official.client;
    let here = arn.strip_suffix(PIPELINE).expect("the name is its end");
    for (arn, expected) in [
        (format!("{here}nobody"), "ResourceNotFoundException"),
        (format!("{here}webhook:push"), "ResourceNotFoundException"),
        (format!("{here}actiontype:Custom/Build/Nobody/1"), "ResourceNotFoundException"),
        (format!("{here}{PIPELINE}/Approve"), "InvalidArnException"),
        (format!("arn:aws:codepipeline:eu-north-1:000000000000:{PIPELINE}"), "InvalidArnException"),
        (PIPELINE.to_owned(), "ValidationException"),
        (String::new(), "ValidationException"),
    ] {
        let given = client.tag_resource().resource_arn(&arn).tags(tag("a", "1")).send().await;
        assert_eq!(code(given).0, expected, "giving to {arn}");
        let taken = client.untag_resource().resource_arn(&arn).tag_keys("a").send().await;
        assert_eq!(code(taken).0, expected, "taking from {arn}");
        let listed = client.list_tags_for_resource().resource_arn(&arn).send().await;
        assert_eq!(code(listed).0, expected, "listing those of {arn}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_cannot_be_change_nothing() {
    let (_shop, official, arn) = tagged_shop().await;
    let numbered = |count: usize| (0..count).map(|number| tag(&format!("k{number}"), "")).collect::<Vec<_>>();
    let give =
        async |tags| official.client.tag_resource().resource_arn(&arn).set_tags(Some(tags)).send().await;
    let take = async |key: &str| {
        code(official.client.untag_resource().resource_arn(&arn).tag_keys(key).send().await)
    };
    give(numbered(50)).await.expect("as many as there may be");
    let before = official.tags_of(&arn, 100).await;
    for (tags, expected) in [
        (numbered(51), "TooManyTagsException"),
        (vec![tag("one more", "")], "TooManyTagsException"),
        (vec![tag("aws:x", "")], "InvalidTagsException"),
        (vec![tag("k1", "1"), tag("k1", "2")], "InvalidTagsException"),
        (vec![tag("k1", "<1>")], "InvalidTagsException"),
        (vec![tag("", "1")], "ValidationException"),
        (vec![tag(&"x".repeat(129), "1")], "ValidationException"),
        (vec![tag("k1", &"x".repeat(257))], "ValidationException"),
    ] {
        assert_eq!(code(give(tags.clone()).await).0, expected, "{tags:?}");
    }
    assert_eq!(take("AWS:x").await.0, "InvalidTagsException");
    assert_eq!(take("").await.0, "ValidationException");
    assert_eq!(official.tags_of(&arn, 100).await, before);
    let list = official.client.list_tags_for_resource().resource_arn(&arn);
    assert_eq!(code(list.clone().next_token("made-up").send().await).0, "InvalidNextTokenException");
    let (name, said) = code(list.max_results(101).send().await);
    assert_eq!(name, "ValidationException");
    assert!(said.contains("Value at 'maxResults' failed to satisfy constraint"), "{said}");
    let missing = code(official.client.tag_resource().resource_arn(&arn).send().await);
    assert!(missing.1.contains("Value at 'tags' failed to satisfy constraint: Member must not be null"));
}
