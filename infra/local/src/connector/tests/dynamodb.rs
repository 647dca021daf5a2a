//! DynamoDB: what is written stays, what fails says why, what is not allowed is denied.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use dynoxide::Database;
use serde_json::{Value, json};

use super::{account, aws_in, table};
use crate::connector::{Fault, FaultInjection, LocalAws, LocalHttpClient, ensure_tables};

fn allowed() -> [Value; 1] {
    [json!({
        "Effect": "Allow",
        "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        "Resource": account().arn("dynamodb", "table/orders"),
    })]
}

fn client(aws: LocalAws, access_key_id: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys(access_key_id, "local", None))
        .retry_config(
            RetryConfig::standard().with_max_attempts(2).with_initial_backoff(std::time::Duration::ZERO),
        )
        .http_client(LocalHttpClient::new(Arc::new(aws)))
        .build();
    Client::from_conf(config)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

async fn put(client: &Client, pk: &str, value: &str) {
    let put = client.put_item().table_name("orders").item("pk", text(pk)).item("sk", text("v"));
    put.item("value", text(value)).send().await.expect("written");
}

async fn value(client: &Client, pk: &str) -> Option<String> {
    let get = client.get_item().table_name("orders").key("pk", text(pk)).key("sk", text("v"));
    let item = get.consistent_read(true).send().await.expect("read").item?;
    item["value"].as_s().ok().cloned()
}

#[tokio::test]
async fn what_was_written_is_read_back_also_after_the_database_is_opened_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = client(aws_in(directory.path(), &allowed()), "ApiFunction");
    put(&first, "a", "1").await;
    assert_eq!(value(&first, "a").await.as_deref(), Some("1"));
    assert_eq!(value(&first, "b").await, None);
    drop(first);
    let second = client(aws_in(directory.path(), &allowed()), "ApiFunction");
    assert_eq!(value(&second, "a").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_transaction_whose_condition_fails_writes_nothing_and_says_which() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(aws_in(directory.path(), &allowed()), "ApiFunction");
    put(&client, "taken", "first").await;
    let new = Put::builder().table_name("orders").item("pk", text("new")).item("sk", text("v"));
    let new = new.item("value", text("x")).build().expect("complete");
    let condition = Update::builder()
        .table_name("orders")
        .key("pk", text("taken"))
        .key("sk", text("v"))
        .update_expression("SET #v = :new")
        .condition_expression("#v = :old")
        .expression_attribute_names("#v", "value")
        .expression_attribute_values(":new", text("second"))
        .expression_attribute_values(":old", text("other"))
        .build()
        .expect("complete");
    let error = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(new).build())
        .transact_items(TransactWriteItem::builder().update(condition).build())
        .send()
        .await
        .expect_err("the condition fails")
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("another error: {error:?}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!(codes, [Some("None"), Some("ConditionalCheckFailed")]);
    assert_eq!(value(&client, "new").await, None);
    assert_eq!(value(&client, "taken").await.as_deref(), Some("first"));
}

#[tokio::test]
async fn a_call_without_permission_is_denied_with_the_place_to_add_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(aws_in(directory.path(), &allowed()), "ApiFunction");
    let delete = client.delete_item().table_name("orders").key("pk", text("a")).key("sk", text("v"));
    let error = delete.send().await.expect_err("denied").into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert_eq!(
        error.message(),
        Some(
            "ApiFunction is not authorized to perform dynamodb:DeleteItem on \
             arn:aws:dynamodb:us-east-1:123456789012:table/orders/leading-key/a: no statement allows it. If it should be, \
             add it to Resources.ApiFunction.Properties.Policies in template.yaml"
        )
    );
}

#[tokio::test]
async fn a_caller_that_the_template_does_not_have_is_denied() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(aws_in(directory.path(), &allowed()), "StrangerFunction");
    let error = client.list_tables().send().await.expect_err("denied").into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert_eq!(error.message(), Some("there is no function StrangerFunction in template.yaml"));
}

#[tokio::test]
async fn an_injected_fault_is_met_by_the_sdks_retry() {
    for fault in [Fault::Throttle, Fault::LoseReply] {
        let directory = tempfile::tempdir().expect("a directory");
        let is_armed = Arc::new(AtomicBool::new(true));
        let once = is_armed.clone();
        let faults: FaultInjection = Arc::new(move |call| {
            let is_target = call.caller == "ApiFunction" && call.action == "dynamodb:PutItem";
            (is_target && once.swap(false, Ordering::SeqCst)).then_some(fault)
        });
        let client = client(aws_in(directory.path(), &allowed()).with_faults(faults), "ApiFunction");
        put(&client, "a", "1").await;
        assert!(!is_armed.load(Ordering::SeqCst), "{fault:?} was injected");
        assert_eq!(value(&client, "a").await.as_deref(), Some("1"), "{fault:?}");
    }
}

#[test]
fn a_table_whose_keys_changed_is_refused() {
    let database = Database::memory().expect("a database");
    ensure_tables(&database, &[table("orders")]).expect("made");
    ensure_tables(&database, &[table("orders")]).expect("already there");
    let mut changed = table("orders");
    changed.sort_key = None;
    let error = ensure_tables(&database, &[changed]).expect_err("refused");
    assert!(error.to_string().contains("the table orders was made with other keys"), "{error}");
}
