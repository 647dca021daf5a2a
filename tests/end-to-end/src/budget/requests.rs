//! The requests that functions make of DynamoDB and S3, in the units that AWS charges. Those of builds are not among
//! them: CodeBuild makes them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use local::connector::{FaultInjection, WriteObserver};
use serde_json::Value;

/// What it costs to write: a unit for each KiB of an item, and twice that in a transaction (DynamoDB developer guide,
/// "Read/write capacity").
const WRITE_UNIT_BYTES: usize = 1024;

/// The sweep runs once a minute whether there is an execution or not.
const NOT_OF_AN_EXECUTION: &str = "DispatchEffectsFunction";
const API: &str = "ApiFunction";

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// GetItem, BatchGetItem and Query. Each is one read unit for each 4 KiB.
    pub dynamodb_reads: u64,
    pub dynamodb_transactions: u64,
    /// Of these transactions.
    pub dynamodb_write_units: u64,
    /// Calls: of one small item each, or of a batch of them.
    pub dynamodb_other_writes: u64,
    /// GetObject, HeadObject.
    pub s3_reads: u64,
    /// PutObject and the like.
    pub s3_writes: u64,
}

impl Counted {
    pub fn is_within(&self, most: &Self) -> bool {
        self.dynamodb_reads <= most.dynamodb_reads
            && self.dynamodb_transactions <= most.dynamodb_transactions
            && self.dynamodb_write_units <= most.dynamodb_write_units
            && self.dynamodb_other_writes <= most.dynamodb_other_writes
            && self.s3_reads <= most.s3_reads
            && self.s3_writes <= most.s3_writes
    }
}

#[derive(Default)]
pub struct Counter {
    /// By the action that a call needs first.
    calls: Mutex<BTreeMap<String, u64>>,
    transactions: Mutex<Vec<u64>>,
    completed_by_events: Mutex<u64>,
    puts_of_events: Mutex<u64>,
    passes_over_the_api: AtomicBool,
}

impl Counter {
    /// Counts from now on.
    pub fn begin(&self) {
        self.calls.lock().expect("no panic").clear();
        self.transactions.lock().expect("no panic").clear();
    }

    pub fn pass_over_the_api(&self) {
        self.passes_over_the_api.store(true, Ordering::SeqCst);
    }

    pub fn of_calls(self: Arc<Self>) -> FaultInjection {
        Arc::new(move |call| {
            let passes_over_the_api = self.passes_over_the_api.load(Ordering::SeqCst);
            if call.caller == NOT_OF_AN_EXECUTION || (passes_over_the_api && call.caller == API) {
                return None;
            }
            // A provider's event that is handled completes the task of its action, and once.
            if call.caller == "ProviderEventsFunction" && call.action == "states:SendTaskSuccess" {
                *self.completed_by_events.lock().expect("no panic") += 1;
            }
            if call.caller == "PublishEventsFunction" && call.action == "events:PutEvents" {
                *self.puts_of_events.lock().expect("no panic") += 1;
            }
            *self.calls.lock().expect("no panic").entry(call.action.to_owned()).or_default() += 1;
            None
        })
    }

    pub fn of_transactions(self: Arc<Self>) -> WriteObserver {
        Arc::new(move |transaction| {
            self.transactions.lock().expect("no panic").push(write_units(transaction));
        })
    }

    pub fn completed_by_events(&self) -> u64 {
        *self.completed_by_events.lock().expect("no panic")
    }

    /// An invocation that publishes events puts them, ten at a time, so there are at least as many of these.
    pub fn puts_of_events(&self) -> u64 {
        *self.puts_of_events.lock().expect("no panic")
    }

    pub fn counted(&self) -> Counted {
        let calls = self.calls.lock().expect("no panic");
        let transactions = self.transactions.lock().expect("no panic");
        let sum = |actions: &[&str]| -> u64 { actions.iter().filter_map(|action| calls.get(*action)).sum() };
        let written = sum(&[
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:BatchWriteItem",
        ]);
        let committed = transactions.len() as u64;
        Counted {
            dynamodb_reads: sum(&["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]),
            dynamodb_transactions: committed,
            dynamodb_write_units: transactions.iter().sum(),
            dynamodb_other_writes: written.saturating_sub(committed),
            s3_reads: sum(&["s3:GetObject", "s3:GetObjectVersion"]),
            s3_writes: sum(&["s3:PutObject"]),
        }
    }
}

/// The size of an item is that of its names and values; what an update says is all that there is in our rows but for
/// their keys.
fn write_units(transaction: &[u8]) -> u64 {
    let transaction: Value = serde_json::from_slice(transaction).expect("JSON");
    let items = transaction["TransactItems"].as_array().expect("a list");
    let units = |item: &Value| {
        let write = item.as_object().and_then(|operations| operations.values().next()).expect("an operation");
        let size: usize =
            ["Item", "Key", "ExpressionAttributeValues"].map(|part| bytes_of(&write[part])).iter().sum();
        2 * size.div_ceil(WRITE_UNIT_BYTES).max(1) as u64
    };
    items.iter().map(units).sum()
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + bytes_of(value)).sum(),
        Value::Array(values) => values.iter().map(bytes_of).sum(),
        Value::String(text) => text.len(),
        _ => 1,
    }
}
