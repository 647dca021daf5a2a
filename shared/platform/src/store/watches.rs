//! Which pipelines a change outside concerns: an item per source and pipeline, written with the pipeline.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use engine::declaration::{PipelineDeclaration, Watch, WatchedSource};

use super::document::{encode, key_of, read_required};
use super::transact::{delete_of, write_of};
use super::{Store, keys};
use crate::Fault;

/// A pipeline that waits for changes of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    pub pipeline_name: String,
    /// Its actions that do.
    pub watches: Vec<Watch>,
}

impl Store {
    /// The pipelines that wait for changes of `source`, by name.
    pub async fn watchers(&self, source: &WatchedSource) -> Result<Vec<Watcher>, Fault> {
        let partition = keys::watch_partition(source)?;
        let items = self.query(&self.config.pipelines_table, &partition, "").await?;
        let watchers = items.iter().map(|item| {
            let name = item.get("sk").and_then(|name| name.as_s().ok());
            let pipeline_name = name
                .cloned()
                .ok_or_else(|| Fault::corrupt(format!("{partition}: an item has no sort key")))?;
            Ok(Watcher { pipeline_name, watches: read_required(item, "watches")? })
        });
        watchers.collect()
    }

    /// What makes of the watches of one version those of the next; none is what a deleted pipeline has.
    pub(super) fn watch_writes(
        &self,
        pipeline_name: &str,
        before: Option<&PipelineDeclaration>,
        after: Option<&PipelineDeclaration>,
    ) -> Result<Vec<TransactWriteItem>, Fault> {
        let table = &self.config.pipelines_table;
        let former: BTreeSet<_> = before.iter().flat_map(|before| before.former_sources()).collect();
        let (before, after) = (by_source(before), by_source(after));
        let mut writes = Vec::new();
        for (source, watches) in &after {
            let put = Put::builder()
                .table_name(table)
                .set_item(Some(key_of(keys::watch(source, pipeline_name)?)))
                .item("source", encode("a watched source", source)?)
                .item("watches", encode("the watches of a pipeline", watches)?);
            writes.push(write_of(put)?);
        }
        let gone = before.keys().filter(|source| !after.contains_key(*source));
        for source in gone.chain(&former) {
            let delete = Delete::builder().table_name(table);
            writes.push(delete_of(delete, keys::watch(source, pipeline_name)?)?);
        }
        Ok(writes)
    }
}

fn by_source(declaration: Option<&PipelineDeclaration>) -> BTreeMap<WatchedSource, Vec<Watch>> {
    let mut sources: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for watch in declaration.map(PipelineDeclaration::watches).unwrap_or_default() {
        sources.entry(watch.source.clone()).or_default().push(watch);
    }
    sources
}
