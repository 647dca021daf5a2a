//! A pipeline goes: its head, its place in the list and its state at once, its versions behind them. How many
//! executions it had stays known as long as their rows do, so that a new pipeline of the same name does not show
//! them as its own.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use engine::decide::{Event, EventKind, decide};
use engine::execution::StateKey;
use futures::{StreamExt, TryStreamExt, stream};

use super::document::{key_of, number};
use super::history::{HISTORY_SECONDS, seconds};
use super::outbox::Pending;
use super::pipelines::PIPELINE_CREATED_AT;
use super::states::Stored;
use super::transact::{ATTEMPTS_MAX, AsRead, as_read, check_count, delete_of, pause, was_refused, write_of};
use super::{PipelineHead, Store, StoreError, keys};
use crate::Fault;

/// A pipeline that was there.
#[derive(Debug)]
pub struct Deleted {
    pub head: PipelineHead,
    /// What ends its executions; still to be delivered.
    pub pending: Vec<Pending>,
}

/// DynamoDB takes days with what has expired; what hides the rows of executions must outlive them.
const EXPIRY_DELAY_SECONDS: i64 = 30 * 24 * 3600;
/// So many versions are deleted side by side.
const DELETIONS_AT_ONCE: usize = 16;

impl Store {
    /// Deletes a pipeline and ends its executions, in one transaction; `None` if there is no such pipeline.
    ///
    /// # Errors
    /// `Conflict` when others kept writing.
    pub async fn delete_pipeline(&self, name: &str) -> Result<Option<Deleted>, StoreError> {
        let key = StateKey::pipeline(name);
        let event = Event { key: key.clone(), kind: EventKind::PipelineDeleted };
        let mut turn = self.recent.turn(&key).await;
        if let Some(turn) = &mut turn {
            **turn = None;
        }
        for attempt in 0..ATTEMPTS_MAX {
            let Some(head) = self.pipeline(name).await? else { return Ok(None) };
            let now = self.clock.now();
            let Some(stored) = self.stored_state(&key).await? else {
                // Somebody else deletes it at this moment.
                pause(attempt).await;
                continue;
            };
            let decision = decide(&stored.state, &event, now)?;
            let mut items = vec![
                self.delete_head(&head)?,
                delete_of(
                    Delete::builder().table_name(&self.config.pipelines_table),
                    keys::pipeline_list_entry(name),
                )?,
                self.delete_state(&key, &stored)?,
                self.put_deleted(name, stored.state.last_sequence, now.0 / 1000)?,
            ];
            let version = self.pipeline_version(name, head.version).await?;
            let declaration = version.as_ref().map(|version| &version.declaration);
            items.extend(self.watch_writes(name, declaration, None)?);
            for effect in &decision.effects {
                items.push(self.put_outbox(now, effect)?);
            }
            check_count(name, items.len())?;
            let pending = decision.effects.into_iter().map(|effect| Pending::new(now, effect)).collect();
            match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
                Ok(_) => return Ok(Some(Deleted { head, pending })),
                Err(error) if was_refused(&error) => pause(attempt).await,
                Err(error) => {
                    let fault = Fault::of_call("deleting a pipeline", error);
                    // The reply may be lost although the pipeline is gone, and there may be another one since.
                    return match self.pipeline(name).await {
                        Ok(now) if now.as_ref().is_none_or(|now| now.created_at != head.created_at) => {
                            Ok(Some(Deleted { head, pending }))
                        }
                        _ => Err(fault.into()),
                    };
                }
            }
        }
        Err(Fault::conflict(format!("others kept writing the pipeline '{name}'")).into())
    }

    fn delete_head(&self, head: &PipelineHead) -> Result<TransactWriteItem, Fault> {
        let delete = Delete::builder()
            .table_name(&self.config.pipelines_table)
            .condition_expression("currentVersion = :version")
            .expression_attribute_values(":version", AttributeValue::N(head.version.to_string()));
        delete_of(delete, keys::head(&head.name))
    }

    fn delete_state(&self, key: &StateKey, stored: &Stored) -> Result<TransactWriteItem, Fault> {
        let AsRead { expression, values } = as_read(stored);
        let delete = Delete::builder()
            .table_name(&self.config.pipelines_table)
            .condition_expression(expression)
            .set_expression_attribute_values(Some(values));
        delete_of(delete, keys::state(key))
    }

    fn put_deleted(
        &self,
        name: &str,
        last_sequence: u64,
        now_seconds: i64,
    ) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::deleted(name))))
            .item("lastSequence", AttributeValue::N(last_sequence.to_string()))
            .item("expiresAt", seconds(now_seconds + HISTORY_SECONDS + EXPIRY_DELAY_SECONDS));
        write_of(put)
    }

    /// The number of the last execution of a deleted pipeline of this name.
    pub(super) async fn last_sequence_of_deleted(&self, name: &str) -> Result<Option<u64>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::deleted(name)).await?;
        Ok(item.and_then(|item| number(&item, "lastSequence")))
    }

    /// Whoever creates a pipeline of this name takes its numbers over. Somebody else may have done so since they
    /// were read, and have deleted that pipeline, too.
    pub(super) fn take_deleted(
        &self,
        name: &str,
        last_sequence: Option<u64>,
    ) -> Result<TransactWriteItem, Fault> {
        let delete = Delete::builder().table_name(&self.config.pipelines_table);
        let delete = match last_sequence {
            Some(last) => delete
                .condition_expression("lastSequence = :last")
                .expression_attribute_values(":last", AttributeValue::N(last.to_string())),
            None => delete.condition_expression("attribute_not_exists(pk)"),
        };
        delete_of(delete, keys::deleted(name))
    }

    /// Takes the versions of a deleted pipeline away. Nobody can read them any more, and those of a new pipeline
    /// of the same name are spared, so it may be left undone.
    pub async fn delete_versions(&self, deleted: &PipelineHead) -> Result<(), Fault> {
        let deletions = stream::iter(1..=deleted.version).map(|version| async move {
            let request = self
                .client
                .delete_item()
                .table_name(&self.config.pipelines_table)
                .set_key(Some(key_of(keys::version(&deleted.name, version))))
                .condition_expression("#created = :created")
                .expression_attribute_names("#created", PIPELINE_CREATED_AT)
                .expression_attribute_values(":created", AttributeValue::N(deleted.created_at.0.to_string()));
            match request.send().await {
                Err(error)
                    if !error
                        .as_service_error()
                        .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
                {
                    Err(Fault::of_call("deleting a version", error))
                }
                Ok(_) | Err(_) => Ok(()),
            }
        });
        deletions.buffer_unordered(DELETIONS_AT_ONCE).try_collect().await
    }
}
