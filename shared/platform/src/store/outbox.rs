//! Effects that were committed and not delivered yet. Whoever commits delivers at once and takes the
//! row away; the sweep finds the rows that a crash left behind.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, Put, TransactWriteItem, WriteRequest};
use engine::decide::Effect;
use engine::execution::Timestamp;

use super::document::{Item, encode, key_of, read_required};
use super::transact::write_of;
use super::{Store, keys};
use crate::Fault;

/// The most that DynamoDB takes at once (API reference, BatchWriteItem).
const BATCH_ITEMS_MAX: usize = 25;

/// An effect to be delivered, and where its row is.
#[derive(Debug, Clone)]
pub struct Pending {
    key: keys::Key,
    pub effect: Effect,
}

impl Pending {
    pub(super) fn new(committed_at: Timestamp, effect: Effect) -> Self {
        Self { key: keys::outbox(committed_at, &effect.idempotency_key()), effect }
    }

    /// When it was committed: its key begins with that.
    pub fn committed_at(&self) -> Timestamp {
        let digits = self.key.sk.split('#').next().unwrap_or_default();
        Timestamp(digits.parse().unwrap_or_default())
    }

    fn of_item(item: &Item) -> Result<Self, Fault> {
        let text =
            |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        Ok(Self { key: keys::Key { pk: text("pk"), sk: text("sk") }, effect: read_required(item, "effect")? })
    }
}

impl Store {
    pub(super) fn put_outbox(&self, now: Timestamp, effect: &Effect) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.config.outbox_table)
            .set_item(Some(key_of(keys::outbox(now, &effect.idempotency_key()))))
            .item("effect", encode("an effect", effect)?);
        write_of(put)
    }

    /// The effects were delivered. What DynamoDB is too busy to delete is delivered once more by the sweep.
    pub async fn forget(&self, delivered: &[&Pending]) -> Result<(), Fault> {
        let what = "taking effects out of the outbox";
        let table = &self.config.outbox_table;
        if let [only] = delivered {
            let request = self.client.delete_item().table_name(table).set_key(Some(key_of(only.key.clone())));
            request.send().await.map_err(|error| Fault::of_call(what, error))?;
            return Ok(());
        }
        for some in delivered.chunks(BATCH_ITEMS_MAX) {
            let deletes = some.iter().map(|pending| delete(pending)).collect::<Result<Vec<_>, _>>()?;
            let request = self.client.batch_write_item().request_items(table, deletes);
            request.send().await.map_err(|error| Fault::of_call(what, error))?;
        }
        Ok(())
    }

    /// Effects committed before `before`, oldest first, at most `limit`; those behind `after`, to go on where
    /// a page ended. What cannot be read must not hold up the rest.
    pub async fn undelivered(
        &self,
        before: Timestamp,
        after: Option<&Pending>,
        limit: i32,
    ) -> Result<Vec<Pending>, Fault> {
        let mut start = after.map(|last| key_of(last.key.clone()));
        loop {
            let request = self.client.query().table_name(&self.config.outbox_table).consistent_read(true);
            let request = request
                .key_condition_expression("pk = :pk AND sk < :before")
                .expression_attribute_values(":pk", AttributeValue::S(keys::OUTBOX.to_owned()))
                .expression_attribute_values(":before", AttributeValue::S(format!("{:015}", before.0)))
                .set_exclusive_start_key(start)
                .limit(limit);
            let page = request.send().await.map_err(|error| Fault::of_call("reading the outbox", error))?;
            let read = readable(&page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            // An empty answer says that there are no more.
            if !read.is_empty() || start.is_none() {
                return Ok(read);
            }
        }
    }
}

fn delete(pending: &Pending) -> Result<WriteRequest, Fault> {
    let delete = DeleteRequest::builder().set_key(Some(key_of(pending.key.clone()))).build();
    let delete = delete.map_err(|error| Fault::corrupt(format!("a write is incomplete: {error}")))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn readable(items: &[Item]) -> Vec<Pending> {
    let read = items.iter().filter_map(|item| match Pending::of_item(item) {
        Ok(pending) => Some(pending),
        Err(fault) => {
            tracing::error!(key = ?item.get("sk"), %fault, "an effect that cannot be read is passed over");
            None
        }
    });
    read.collect()
}
