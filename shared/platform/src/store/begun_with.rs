//! What an execution was started with, which its actions need one after the other. It never changes.

use std::sync::Arc;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use engine::declaration::{PipelineDeclaration, Secrets};
use engine::execution::{Execution, PipelineExecutionId, SourceRevisionOverride, Trigger};
use engine::variables::PipelineVariable;

use super::document::{Item, key_of, read_required};
use super::history::execution_of;
use super::{PipelineVersion, Store, keys};
use crate::Fault;

/// The version of the pipeline that an execution runs, and what whoever started it gave it.
#[derive(Debug)]
pub struct Beginning {
    pub declaration: PipelineDeclaration,
    pub secrets: Secrets,
    pub variables: Vec<PipelineVariable>,
    pub source_revision_overrides: Vec<SourceRevisionOverride>,
    pub trigger: Trigger,
}

impl Store {
    /// # Errors
    /// A fault when a part of it is not in the store.
    pub async fn beginning(
        &self,
        pipeline_name: &str,
        id: &PipelineExecutionId,
        execution: &Execution,
    ) -> Result<Arc<Beginning>, Fault> {
        if let Some(known) = self.recent.beginning(id) {
            return Ok(known);
        }
        let [version, row] = self.version_and_row(pipeline_name, execution).await?;
        let lost =
            |what: &str| Fault::corrupt(format!("{what} of pipeline '{pipeline_name}' is not in the store"));
        let version: PipelineVersion = read_required(&version.ok_or_else(|| lost("a version"))?, "version")?;
        let row = execution_of(&row.ok_or_else(|| lost("an execution's row"))?)?;
        let variables = match &execution.rollback_of {
            None => row.variables,
            Some(target) => {
                let target = self.execution(pipeline_name, target).await?;
                target.ok_or_else(|| lost("the execution that is rolled back to"))?.variables
            }
        };
        let beginning = Arc::new(Beginning {
            declaration: version.declaration,
            secrets: version.secrets,
            variables,
            source_revision_overrides: row.source_revision_overrides,
            trigger: row.execution.trigger,
        });
        self.recent.keep_beginning(id, &beginning);
        Ok(beginning)
    }

    /// In one call.
    async fn version_and_row(
        &self,
        pipeline_name: &str,
        execution: &Execution,
    ) -> Result<[Option<Item>; 2], Fault> {
        let wanted = [
            (&self.config.pipelines_table, keys::version(pipeline_name, execution.version)),
            (&self.config.executions_table, keys::execution(pipeline_name, execution.sequence)),
        ];
        let mut request = self.client.batch_get_item();
        for (table, key) in &wanted {
            let item = KeysAndAttributes::builder().keys(key_of(key.clone())).consistent_read(true).build();
            let item = item.map_err(|error| Fault::corrupt(format!("a read is incomplete: {error}")))?;
            request = request.request_items(*table, item);
        }
        let output = request.send().await;
        let output = output.map_err(|error| Fault::of_call("reading what an execution began with", error))?;
        let mut found = output.responses.unwrap_or_default();
        let has_all = output.unprocessed_keys.is_none_or(|keys| keys.is_empty());
        let mut items: [Option<Item>; 2] = [None, None];
        for (item, (table, key)) in items.iter_mut().zip(wanted) {
            *item = match found.remove(table).and_then(|mut items| items.pop()) {
                // DynamoDB was busy and left it out.
                None if !has_all => self.get(table, key).await?,
                found => found,
            };
        }
        Ok(items)
    }
}
