//! The engine's states: read with their revision, so that a write can be made conditional on it.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::events::RetriedExecutions;
use engine::execution::{PipelineState, StateKey};

use super::document::{Item, key_of, number, read, read_required};
use super::{LatestInStages, Store, keys};
use crate::Fault;

/// A state as it was read or written: what a decision can be made on, if nobody has written since.
#[derive(Debug, Clone)]
pub struct Stored {
    pub state: PipelineState,
    pub(super) revision: u64,
    /// The marks of the last writes, newest last: whether a write whose reply was lost took place.
    pub(super) write_ids: Vec<String>,
    pub(super) latest: LatestInStages,
    pub(super) retries: RetriedExecutions,
}

impl Stored {
    /// Counts the writes.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }
}

impl Store {
    /// The state as it is now; `None` for a pipeline that does not exist, or a PARALLEL execution that
    /// was not admitted yet.
    pub async fn state(&self, key: &StateKey) -> Result<Option<PipelineState>, Fault> {
        Ok(self.stored_state(key).await?.map(|stored| stored.state))
    }

    /// A pipeline's own state, and which execution each of its stages saw last.
    pub async fn overview(
        &self,
        pipeline_name: &str,
    ) -> Result<Option<(PipelineState, LatestInStages)>, Fault> {
        let stored = self.stored_state(&StateKey::pipeline(pipeline_name)).await?;
        Ok(stored.map(|stored| (stored.state, stored.latest)))
    }

    /// What this process wrote last, if that is known: nothing to rely on, but a decision may begin with it.
    pub(crate) fn recent_state(&self, key: &StateKey) -> Option<Stored> {
        self.recent.state(key)
    }

    /// The same, to decide on.
    pub async fn stored_state(&self, key: &StateKey) -> Result<Option<Stored>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::state(key)).await?;
        item.map(|item| read_state(&item)).transpose()
    }

    pub(super) async fn get(&self, table: &str, key: keys::Key) -> Result<Option<Item>, Fault> {
        let what = format!("reading {} {}", key.pk, key.sk);
        let request =
            self.client.get_item().table_name(table).consistent_read(true).set_key(Some(key_of(key)));
        // The SDK's future has kilobytes, which every future around it would carry.
        let output = Box::pin(request.send()).await.map_err(|error| Fault::of_call(&what, error))?;
        Ok(output.item)
    }

    /// All items of a partition whose sort key begins with `prefix` (all of them for an empty one), in the
    /// order of the sort keys.
    pub(super) async fn query(&self, table: &str, pk: &str, prefix: &str) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(table)
                .consistent_read(true)
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .set_exclusive_start_key(start);
            let request = match prefix {
                "" => request.key_condition_expression("pk = :pk"),
                prefix => request
                    .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned())),
            };
            let page = request.send().await;
            let page = page.map_err(|error| Fault::of_call(&format!("reading {pk}"), error))?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}

fn read_state(item: &Item) -> Result<Stored, Fault> {
    let write_ids = match item.get("writeIds") {
        Some(AttributeValue::L(ids)) => ids.iter().filter_map(|id| id.as_s().ok().cloned()).collect(),
        _ => Vec::new(),
    };
    let revision = number(item, "revision").ok_or_else(|| Fault::corrupt("a state has no revision"))?;
    let latest = read(item, "latestInStages")?.unwrap_or_default();
    let retries = read(item, "retries")?.unwrap_or_default();
    Ok(Stored { state: read_required(item, "state")?, revision, write_ids, latest, retries })
}
