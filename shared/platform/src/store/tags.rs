//! The tags of a pipeline. Those that it was created with are in its head; once they are changed they have an
//! attribute of their own in the same item, so that neither an update of the pipeline nor a change of its tags
//! overwrites the other, and neither waits for the other.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::Rejection;
use engine::tags::Tags;

use super::document::{Item, encode, key_of, read, read_required};
use super::pipelines::same_pipeline;
use super::transact::{ATTEMPTS_MAX, pause};
use super::{PipelineHead, Store, StoreError, keys};
use crate::Fault;

const TAGS: &str = "tags";

/// A pipeline's head, with its tags as they are now.
pub(super) fn head_of(item: &Item) -> Result<PipelineHead, Fault> {
    let head: PipelineHead = read_required(item, "head")?;
    Ok(match read(item, TAGS)? {
        Some(tags) => PipelineHead { tags, ..head },
        None => head,
    })
}

impl Store {
    /// Changes the tags of a pipeline, in one write that takes place only if they are those that `change` was
    /// given. `false` if there is no such pipeline.
    ///
    /// # Errors
    /// What `change` refuses; a `Conflict` when others kept changing them.
    pub async fn change_tags(
        &self,
        name: &str,
        change: impl Fn(&Tags) -> Result<Tags, Rejection>,
    ) -> Result<bool, StoreError> {
        for attempt in 0..ATTEMPTS_MAX {
            let item = self.get(&self.config.pipelines_table, keys::head(name)).await?;
            let Some(item) = item else { return Ok(false) };
            let head = head_of(&item)?;
            let tags = change(&head.tags)?;
            if tags == head.tags || self.replace_tags(&head, item.get(TAGS), &tags).await? {
                return Ok(true);
            }
            pause(attempt).await;
        }
        Err(Fault::conflict(format!("others kept changing the tags of the pipeline '{name}'")).into())
    }

    /// `false` if they are no longer `before`, which is the attribute as it was read.
    async fn replace_tags(
        &self,
        head: &PipelineHead,
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
            .set_key(Some(key_of(keys::head(&head.name))))
            .update_expression("SET #tags = :tags")
            .condition_expression(format!("attribute_exists(pk) AND {} AND {unchanged}", same_pipeline()))
            .expression_attribute_names("#tags", TAGS)
            .expression_attribute_values(":tags", encode("the tags of a pipeline", tags)?)
            .expression_attribute_values(":created", AttributeValue::N(head.created_at.0.to_string()));
        let request = match before {
            Some(before) => request.expression_attribute_values(":before", before.clone()),
            None => request,
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(|e| {
                    e.is_conditional_check_failed_exception() || e.is_transaction_conflict_exception()
                }) =>
            {
                Ok(false)
            }
            Err(error) => Err(Fault::of_call("changing the tags of a pipeline", error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::execution::Timestamp;

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
