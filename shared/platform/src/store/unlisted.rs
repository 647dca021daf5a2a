//! Pipelines that are not in the list of all pipelines: they were made before there was one.

use aws_sdk_dynamodb::types::AttributeValue;

use super::document::{Item, read_required};
use super::{PipelineHead, Store, keys};
use crate::Fault;

impl Store {
    /// Puts every pipeline into the list that is not in it, and answers with how many those were. Reads the whole
    /// table: for bringing data up to date, before anybody else writes.
    ///
    /// # Errors
    /// The store's; what was listed stays listed.
    pub async fn list_unlisted_pipelines(&self) -> Result<usize, Fault> {
        let heads = self
            .client
            .scan()
            .table_name(&self.config.pipelines_table)
            .filter_expression("sk = :head")
            .expression_attribute_values(":head", AttributeValue::S(keys::head("").sk))
            .into_paginator()
            .items()
            .send();
        let failed = |error| Fault::of_call("looking for pipelines that are not listed", error);
        let heads: Vec<Item> = heads.try_collect().await.map_err(failed)?;
        let mut listed = 0;
        for item in &heads {
            listed += usize::from(self.list_unless_listed(&read_required(item, "head")?).await?);
        }
        Ok(listed)
    }

    async fn list_unless_listed(&self, head: &PipelineHead) -> Result<bool, Fault> {
        let entry = keys::pipeline_list_entry(&head.name);
        if self.get(&self.config.pipelines_table, entry).await?.is_some() {
            return Ok(false);
        }
        let version = self.pipeline_version(&head.name, head.version).await?;
        let version = version.ok_or_else(|| {
            Fault::corrupt(format!("the current version of the pipeline '{}' is not in the store", head.name))
        })?;
        let put = self.put_summary(head, &version)?;
        let written = self.client.transact_write_items().transact_items(put).send().await;
        written.map_err(|error| Fault::of_call("listing a pipeline", error))?;
        Ok(true)
    }
}
