//! What has happened, from the transactions that DynamoDB has written: what its stream would tell.
//!
//! Nothing is asked for by polling, and nothing is told that is not on the disk.

use bytes::Bytes;
use engine::decide::ExecutionRecord;
use engine::execution::ActionExecution;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::connector::WriteObserver;

/// A row of the history that was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Execution(Box<ExecutionRecord>),
    Action { execution_id: String, action: Box<ActionExecution> },
}

/// Changes that wait to be shown. Showing them must hold nothing up, so what does not fit is not shown.
const WAITING_MAX: usize = 4096;

pub(super) fn observed() -> (WriteObserver, mpsc::Receiver<Change>) {
    let (sender, changes) = mpsc::channel(WAITING_MAX);
    let observer = move |transaction: &Bytes| {
        for change in of_transaction(transaction) {
            // Full, or nobody looks any more.
            let _ = sender.try_send(change);
        }
    };
    (std::sync::Arc::new(observer), changes)
}

/// The actions and executions in a TransactWriteItems: how an action ended comes before what follows from it.
fn of_transaction(transaction: &[u8]) -> Vec<Change> {
    let transaction: Value = serde_json::from_slice(transaction).unwrap_or_default();
    let items = transaction["TransactItems"].as_array().into_iter().flatten();
    let mut changes: Vec<_> = items.filter_map(|item| of_update(&item["Update"])).collect();
    changes.sort_by_key(|change| matches!(change, Change::Execution(_)));
    changes
}

/// Both kinds of rows are updated, with the whole record in one value (`store/history.rs` of the platform).
fn of_update(update: &Value) -> Option<Change> {
    let key = |name: &str| update["Key"][name]["S"].as_str();
    let (partition, sort) = (key("pk")?, key("sk")?);
    let record = update["ExpressionAttributeValues"][":execution"]["S"].as_str()?;
    if partition.starts_with("PIPELINE#") && sort.starts_with("EXECUTION#") {
        return read(record).map(Change::Execution);
    }
    let execution_id = partition.strip_prefix("EXECUTION#")?.to_owned();
    let action = read(record).filter(|_| sort.starts_with("ACTION#"))?;
    Some(Change::Action { execution_id, action })
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
