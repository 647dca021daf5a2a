//! What sources told, with what became of it: the answer to why a push started a pipeline, or did not.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::execution::{PipelineExecutionId, Timestamp};
use engine::trigger::Denial;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{encode, key_of};
use super::{Store, keys};
use crate::Fault;

/// How long an event can be asked about.
const TRIGGER_EVENT_SECONDS: i64 = 30 * 24 * 3600;
/// How long a delivery is known: GitHub delivers again for three days.
const DELIVERY_SECONDS: i64 = 5 * 24 * 3600;

/// What a source told. `told_at` and `id` are its key, so that one that comes twice is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerEvent {
    /// Of a webhook, what its host calls the delivery.
    pub id: String,
    pub told_at: Timestamp,
    /// The ARN of the source.
    pub source: String,
    /// In a few words.
    pub summary: String,
    /// As it was told.
    pub detail: Value,
    /// How many files it changed, where a filter asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_files: Option<usize>,
    /// Why the files that it changed are not known, where a filter asked; then every filter on files matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_unknown: Option<String>,
    /// Each source action that is about the repository.
    pub pipelines: Vec<Judged>,
}

/// What an event was to a source action of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub pipeline_name: String,
    pub action_name: String,
    /// What it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_execution_id: Option<PipelineExecutionId>,
    /// Which filters said no.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denials: Vec<Denial>,
    /// Why the start was refused although the filters let it through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// All of that as a person reads it.
    pub message: String,
}

impl Store {
    /// Keeps an event; one that is told again replaces itself.
    pub async fn put_trigger_event(&self, event: &TriggerEvent) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.config.executions_table);
        let request = request
            .set_item(Some(key_of(keys::trigger_event(event.told_at, &event.id))))
            .item("event", encode("an event of a source", event)?)
            .item("expiresAt", self.expiry(TRIGGER_EVENT_SECONDS));
        request.send().await.map_err(|error| Fault::of_call("keeping what a source told", error))?;
        Ok(())
    }

    /// Whether this request of a host was taken before.
    pub async fn is_delivered(&self, connection_arn: &str, id: &str) -> Result<bool, Fault> {
        let key = keys::delivery(connection_arn, id);
        Ok(self.get(&self.config.executions_table, key).await?.is_some())
    }

    /// This request of a host was taken: what it told is where it does not get lost.
    pub async fn put_delivery(&self, connection_arn: &str, id: &str) -> Result<(), Fault> {
        let request = self.client.put_item().table_name(&self.config.executions_table);
        let request = request
            .set_item(Some(key_of(keys::delivery(connection_arn, id))))
            .item("expiresAt", self.expiry(DELIVERY_SECONDS));
        request.send().await.map_err(|error| Fault::of_call("remembering a delivery", error))?;
        Ok(())
    }

    fn expiry(&self, seconds: i64) -> AttributeValue {
        AttributeValue::N((self.clock.now().0 / 1000 + seconds).to_string())
    }
}
