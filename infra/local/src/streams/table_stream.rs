//! The stream of one table: what was written and not read yet.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::journal::{Image, Journal, Opened, Record};
use super::put_items::put_items;
use crate::template::StreamReader;

/// The records of a table that one reader wants.
pub struct TableStream {
    table: String,
    reader: StreamReader,
    kept: Mutex<Kept>,
    written: Notify,
}

struct Kept {
    journal: Journal,
    waiting: VecDeque<Record>,
}

/// A transaction that is about to be written. Others that are in the stream wait for it: so it is known of all but the
/// last record whether its transaction took place.
pub struct Begun<'a> {
    stream: &'a TableStream,
    kept: MutexGuard<'a, Kept>,
    records: Vec<Record>,
}

impl TableStream {
    /// `item` reads an item of the table by its key, as DynamoDB's JSON has it.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(
        path: &Path,
        table: &str,
        reader: StreamReader,
        item: impl Fn(&Value) -> Value,
    ) -> io::Result<Self> {
        let was_written = |image: &Image| {
            let item = item(&Value::Object(image.key.clone()));
            image.attributes.iter().all(|(name, value)| item[name] == *value)
        };
        let Opened { journal, waiting } = Journal::open(path, was_written)?;
        let kept = Kept { journal, waiting: waiting.into() };
        Ok(Self { table: table.to_owned(), reader, kept: Mutex::new(kept), written: Notify::new() })
    }

    pub fn reader(&self) -> &StreamReader {
        &self.reader
    }

    /// Keeps what a transaction is about to write; `None` if the reader wants nothing of it.
    ///
    /// # Errors
    /// The disk's: then the transaction must not be written either.
    pub fn begin(&self, transaction: &Bytes) -> io::Result<Option<Begun<'_>>> {
        let mut images = put_items(transaction, &self.table, &self.reader.attributes);
        images.retain(|image| {
            let record = json!({ "dynamodb": { "NewImage": image.attributes } });
            self.reader.filters.iter().any(|filter| filter.matches(&record))
        });
        if images.is_empty() {
            return Ok(None);
        }
        let mut kept = self.kept();
        let records = kept.journal.writing(images)?;
        Ok(Some(Begun { stream: self, kept, records }))
    }

    /// Returns when there is something to read.
    pub(super) async fn filled(&self) {
        loop {
            let written = self.written.notified();
            if !self.kept().waiting.is_empty() {
                return;
            }
            written.await;
        }
    }

    /// The oldest records, as Lambda is given them.
    pub(super) fn batch(&self) -> Value {
        let kept = self.kept();
        let records = kept.waiting.iter().take(self.reader.batch_size).map(|record| {
            let Record { number, image: Image { key, attributes } } = record;
            let image: serde_json::Map<_, _> = key.clone().into_iter().chain(attributes.clone()).collect();
            json!({
                "eventSource": "aws:dynamodb",
                "eventSourceARN": self.reader.stream_arn,
                "dynamodb": { "Keys": key, "NewImage": image, "SequenceNumber": number.to_string() },
            })
        });
        json!({ "Records": records.collect::<Vec<_>>() })
    }

    /// The reader has taken so many of the oldest records.
    pub(super) fn delivered(&self, count: usize) {
        let mut kept = self.kept();
        let count = count.min(kept.waiting.len());
        let Some(last) = kept.waiting.drain(..count).next_back() else { return };
        // Whatever is not known to be delivered comes again.
        if let Err(error) = kept.journal.delivered(last.number) {
            tracing::error!(%error, "records of a stream may come again");
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun<'_> {
    /// Whether the transaction has taken place.
    pub fn end(mut self, has_taken_place: bool) {
        let Some(first) = self.records.first().map(|record| record.number) else { return };
        if has_taken_place {
            self.kept.waiting.extend(self.records);
            self.stream.written.notify_one();
        } else if let Err(error) = self.kept.journal.refused(first) {
            tracing::error!(%error, "a record of a stream may be of a transaction that was refused");
        }
    }
}
