//! What an execution was started with, which its actions need one after the other.

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::document::{Item, key_of, read_required};
use super::history::execution_of;
use super::{ExecutionRow, PipelineVersion, Store, keys};
use crate::Fault;

impl Store {
    /// A version of a pipeline and an execution by its place in the order of starts, in one call.
    pub async fn begun_with(
        &self,
        pipeline_name: &str,
        version: u32,
        sequence: u64,
    ) -> Result<(Option<PipelineVersion>, Option<ExecutionRow>), Fault> {
        let wanted = [
            (&self.config.pipelines_table, keys::version(pipeline_name, version)),
            (&self.config.executions_table, keys::execution(pipeline_name, sequence)),
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
        let [version, execution] = items;
        let version = version.map(|item| read_required(&item, "version")).transpose()?;
        Ok((version, execution.map(|item| execution_of(&item)).transpose()?))
    }
}
