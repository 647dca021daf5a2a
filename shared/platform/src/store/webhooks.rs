//! Webhooks. What a webhook is, its tags, and what became of its last request are attributes of their own in one item,
//! so that none of them overwrites the other.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::Rejection;
use engine::execution::Timestamp;
use engine::tags::Tags;
use engine::webhook::{WEBHOOKS_MAX, WebhookDefinition};
use serde::{Deserialize, Serialize};

use super::condition::was_refused;
use super::document::{Item, encode, key_of, number, read, read_required};
use super::tags::TAGS;
use super::transact::{ATTEMPTS_MAX, pause};
use super::{Store, StoreError, keys};
use crate::{Fault, ids};

/// What is drawn for a webhook when it is created; it also tells it from an earlier one of its name.
pub(super) const URL_TOKEN: &str = "urlToken";

/// A webhook as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhook {
    /// With its secret.
    pub definition: WebhookDefinition,
    pub created_at: Timestamp,
    /// The part of its URL that nobody guesses.
    pub url_token: String,
    pub tags: Tags,
    /// When it last started its pipeline.
    pub last_triggered: Option<Timestamp>,
    /// Why the last request that was let through started nothing.
    pub last_error: Option<WebhookError>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookError {
    pub code: String,
    pub message: String,
}

/// What PutWebhook writes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    definition: WebhookDefinition,
    created_at: Timestamp,
}

impl Store {
    pub async fn webhook(&self, name: &str) -> Result<Option<Webhook>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::webhook(name)).await?;
        item.as_ref().map(webhook_of).transpose()
    }

    /// Creates a webhook, or defines one anew that is there: its URL, its tags and when it was triggered stay.
    /// `change` is given the tags that it has.
    ///
    /// # Errors
    /// `LimitExceeded`, what `change` refuses; a `Conflict` when others kept writing.
    pub async fn put_webhook(
        &self,
        definition: &WebhookDefinition,
        change: impl Fn(&Tags) -> Result<Tags, Rejection>,
    ) -> Result<Webhook, StoreError> {
        let name = &definition.name;
        for attempt in 0..ATTEMPTS_MAX {
            let item = self.get(&self.config.pipelines_table, keys::webhook(name)).await?;
            let before = match &item {
                Some(item) => webhook_of(item)?,
                None => self.new_webhook(definition).await?,
            };
            let tags = change(&before.tags)?;
            let after = Webhook { definition: definition.clone(), tags, ..before };
            if self.write_webhook(item.as_ref(), &after).await? {
                return Ok(after);
            }
            pause(attempt).await;
        }
        Err(Fault::conflict(format!("others kept writing the webhook '{name}'")).into())
    }

    async fn new_webhook(&self, definition: &WebhookDefinition) -> Result<Webhook, StoreError> {
        let there = self.query(&self.config.pipelines_table, keys::WEBHOOKS, "").await?;
        if there.len() >= WEBHOOKS_MAX {
            return Err(Rejection::LimitExceeded(format!(
                "There are {WEBHOOKS_MAX} webhooks, and no more are allowed. Delete one that is not used."
            ))
            .into());
        }
        Ok(Webhook {
            definition: definition.clone(),
            created_at: self.clock.now(),
            url_token: ids::webhook_url_token(),
            tags: Tags::new(),
            last_triggered: None,
            last_error: None,
        })
    }

    /// `false` if it is no longer as it was read.
    async fn write_webhook(&self, before: Option<&Item>, after: &Webhook) -> Result<bool, Fault> {
        let Webhook { definition, created_at, .. } = after;
        let document = Document { definition: definition.clone(), created_at: *created_at };
        let request = self
            .client
            .update_item()
            .table_name(&self.config.pipelines_table)
            .set_key(Some(key_of(keys::webhook(&definition.name))))
            .update_expression(format!("SET webhook = :webhook, {URL_TOKEN} = :token, #tags = :tags"))
            .expression_attribute_names("#tags", TAGS)
            .expression_attribute_values(":webhook", encode("a webhook", &document)?)
            .expression_attribute_values(":token", AttributeValue::S(after.url_token.clone()))
            .expression_attribute_values(":tags", encode("tags", &after.tags)?);
        let request = match before {
            None => request.condition_expression("attribute_not_exists(pk)"),
            Some(before) => {
                let had =
                    |name: &str| before.get(name).cloned().ok_or_else(|| Fault::corrupt("a webhook's item"));
                request
                    .condition_expression("webhook = :before AND #tags = :had")
                    .expression_attribute_values(":before", had("webhook")?)
                    .expression_attribute_values(":had", had(TAGS)?)
            }
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if was_refused(&error) => Ok(false),
            Err(error) => Err(Fault::of_call("keeping a webhook", error)),
        }
    }

    /// Deletes a webhook; one that is not there needs nothing.
    pub async fn delete_webhook(&self, name: &str) -> Result<(), Fault> {
        let request = self.client.delete_item().table_name(&self.config.pipelines_table);
        let request = request.set_key(Some(key_of(keys::webhook(name))));
        request.send().await.map_err(|error| Fault::of_call("deleting a webhook", error))?;
        Ok(())
    }

    /// It has started its pipeline. One that was deleted meanwhile stays so.
    pub async fn webhook_triggered(&self, webhook: &Webhook) -> Result<(), Fault> {
        let now = AttributeValue::N(self.clock.now().0.to_string());
        self.note_of_webhook(webhook, "SET lastTriggered = :noted REMOVE lastError", now).await
    }

    /// A request was let through and started nothing. A webhook that was deleted meanwhile stays so.
    pub async fn webhook_failed(&self, webhook: &Webhook, error: &WebhookError) -> Result<(), Fault> {
        let error = encode("an error", error)?;
        self.note_of_webhook(webhook, "SET lastError = :noted", error).await
    }

    async fn note_of_webhook(
        &self,
        webhook: &Webhook,
        update: &str,
        noted: AttributeValue,
    ) -> Result<(), Fault> {
        let request = self
            .client
            .update_item()
            .table_name(&self.config.pipelines_table)
            .set_key(Some(key_of(keys::webhook(&webhook.definition.name))))
            .update_expression(update)
            .condition_expression(format!("{URL_TOKEN} = :token"))
            .expression_attribute_values(":token", AttributeValue::S(webhook.url_token.clone()))
            .expression_attribute_values(":noted", noted);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if was_refused(&error) => Ok(()),
            Err(error) => Err(Fault::of_call("noting what became of a webhook's request", error)),
        }
    }
}

pub(super) fn webhook_of(item: &Item) -> Result<Webhook, Fault> {
    let Document { definition, created_at } = read_required(item, "webhook")?;
    let url_token = item.get(URL_TOKEN).and_then(|token| token.as_s().ok()).cloned();
    let last_triggered = number(item, "lastTriggered").and_then(|at| i64::try_from(at).ok());
    Ok(Webhook {
        definition,
        created_at,
        url_token: url_token.ok_or_else(|| Fault::corrupt("a webhook has no URL"))?,
        tags: read(item, TAGS)?.unwrap_or_default(),
        last_triggered: last_triggered.map(Timestamp),
        last_error: read(item, "lastError")?,
    })
}
