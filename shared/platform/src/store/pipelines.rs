//! Pipelines and their versions: a version is written once and stays readable.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use engine::Rejection;
use engine::decide::{Decision, Event, decide};
use engine::declaration::{ExecutionMode, PipelineDeclaration, PipelineType, Secrets};
use engine::execution::{PipelineState, Timestamp};
use engine::tags::Tags;
use serde::{Deserialize, Serialize};

use super::beside::Beside;
use super::document::{encode, key_of, read_required};
use super::tags::head_of;
use super::transact::{ATTEMPTS_MAX, Committed, Companions, Written, pause, write_of};
use super::{Store, StoreError, keys};
use crate::{Fault, FaultKind, ids};

/// What a pipeline is called, which version is current, and its tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineHead {
    pub name: String,
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub tags: Tags,
    /// Executions up to this one were of a deleted pipeline of the same name.
    #[serde(default)]
    pub history_after: u64,
}

/// A pipeline as the list of all pipelines has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineSummary {
    pub name: String,
    pub version: u32,
    pub pipeline_type: PipelineType,
    pub execution_mode: ExecutionMode,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One version of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineVersion {
    /// Without its secrets.
    pub declaration: PipelineDeclaration,
    #[serde(default, skip_serializing_if = "Secrets::is_empty")]
    pub secrets: Secrets,
    pub created_at: Timestamp,
}

/// Of a head and of a version: when the pipeline was created that it is of.
pub(super) const PIPELINE_CREATED_AT: &str = "pipelineCreatedAt";

/// That the pipeline is the one that was created at `:created`, and not one of the same name that was created
/// anew: its versions have the same numbers.
pub(super) fn same_pipeline() -> String {
    format!("(attribute_not_exists({PIPELINE_CREATED_AT}) OR {PIPELINE_CREATED_AT} = :created)")
}

impl Store {
    /// Writes version 1 and the state that executions start from; with `first`, the first of them is started in
    /// the same transaction.
    ///
    /// # Errors
    /// `PipelineNameInUse` when there is a pipeline of this name.
    pub async fn create_pipeline(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
        state: &PipelineState,
        first: Option<&Event>,
    ) -> Result<Committed, StoreError> {
        for attempt in 0..ATTEMPTS_MAX {
            let now = self.clock.now();
            let last_sequence = self.last_sequence_of_deleted(&head.name).await?;
            let history_after = last_sequence.unwrap_or_default();
            let head = PipelineHead { history_after, ..head.clone() };
            let state = state.clone().after(history_after);
            let decision = match first {
                Some(event) => decide(&state, event, now)?,
                None => Decision { state, records: Vec::new(), effects: Vec::new() },
            };
            let write_id = ids::uuid();
            let mut writes = vec![
                self.put_head(&head)?,
                self.put_summary(&head, version)?,
                self.put_version(&head, version)?,
                self.take_deleted(&head.name, last_sequence)?,
            ];
            writes.extend(self.watch_writes(&head.name, None, Some(&version.declaration))?);
            let beside = Beside::of(None, &decision, &write_id, now);
            writes.extend(self.writes_of(None, &decision, &beside, now)?);
            match self.commit(&decision.state.key, &write_id, writes).await? {
                Written::Yes => return Ok(Committed::new(decision, beside, now)),
                Written::SomebodyElseDid if self.pipeline(&head.name).await?.is_some() => {
                    let message = format!("A pipeline with the name '{}' already exists.", head.name);
                    return Err(Rejection::PipelineNameInUse(message).into());
                }
                Written::SomebodyElseDid => pause(attempt).await,
            }
        }
        Err(Fault::conflict(format!("others kept writing the pipeline '{}'", head.name)).into())
    }

    /// Writes the next version, whose number `head` carries, and tells the state of it in the same
    /// transaction: an execution never starts under another version than the one that is shown.
    ///
    /// # Errors
    /// `Conflict` when somebody else updated the pipeline meanwhile.
    pub async fn update_pipeline(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
        updated: &Event,
    ) -> Result<Committed, StoreError> {
        let before = self.pipeline_version(&head.name, head.version - 1).await?;
        let before = before.as_ref().map(|version| &version.declaration);
        let mut companions =
            vec![self.update_head(head)?, self.put_summary(head, version)?, self.put_version(head, version)?];
        companions.extend(self.watch_writes(&head.name, before, Some(&version.declaration))?);
        match self.transact_with(updated, None, &Companions::Always(companions)).await {
            Err(StoreError::Fault(fault)) if self.is_another(head).await? => {
                let message = format!("The pipeline '{}' was deleted meanwhile ({fault}).", head.name);
                Err(Rejection::Conflict(message).into())
            }
            written => written,
        }
    }

    /// Whether the pipeline of this name is gone, or is one that was created since.
    async fn is_another(&self, head: &PipelineHead) -> Result<bool, Fault> {
        let now = self.pipeline(&head.name).await?;
        Ok(now.is_none_or(|now| now.created_at != head.created_at))
    }

    pub async fn pipeline(&self, name: &str) -> Result<Option<PipelineHead>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::head(name)).await?;
        item.as_ref().map(head_of).transpose()
    }

    pub async fn pipeline_version(&self, name: &str, version: u32) -> Result<Option<PipelineVersion>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::version(name, version)).await?;
        item.map(|item| read_required(&item, "version")).transpose()
    }

    fn put_head(&self, head: &PipelineHead) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::head(&head.name))))
            .item("head", encode("a pipeline", head)?)
            .item("currentVersion", AttributeValue::N(head.version.to_string()))
            .item(PIPELINE_CREATED_AT, AttributeValue::N(head.created_at.0.to_string()))
            .condition_expression("attribute_not_exists(pk)");
        write_of(put)
    }

    /// That it is the version before. The tags, which others may have changed meanwhile, stay as they are.
    fn update_head(&self, head: &PipelineHead) -> Result<TransactWriteItem, Fault> {
        let number = |number: String| AttributeValue::N(number);
        let update = Update::builder()
            .table_name(&self.config.pipelines_table)
            .set_key(Some(key_of(keys::head(&head.name))))
            .update_expression(format!(
                "SET #head = :head, currentVersion = :version, {PIPELINE_CREATED_AT} = :created"
            ))
            .condition_expression(format!("currentVersion = :before AND {}", same_pipeline()))
            .expression_attribute_names("#head", "head")
            .expression_attribute_values(":head", encode("a pipeline", head)?)
            .expression_attribute_values(":version", number(head.version.to_string()))
            .expression_attribute_values(":before", number((head.version - 1).to_string()))
            .expression_attribute_values(":created", number(head.created_at.0.to_string()))
            .build();
        let update = update.map_err(|error| Fault::corrupt(format!("a write is incomplete: {error}")))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) fn put_summary(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
    ) -> Result<TransactWriteItem, Fault> {
        let summary = PipelineSummary {
            name: head.name.clone(),
            version: head.version,
            pipeline_type: version.declaration.pipeline_type.unwrap_or(PipelineType::V2),
            execution_mode: version.declaration.execution_mode(),
            created_at: head.created_at,
            updated_at: head.updated_at,
        };
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::pipeline_list_entry(&head.name))))
            .item("pipeline", encode("a pipeline's summary", &summary)?);
        write_of(put)
    }

    /// The head, written in the same transaction, says whose turn this version's number is; what may lie at its
    /// key is of a deleted pipeline.
    fn put_version(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
    ) -> Result<TransactWriteItem, StoreError> {
        let too_large = |fault: Fault| match fault.kind {
            FaultKind::Misconfigured => StoreError::from(Rejection::LimitExceeded(format!(
                "The declaration is too large to be kept: {fault}. Split the pipeline."
            ))),
            _ => fault.into(),
        };
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::version(&head.name, head.version))))
            .item("version", encode("a pipeline's declaration", version).map_err(too_large)?)
            .item(PIPELINE_CREATED_AT, AttributeValue::N(head.created_at.0.to_string()));
        Ok(write_of(put)?)
    }
}
