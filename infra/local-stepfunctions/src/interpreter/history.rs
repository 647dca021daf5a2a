//! The execution's history, with AWS's event types and details.

use local_service::Timestamp;
use serde_json::{Map, Value, json};

use crate::timestamp;

/// AWS: a Standard execution that reaches this many events fails.
const EVENT_LIMIT: usize = 25_000;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HistoryEvent {
    pub(crate) id: u64,
    pub(crate) previous_id: u64,
    pub(crate) at: Timestamp,
    pub(crate) event_type: String,
    /// The content of the event's `…EventDetails`; `Null` for the types that have none.
    pub(crate) details: Value,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    events: Vec<HistoryEvent>,
}

impl History {
    pub(crate) fn events(&self) -> &[HistoryEvent] {
        &self.events
    }

    /// Only the event that ends the execution has room left.
    pub(super) fn is_full(&self) -> bool {
        self.events.len() + 1 >= EVENT_LIMIT
    }

    pub(super) fn append(
        &mut self,
        previous_id: u64,
        at: Timestamp,
        event_type: String,
        details: Value,
    ) -> u64 {
        let id = self.events.len() as u64 + 1;
        if !self.is_full() || event_type.starts_with("Execution") {
            self.events.push(HistoryEvent { id, previous_id, at, event_type, details });
        }
        id
    }
}

impl HistoryEvent {
    /// The event as GetExecutionHistory answers it.
    pub(crate) fn to_api(&self, include_data: bool) -> Value {
        let mut event = Map::new();
        event.insert("timestamp".into(), timestamp::api(self.at));
        event.insert("type".into(), self.event_type.as_str().into());
        event.insert("id".into(), self.id.into());
        event.insert("previousEventId".into(), self.previous_id.into());
        if let Value::Object(details) = &self.details {
            let mut details = details.clone();
            for data in ["input", "output"] {
                if !include_data {
                    details.remove(data);
                } else if details.contains_key(data) {
                    details.insert(format!("{data}Details"), json!({ "truncated": false }));
                }
            }
            event.insert(self.details_field(), details.into());
        }
        Value::Object(event)
    }

    fn details_field(&self) -> String {
        if self.event_type.ends_with("StateEntered") {
            return "stateEnteredEventDetails".to_owned();
        }
        if self.event_type.ends_with("StateExited") {
            return "stateExitedEventDetails".to_owned();
        }
        let (first, rest) = self.event_type.split_at(1);
        format!("{}{rest}EventDetails", first.to_lowercase())
    }
}
