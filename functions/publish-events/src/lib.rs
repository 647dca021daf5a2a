//! Publishes state-change events: takes what the stream of the pipelines table says has changed, and puts it to
//! EventBridge as CodePipeline would, under the source `pipewright` (`aws.*` is reserved).
//!
//! At least once, and in the order of the writes of each pipeline: whatever EventBridge did not take makes the stream
//! come again, from the first record that is not published. Nothing of a release waits for it.
//!
//! Permissions: events:PutEvents on the bus, and reading the pipelines table, for what a declaration says of an
//! action.

mod facts;

use engine::events::{ActionFacts, StateChange};
use platform::event_bus::{BusEvent, written};
use platform::store::{ChangedItem, changed_items};
use platform::{Fault, Platform};
use serde::Serialize;
use serde_json::Value;

use facts::Facts;

/// What Lambda is told: from which record on the stream has to come again.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    pub batch_item_failures: Vec<Failed>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    pub item_identifier: String,
}

/// One batch of the stream.
///
/// # Errors
/// What is no batch; everything else comes again.
pub async fn handle(platform: Platform, batch: Value) -> Result<Published, Fault> {
    let items = changed_items(batch)?;
    let mut facts = Facts::of(&platform);
    let mut events = Vec::new();
    // Of each event, the record that it is of.
    let mut records = Vec::new();
    let mut unread = None;
    'items: for (position, ChangedItem { sequence_number, changes }) in items.iter().enumerate() {
        let changes = match changes {
            Ok(changes) => changes.as_slice(),
            Err(problem) => {
                // It will not be readable the next time either, and the others wait.
                tracing::error!(
                    sequence_number,
                    problem,
                    "state changes that cannot be read are passed over"
                );
                continue;
            }
        };
        for change in changes {
            match facts.of_action(change).await {
                Ok(of_action) => {
                    events.extend(event(&platform, change, of_action.as_ref()));
                    records.resize(events.len(), position);
                }
                Err(fault) => {
                    tracing::warn!(%fault, "an event has to wait: what it tells of cannot be read");
                    unread = Some(position);
                    break 'items;
                }
            }
        }
    }
    let published = platform.put_events(&events).await;
    let failed = first_failed(&records, published).or(unread);
    Ok(failed.map(|position| failed_from(&items, position)).unwrap_or_default())
}

/// `None` for what EventBridge would never take; it is told in the log.
fn event(platform: &Platform, change: &StateChange, facts: Option<&ActionFacts>) -> Option<BusEvent> {
    let event = BusEvent {
        at: change.at,
        detail_type: change.detail_type(),
        detail: change.detail(facts, written).to_string(),
        resource: platform.config.pipeline_arn(&change.pipeline_name),
    };
    if !event.fits() {
        let execution = change.execution_id.to_string();
        tracing::error!(execution, "an event is larger than EventBridge takes, and is passed over");
        return None;
    }
    Some(event)
}

/// The record of the first event that was not taken, of which `published` were.
fn first_failed(records: &[usize], published: usize) -> Option<usize> {
    records.get(published).copied()
}

/// Lambda goes on from the first failed record (Lambda developer guide, "Configuring partial batch response with
/// DynamoDB").
fn failed_from(items: &[ChangedItem], position: usize) -> Published {
    let failed = items.get(position).map(|item| Failed { item_identifier: item.sequence_number.clone() });
    Published { batch_item_failures: failed.into_iter().collect() }
}
