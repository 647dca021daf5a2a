//! The streams of the template's tables, and whoever reads them.

use std::sync::Arc;

use dynoxide::Database;
use futures::future::join_all;
use local_service::Clock;
use local_stepfunctions::LambdaInvoker;
use serde_json::{Value, json};

use super::StartError;
use super::error::part;
use super::opened::Ground;
use crate::streams::{TableStream, read_stream};

pub(super) fn open_streams(
    ground: &Ground<'_>,
    database: &Database,
) -> Result<Vec<Arc<TableStream>>, StartError> {
    let readers = ground.template.streams.iter().map(|reader| {
        let has_it = |table: &&crate::template::Table| table.stream_arn.as_ref() == Some(&reader.stream_arn);
        let table = ground.template.tables.iter().find(has_it);
        let table = table.ok_or_else(|| {
            StartError(format!("template.yaml: there is no table with the stream of {}", reader.name))
        })?;
        let file = ground.directory.join("streams").join(format!("{}.jsonl", reader.name));
        let item = |key: &Value| item(database, &table.name, key);
        let stream = TableStream::open(&file, &table.name, reader.clone(), item);
        stream.map(Arc::new).map_err(part("DynamoDB Streams"))
    });
    readers.collect()
}

/// An item as DynamoDB's JSON has it; nothing if it is not there.
fn item(database: &Database, table: &str, key: &Value) -> Value {
    let request = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
    let found = serde_json::from_value(request).ok().and_then(|request| database.get_item(request).ok());
    found
        .and_then(|found| serde_json::to_value(found).ok())
        .map_or(Value::Null, |found| found["Item"].clone())
}

/// Until this future is dropped.
pub(super) async fn read_streams(
    streams: Vec<Arc<TableStream>>,
    invoker: Arc<dyn LambdaInvoker>,
    clock: Arc<dyn Clock>,
) {
    join_all(streams.into_iter().map(|stream| read_stream(stream, invoker.clone(), clock.clone()))).await;
}
