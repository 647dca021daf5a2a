//! Brings a stream to its function: batch after batch, each until it is taken.

use std::sync::Arc;

use local_service::Clock;
use local_stepfunctions::LambdaInvoker;
use serde_json::Value;

use super::TableStream;

/// Before a batch comes again; twice as long each time.
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 60_000;

/// Reads the stream until this future is dropped. What is not taken by then comes to the next process.
pub async fn read_stream(stream: Arc<TableStream>, invoker: Arc<dyn LambdaInvoker>, clock: Arc<dyn Clock>) {
    let window_ms = i64::try_from(stream.reader().window_seconds * 1000).unwrap_or(i64::MAX);
    let mut pause_ms = FIRST_PAUSE_MS;
    loop {
        stream.filled().await;
        clock.sleep_until(clock.now() + window_ms).await;
        if deliver(&stream, &*invoker).await {
            pause_ms = FIRST_PAUSE_MS;
        } else {
            clock.sleep_until(clock.now() + pause_ms).await;
            pause_ms = (pause_ms * 2).min(LONGEST_PAUSE_MS);
        }
    }
}

/// Whether something of the batch was taken.
async fn deliver(stream: &TableStream, invoker: &dyn LambdaInvoker) -> bool {
    let mut batch = stream.batch();
    let numbers = sequence_numbers(&batch);
    let function = &stream.reader().function;
    match invoker.invoke(function, batch.take()).await {
        Ok(answer) => {
            let taken = taken(&numbers, &answer);
            stream.delivered(taken);
            taken > 0
        }
        Err(error) => {
            let (name, cause) = (&stream.reader().name, &error.cause);
            tracing::error!(
                stream = name,
                error_type = error.error_type,
                cause,
                "a batch of a stream comes again"
            );
            false
        }
    }
}

fn sequence_numbers(batch: &Value) -> Vec<String> {
    let records = batch["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
    let numbers =
        records.iter().map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default());
    numbers.map(str::to_owned).collect()
}

/// How many records come before the first that failed (Lambda developer guide, "Configuring partial batch response
/// with DynamoDB").
fn taken(numbers: &[String], answer: &Value) -> usize {
    let failures = answer["batchItemFailures"].as_array().map(Vec::as_slice).unwrap_or_default();
    let failed = failures.iter().filter_map(|failure| failure["itemIdentifier"].as_str());
    let positions = failed.map(|failed| numbers.iter().position(|number| number == failed).unwrap_or(0));
    positions.min().unwrap_or(numbers.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_record_that_failed_and_all_behind_it_come_again() {
        let numbers = ["4".to_owned(), "5".to_owned(), "6".to_owned()];
        for (answer, expected) in [
            (json!({ "batchItemFailures": [] }), 3),
            (json!(null), 3),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "5" }] }), 1),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "6" }, { "itemIdentifier": "4" }] }), 0),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "99" }] }), 0),
        ] {
            assert_eq!(taken(&numbers, &answer), expected, "{answer}");
        }
    }
}
