//! What has happened, from the transactions that DynamoDB has written: what its stream would tell.
//!
//! Nothing is asked for by polling, and nothing is told that is not on the disk.

use std::borrow::Cow;

use bytes::Bytes;
use engine::decide::ExecutionRecord;
use engine::declaration::PipelineDeclaration;
use engine::execution::ActionExecution;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::connector::WriteObserver;

/// A row of the history that was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Execution(Box<ExecutionRecord>),
    Action {
        execution_id: String,
        action: Box<ActionExecution>,
    },
    /// A version of a pipeline.
    Version(Box<PipelineDeclaration>),
}

/// Transactions that wait to be shown. Showing them must hold nothing up, so what does not fit is not shown.
const WAITING_MAX: usize = 1024;

/// Transactions as they are written: whoever shows them reads them, not whoever writes.
pub(super) fn observed() -> (WriteObserver, mpsc::Receiver<Bytes>) {
    let (sender, transactions) = mpsc::channel(WAITING_MAX);
    let observer = move |transaction: &Bytes| {
        // Full, or nobody looks any more.
        let _ = sender.try_send(transaction.clone());
    };
    (std::sync::Arc::new(observer), transactions)
}

/// The actions and executions in a TransactWriteItems: how an action ended comes before what follows from it.
pub(super) fn of_transaction(transaction: &[u8]) -> Vec<Change> {
    let Ok(transaction) = serde_json::from_slice::<Transaction<'_>>(transaction) else { return Vec::new() };
    let of_item = |item: Item<'_>| item.update.map_or_else(|| of_put(item.put?), of_update);
    let mut changes: Vec<_> = transaction.transact_items.into_iter().filter_map(of_item).collect();
    changes.sort_by_key(|change| matches!(change, Change::Execution(_)));
    changes
}

/// Both kinds of rows are updated, with the whole record in one value (`store/history.rs` of the platform).
fn of_update(update: Update<'_>) -> Option<Change> {
    let (partition, sort) = (update.key.pk.text?, update.key.sk.text?);
    let record = &update.expression_attribute_values?.execution?.text?;
    if partition.starts_with("PIPELINE#") && sort.starts_with("EXECUTION#") {
        return read(record).map(Change::Execution);
    }
    let execution_id = partition.strip_prefix("EXECUTION#")?.to_owned();
    let action = read(record).filter(|_| sort.starts_with("ACTION#"))?;
    Some(Change::Action { execution_id, action })
}

/// A version is put, with the whole of it in one value (`store/pipelines.rs`).
fn of_put(put: Put<'_>) -> Option<Change> {
    let version: Version = read(&put.item.version?.text?)?;
    Some(Change::Version(version.declaration))
}

#[derive(Deserialize)]
struct Version {
    declaration: Box<PipelineDeclaration>,
}

/// What is looked at of a transaction; the rest of it is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Transaction<'a> {
    #[serde(borrow)]
    transact_items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item<'a> {
    #[serde(borrow)]
    update: Option<Update<'a>>,
    #[serde(borrow)]
    put: Option<Put<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put<'a> {
    #[serde(borrow)]
    item: PutItem<'a>,
}

#[derive(Deserialize)]
struct PutItem<'a> {
    #[serde(borrow)]
    version: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update<'a> {
    #[serde(borrow)]
    key: Key<'a>,
    expression_attribute_values: Option<Values<'a>>,
}

#[derive(Deserialize)]
struct Key<'a> {
    #[serde(borrow)]
    pk: Text<'a>,
    sk: Text<'a>,
}

#[derive(Deserialize)]
struct Values<'a> {
    #[serde(borrow, rename = ":execution")]
    execution: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    /// `None` for what is not text: a record that is so large that it is compressed.
    #[serde(borrow, rename = "S")]
    text: Option<Cow<'a, str>>,
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use engine::execution::ActionStatus;
    use serde_json::json;

    use super::*;

    #[test]
    fn actions_are_told_of_before_executions_and_everything_else_is_passed_over() {
        let action = json!({
            "id": "a1", "name": "Compile", "runOrder": 1, "attempt": 1, "workflowAttempt": 1,
            "status": "Succeeded", "startedAt": 1, "updatedAt": 2,
        });
        let execution = json!({
            "pipelineName": "shop", "executionId": "e1", "sequence": 1, "version": 1, "mode": "QUEUED",
            "status": "InProgress", "startedAt": 1, "updatedAt": 2,
            "trigger": { "triggerType": "StartPipelineExecution" },
        });
        let update = |pk: &str, sk: &str, value: serde_json::Value| {
            json!({ "Update": {
                "TableName": "executions", "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
                "ExpressionAttributeValues": { ":execution": value, ":expiresAt": { "N": "1" } },
            } })
        };
        let text = |record: &serde_json::Value| json!({ "S": record.to_string() });
        let version = json!({ "version": 1, "declaration": { "name": "shop", "stages": [] } });
        let transaction = json!({ "ClientRequestToken": "t", "TransactItems": [
            { "Put": { "TableName": "pipelines", "Item": { "pk": { "S": "PIPELINE#shop" }, "state": { "S": "{}" } } } },
            { "Put": { "TableName": "pipelines", "Item": { "pk": { "S": "PIPELINE#shop" }, "version": text(&version) } } },
            update("PIPELINE#shop", "EXECUTION#000000000001", text(&execution)),
            update("EXECUTION#e1", "ACTION#00#1#a0", json!({ "B": "AAAA" })),
            update("EXECUTION#e1", "ACTION#00#1#a1", text(&action)),
        ] });
        let changes = of_transaction(transaction.to_string().as_bytes());
        let [
            Change::Version(declaration),
            Change::Action { execution_id, action },
            Change::Execution(execution),
        ] = &changes[..]
        else {
            panic!("{changes:?}");
        };
        assert_eq!((execution_id.as_str(), action.status), ("e1", ActionStatus::Succeeded));
        assert_eq!((execution.pipeline_name.as_str(), declaration.name.as_str()), ("shop", "shop"));
    }
}
