//! Webhooks through the API: putting, listing, tagging and deleting them. What their URLs do is in `crate::webhooks`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_codepipeline::types::{
    ListWebhookItem, Tag, WebhookAuthConfiguration, WebhookAuthenticationType, WebhookDefinition,
    WebhookFilterRule,
};
use local::Options;
use local::connector::{Fault, FaultInjection};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, approval, pipeline, stage};
use crate::shop::Shop;

const SECRET: &str = "not to be guessed";

fn definition(name: &str, target: &str, action: &str, json_path: &str, equals: &str) -> WebhookDefinition {
    let filter = WebhookFilterRule::builder().json_path(json_path).match_equals(equals).build();
    WebhookDefinition::builder()
        .name(name)
        .target_pipeline(target)
        .target_action(action)
        .filters(filter.expect("complete"))
        .authentication(WebhookAuthenticationType::GithubHmac)
        .authentication_configuration(WebhookAuthConfiguration::builder().secret_token(SECRET).build())
        .build()
        .expect("complete")
}

fn sound(name: &str) -> WebhookDefinition {
    definition(name, PIPELINE, "Source", "$.key", "{S3ObjectKey}")
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().expect("complete")
}

async fn opened() -> (Shop, OfficialClient) {
    let shop = Shop::with(&pipeline([stage("Approve", [approval("Approve")])])).await;
    let official = OfficialClient::of(&shop).await;
    (shop, official)
}

impl OfficialClient {
    async fn put(&self, definition: WebhookDefinition) -> ListWebhookItem {
        let put = self.client.put_webhook().webhook(definition).send().await;
        put.expect("it is fine").webhook.expect("a webhook")
    }

    /// Their names, read in pages of this size.
    async fn webhooks(&self, size: i32) -> Vec<String> {
        let pages = self.client.list_webhooks().max_results(size).into_paginator().items().send();
        let webhooks = pages.collect::<Result<Vec<_>, _>>().await.expect("every page");
        webhooks.into_iter().map(|item| item.definition.expect("a definition").name).collect()
    }
}

fn keys(tags: Option<&[Tag]>) -> Vec<&str> {
    tags.unwrap_or_default().iter().map(|tag| tag.key.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_keeps_its_url_and_its_tags_until_it_is_deleted_and_never_shows_its_secret() {
    let (shop, official) = opened().await;
    let client = &official.client;
    let put = client.put_webhook().webhook(sound("push")).tags(tag("team", "shop"));
    let first = put.send().await.expect("it is fine").webhook.expect("a webhook");
    let arn = "arn:aws:codepipeline:us-east-1:123456789012:webhook:push";
    assert_eq!((first.arn.as_deref(), keys(first.tags.as_deref())), (Some(arn), vec!["team"]));
    assert!(first.url.contains("/webhooks/push.") && first.last_triggered.is_none(), "{first:?}");
    client.tag_resource().resource_arn(arn).tags(tag("cost", "42")).send().await.expect("it has tags");

    let other = definition("push", PIPELINE, "Source", "$.other", "x");
    let again = client.put_webhook().webhook(other).tags(tag("cost", "43")).send().await;
    let again = again.expect("it is fine").webhook.expect("a webhook");
    assert_eq!((&again.url, keys(again.tags.as_deref())), (&first.url, vec!["cost", "team"]));
    assert_eq!(again.definition.expect("a definition").filters[0].json_path, "$.other");
    let listed = client.list_webhooks().send().await.expect("it is listed").webhooks.expect("a list");
    let shown = listed[0].definition.as_ref().and_then(|shown| shown.authentication_configuration.as_ref());
    assert_eq!(shown.and_then(|shown| shown.secret_token.as_deref()), Some("****"));
    assert!(!official.last().body.contains(SECRET), "{:?}", official.last());
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await.expect("they are listed");
    assert_eq!(tags.tags().iter().map(|tag| tag.value.as_str()).collect::<Vec<_>>(), ["43", "shop"]);
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await.expect("it is taken");

    for _ in 0..2 {
        client.delete_webhook().name("push").send().await.expect("deleting is idempotent");
    }
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await;
    assert_eq!(code(tags).0, "ResourceNotFoundException");
    let anew = official.put(sound("push")).await;
    assert_ne!(anew.url, first.url);
    assert_eq!(keys(anew.tags.as_deref()), Vec::<&str>::new());
    drop(shop);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_writes_lose_their_replies_is_put_once_and_keeps_its_url() {
    let lost = Arc::new(AtomicUsize::new(0));
    let count = lost.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        let is_lost = call.caller == "ApiFunction" && call.action == "dynamodb:UpdateItem";
        (is_lost && count.fetch_add(1, Ordering::Relaxed).is_multiple_of(2)).then_some(Fault::LoseReply)
    });
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
    shop.create(&pipeline([stage("Approve", [approval("Approve")])])).await.expect("it is fine");
    let official = OfficialClient::of(&shop).await;
    let first = official.put(sound("push")).await;
    let again = official.put(definition("push", PIPELINE, "Source", "$.other", "x")).await;
    assert!(lost.load(Ordering::Relaxed) > 2, "replies were lost");
    assert_eq!(again.url, first.url);
    assert_eq!(official.webhooks(7).await, ["push"]);
    drop(shop);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_webhooks_are_listed_by_name_page_by_page_and_there_are_300_at_most() {
    let (shop, official) = opened().await;
    let names: Vec<_> = (0..300).map(|number| format!("hook-{number:03}")).collect();
    for name in names.iter().rev() {
        official.put(sound(name)).await;
    }
    assert_eq!(official.webhooks(7).await, names);
    assert_eq!(official.webhooks(100).await, names);
    let one_more = official.client.put_webhook().webhook(sound("one-more")).send().await;
    assert_eq!(code(one_more).0, "LimitExceededException");
    official.put(sound("hook-007")).await;
    official.client.delete_webhook().name("hook-007").send().await.expect("it is deleted");
    official.put(sound("one-more")).await;
    let forged = official.client.list_webhooks().next_token("forged").send().await;
    assert_eq!(code(forged).0, "InvalidNextTokenException");
    drop(shop);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_webhook_is_refused_with_codepipelines_exceptions() {
    let (shop, official) = opened().await;
    let client = &official.client;
    let (filter, validation) = ("InvalidWebhookFilterPatternException", "ValidationException");
    for (definition, expected, said) in [
        (definition("w", "nowhere", "Source", "$.key", "x"), "PipelineNotFoundException", "nowhere"),
        (definition("w", PIPELINE, "Approve", "$.key", "x"), validation, "no action 'Approve'"),
        (definition("w", PIPELINE, "Source", "key", "x"), filter, "begin with $"),
        (definition("w", PIPELINE, "Source", "$..key", "x"), filter, "may select several"),
        (definition("w", PIPELINE, "Source", "$.key", "{Branch}"), filter, "has no 'Branch'"),
        (definition("no spaces", PIPELINE, "Source", "$.key", "x"), validation, "webhook.name"),
    ] {
        let refused = code(client.put_webhook().webhook(definition.clone()).send().await);
        assert_eq!(refused.0, expected, "{definition:?}: {refused:?}");
        assert!(refused.1.contains(said), "{refused:?}");
    }
    let nobody = client.register_webhook_with_third_party().webhook_name("w").send().await;
    assert_eq!(code(nobody).0, "WebhookNotFoundException");
    let nobody = client.deregister_webhook_with_third_party().webhook_name("w").send().await;
    assert_eq!(code(nobody).0, "WebhookNotFoundException");
    let webhook = official.put(sound("w")).await;
    let (register, said) = code(client.register_webhook_with_third_party().webhook_name("w").send().await);
    assert_eq!(register, validation);
    assert!(said.contains(&webhook.url) && !said.contains(SECRET), "{said}");
    let (deregister, said) =
        code(client.deregister_webhook_with_third_party().webhook_name("w").send().await);
    assert_eq!(deregister, validation, "{said}");
    drop(shop);
}
