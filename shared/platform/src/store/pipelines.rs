//! Pipelines and their versions: a version is written once and stays readable.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use engine::Rejection;
use engine::declaration::PipelineDeclaration;
use engine::execution::{PipelineState, Timestamp};
use serde::{Deserialize, Serialize};

use super::document::{encode, key_of, read_required};
use super::transact::write_of;
use super::{Store, StoreError, keys};
use crate::Fault;

/// What a pipeline is called and which version is current.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineHead {
    pub name: String,
    pub version: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// One version of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineVersion {
    pub declaration: PipelineDeclaration,
    pub created_at: Timestamp,
}

impl Store {
    /// Writes version 1 and the state that executions start from.
    ///
    /// # Errors
    /// `PipelineNameInUse` when there is a pipeline of this name.
    pub async fn create_pipeline(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
        state: &PipelineState,
    ) -> Result<(), StoreError> {
        let state_item = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::state(&state.key))))
            .item("state", encode("the state of a pipeline", state)?)
            .item("revision", AttributeValue::N("1".to_owned()));
        let writes =
            vec![self.put_head(head, None)?, self.put_version(head, version)?, write_of(state_item)?];
        let in_use = || {
            Rejection::PipelineNameInUse(format!("A pipeline with the name '{}' already exists.", head.name))
                .into()
        };
        self.write_pipeline(writes, in_use).await
    }

    /// Writes the next version; `head` carries its number. The state learns of it by an event.
    ///
    /// # Errors
    /// `Conflict` when somebody else updated the pipeline meanwhile.
    pub async fn add_version(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
    ) -> Result<(), StoreError> {
        let writes = vec![self.put_head(head, Some(head.version - 1))?, self.put_version(head, version)?];
        let changed = || {
            Rejection::Conflict(format!(
                "The pipeline '{}' was updated by somebody else meanwhile. Read it again and repeat the update.",
                head.name
            ))
            .into()
        };
        self.write_pipeline(writes, changed).await
    }

    pub async fn pipeline(&self, name: &str) -> Result<Option<PipelineHead>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::head(name)).await?;
        item.map(|item| read_required(&item, "head")).transpose()
    }

    pub async fn pipeline_version(&self, name: &str, version: u32) -> Result<Option<PipelineVersion>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::version(name, version)).await?;
        item.map(|item| read_required(&item, "version")).transpose()
    }

    fn put_head(
        &self,
        head: &PipelineHead,
        expected_version: Option<u32>,
    ) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::head(&head.name))))
            .item("head", encode("a pipeline", head)?)
            .item("currentVersion", AttributeValue::N(head.version.to_string()));
        write_of(match expected_version {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("currentVersion = :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        })
    }

    fn put_version(
        &self,
        head: &PipelineHead,
        version: &PipelineVersion,
    ) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.config.pipelines_table)
            .set_item(Some(key_of(keys::version(&head.name, head.version))))
            .item("version", encode("a pipeline's declaration", version)?)
            .condition_expression("attribute_not_exists(pk)");
        write_of(put)
    }

    async fn write_pipeline(
        &self,
        writes: Vec<TransactWriteItem>,
        refused: impl Fn() -> StoreError,
    ) -> Result<(), StoreError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(_)) => Err(refused()),
                _ => Err(Fault::of_call("writing a pipeline", error).into()),
            },
        }
    }
}
