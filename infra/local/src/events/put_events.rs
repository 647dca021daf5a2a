//! PutEvents: events that applications tell, to the rules of the default bus and to whoever reads them.

use std::sync::Arc;

use jiff::Timestamp;
use local_service::{ApiError, BoxFuture, Clock, EventSink, Service};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{EventLog, KeptEvents};
use crate::template::Account;

/// The most entries of one call (API reference, PutEvents).
const ENTRIES_MAX: usize = 10;
/// The largest entry (EventBridge user guide, "Calculating PutEvents event entry size").
const ENTRY_BYTES_MAX: usize = 256 * 1024;
/// What the time of an entry counts for.
const TIME_BYTES: usize = 14;

/// EventBridge, as far as functions call it.
pub struct LocalEventBridge {
    account: Account,
    /// Nobody can be asked about an event of an application: those that a rule wants are kept until they are delivered.
    kept: KeptEvents,
    log: EventLog,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    /// Seconds since the epoch.
    time: Option<f64>,
    source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
}

impl LocalEventBridge {
    pub fn new(account: Account, kept: KeptEvents, log: EventLog, clock: Arc<dyn Clock>) -> Self {
        Self { account, kept, log, clock }
    }

    fn put_events(&self, input: Value) -> Result<Value, ApiError> {
        let input: PutEvents = serde_json::from_value(input)
            .map_err(|error| ApiError::client("SerializationException", error.to_string()))?;
        if input.entries.is_empty() || input.entries.len() > ENTRIES_MAX {
            let message = format!(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: \
                 Member must have between 1 and {ENTRIES_MAX} items"
            );
            return Err(ApiError::client("ValidationException", message));
        }
        let results: Vec<_> = input.entries.into_iter().map(|entry| self.put(entry)).collect();
        let failed = results.iter().filter(|result| result.is_err()).count();
        let entries: Vec<_> = results.into_iter().map(told).collect();
        Ok(json!({ "FailedEntryCount": failed, "Entries": entries }))
    }

    /// The event's id, or why it is not taken.
    fn put(&self, entry: Entry) -> Result<String, (&'static str, String)> {
        let event = self.event(entry)?;
        let id = event["id"].as_str().unwrap_or_default().to_owned();
        self.log.append(&event).map_err(|error| ("InternalFailure", error.to_string()))?;
        self.kept.put_event(event);
        Ok(id)
    }

    fn event(&self, entry: Entry) -> Result<Value, (&'static str, String)> {
        let required = |name: &str, value: Option<String>| {
            let value = value.filter(|value| !value.is_empty());
            value.ok_or_else(|| {
                (
                    "InvalidArgument",
                    format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
                )
            })
        };
        let source = required("Source", entry.source)?;
        let detail_type = required("DetailType", entry.detail_type)?;
        let text = required("Detail", entry.detail)?;
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
        }
        if entry.event_bus_name.as_deref().is_some_and(|bus| bus != "default") {
            return Err(("InvalidArgument", "there is only the default event bus here".to_owned()));
        }
        let resources: usize = entry.resources.iter().map(String::len).sum();
        let size = TIME_BYTES + source.len() + detail_type.len() + text.len() + resources;
        if size > ENTRY_BYTES_MAX {
            return Err((
                "InvalidArgument",
                format!("Total size of the entry is {size}, over {ENTRY_BYTES_MAX} bytes."),
            ));
        }
        let detail = serde_json::from_str::<Value>(&text).ok().filter(Value::is_object);
        let detail = detail.ok_or_else(|| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
        let at_ms = entry.time.map_or_else(|| self.clock.now(), |seconds| (seconds * 1000.0).round() as i64);
        Ok(json!({
            "version": "0",
            // The same for the same event, so that whoever gets it twice can tell; AWS draws one each time.
            "id": Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{source} {detail_type} {at_ms} {text}").as_bytes()),
            "detail-type": detail_type,
            "source": source,
            "account": self.account.id,
            "time": Timestamp::from_second(at_ms.div_euclid(1000)).unwrap_or_default().to_string(),
            "region": self.account.region,
            "resources": entry.resources,
            "detail": detail,
        }))
    }
}

fn told(result: Result<String, (&'static str, String)>) -> Value {
    match result {
        Ok(id) => json!({ "EventId": id }),
        Err((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
    }
}

impl Service for LocalEventBridge {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            match operation {
                "PutEvents" => self.put_events(input),
                operation => Err(ApiError::unsupported("EventBridge", operation)),
            }
        })
    }
}
