//! Tags. Those that a pipeline or an action type was created with are in its document; once they are changed they
//! have an attribute of their own in the same item, so that neither an update of the pipeline nor a change of its
//! tags overwrites the other, and neither waits for the other. Those of a webhook are such an attribute from the
//! beginning.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::Rejection;
use engine::declaration::ActionTypeId;
use engine::execution::Timestamp;
use engine::tags::Tags;

use super::condition::was_refused;
use super::document::{Item, encode, key_of, read, read_required};
use super::pipelines::same_pipeline;
use super::transact::{ATTEMPTS_MAX, pause};
use super::webhooks::{URL_TOKEN, webhook_of};
use super::{CustomActionTypeRow, PipelineHead, Store, StoreError, keys};
use crate::Fault;

pub(super) const TAGS: &str = "tags";

/// What has tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaggedResource {
    /// By its name.
    Pipeline(String),
    CustomActionType(ActionTypeId),
    /// By its name.
    Webhook(String),
}

/// The tags of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceTags {
    pub tags: Tags,
    /// Tells a pipeline or a webhook from an earlier one of its name; an action type keeps no such time.
    pub created_at: Option<Timestamp>,
}

/// A resource as it was read: its tags, and the condition under which it is still the one that was read.
struct Seen {
    resource: ResourceTags,
    is_same: String,
    name: &'static str,
    value: AttributeValue,
}

/// A pipeline's head, with its tags as they are now.
pub(super) fn head_of(item: &Item) -> Result<PipelineHead, Fault> {
    let head: PipelineHead = read_required(item, "head")?;
    Ok(match read(item, TAGS)? {
        Some(tags) => PipelineHead { tags, ..head },
        None => head,
    })
}

impl Store {
    /// The tags of a resource; `None` if there is no such resource.
    pub async fn tags(&self, resource: &TaggedResource) -> Result<Option<ResourceTags>, Fault> {
        let item = self.get(&self.config.pipelines_table, key(resource)).await?;
        let seen = item.as_ref().map(|item| see(resource, item)).transpose()?;
        Ok(seen.flatten().map(|seen| seen.resource))
    }

    /// Changes the tags of a resource, in one write that takes place only if they are those that `change` was
    /// given. `false` if there is no such resource.
    ///
    /// # Errors
    /// What `change` refuses; a `Conflict` when others kept changing them.
    pub async fn change_tags(
        &self,
        resource: &TaggedResource,
        change: impl Fn(&Tags) -> Result<Tags, Rejection>,
    ) -> Result<bool, StoreError> {
        for attempt in 0..ATTEMPTS_MAX {
            let item = self.get(&self.config.pipelines_table, key(resource)).await?;
            let Some(item) = item else { return Ok(false) };
            let Some(seen) = see(resource, &item)? else { return Ok(false) };
            let tags = change(&seen.resource.tags)?;
            if tags == seen.resource.tags || self.replace_tags(resource, seen, item.get(TAGS), &tags).await? {
                return Ok(true);
            }
            pause(attempt).await;
        }
        Err(Fault::conflict(format!("others kept changing the tags of {resource:?}")).into())
    }

    /// `false` if they are no longer `before`, which is the attribute as it was read.
    async fn replace_tags(
        &self,
        resource: &TaggedResource,
        seen: Seen,
        before: Option<&AttributeValue>,
        tags: &Tags,
    ) -> Result<bool, Fault> {
        let unchanged = match before {
            Some(_) => "#tags = :before",
            None => "attribute_not_exists(#tags)",
        };
        let request = self
            .client
            .update_item()
            .table_name(&self.config.pipelines_table)
            .set_key(Some(key_of(key(resource))))
            .update_expression("SET #tags = :tags")
            .condition_expression(format!("attribute_exists(pk) AND {} AND {unchanged}", seen.is_same))
            .expression_attribute_names("#tags", TAGS)
            .expression_attribute_values(":tags", encode("tags", tags)?)
            .expression_attribute_values(seen.name, seen.value);
        let request = match before {
            Some(before) => request.expression_attribute_values(":before", before.clone()),
            None => request,
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if was_refused(&error) => Ok(false),
            Err(error) => Err(Fault::of_call("changing tags", error)),
        }
    }
}

fn key(resource: &TaggedResource) -> keys::Key {
    match resource {
        TaggedResource::Pipeline(name) => keys::head(name),
        TaggedResource::CustomActionType(id) => keys::custom_action_type(id),
        TaggedResource::Webhook(name) => keys::webhook(name),
    }
}

/// `None` for an action type that was deleted, or is of another owner.
fn see(resource: &TaggedResource, item: &Item) -> Result<Option<Seen>, Fault> {
    match resource {
        TaggedResource::Pipeline(_) => {
            let head = head_of(item)?;
            let value = AttributeValue::N(head.created_at.0.to_string());
            let resource = ResourceTags { tags: head.tags, created_at: Some(head.created_at) };
            Ok(Some(Seen { resource, is_same: same_pipeline(), name: ":created", value }))
        }
        TaggedResource::CustomActionType(id) => {
            let row: CustomActionTypeRow = read_required(item, "actionType")?;
            let value = item.get("actionType").filter(|_| !row.is_deleted && row.action_type.id == *id);
            let Some(value) = value.cloned() else { return Ok(None) };
            let tags = read(item, TAGS)?.unwrap_or(row.tags);
            let resource = ResourceTags { tags, created_at: None };
            Ok(Some(Seen {
                resource,
                is_same: "actionType = :document".to_owned(),
                name: ":document",
                value,
            }))
        }
        TaggedResource::Webhook(_) => {
            let webhook = webhook_of(item)?;
            let value = AttributeValue::S(webhook.url_token);
            let resource = ResourceTags { tags: webhook.tags, created_at: Some(webhook.created_at) };
            Ok(Some(Seen { resource, is_same: format!("{URL_TOKEN} = :token"), name: ":token", value }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_tags_are_read_instead_of_those_that_the_pipeline_was_created_with() {
        let tags = |key: &str| Tags::from([(key.to_owned(), "v".to_owned())]);
        let head = PipelineHead {
            name: "shop".to_owned(),
            version: 3,
            created_at: Timestamp(1),
            updated_at: Timestamp(2),
            tags: tags("first"),
            history_after: 0,
        };
        let mut item = Item::from([("head".to_owned(), encode("a pipeline", &head).expect("small"))]);
        assert_eq!(head_of(&item).expect("readable"), head, "as it was written before tags could be changed");
        item.insert(TAGS.to_owned(), encode("tags", &tags("second")).expect("small"));
        assert_eq!(head_of(&item).expect("readable"), PipelineHead { tags: tags("second"), ..head });
    }
}
