//! DynamoDB: dynoxide, called with its own request types.
//!
//! A call blocks while SQLite writes and flushes; the caller decides on which thread.

use bytes::Bytes;
use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use http::{Response, StatusCode};
use local_service::ApiError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Form;

/// `operation` is the name after the dot of `X-Amz-Target`.
pub(super) fn answer(database: &Database, operation: &str, input: &[u8], form: &Form) -> Response<Bytes> {
    let outcome = match operation {
        "GetItem" => run(input, |request| database.get_item(request)),
        "PutItem" => run(input, |request| database.put_item(request)),
        "UpdateItem" => run(input, |request| database.update_item(request)),
        "DeleteItem" => run(input, |request| database.delete_item(request)),
        "Query" => run(input, |request| database.query(request)),
        "Scan" => run(input, |request| database.scan(request)),
        "BatchGetItem" => run(input, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(input, |request| database.batch_write_item(request)),
        "TransactGetItems" => run(input, |request| database.transact_get_items(request)),
        "TransactWriteItems" => run(input, |request| database.transact_write_items(request)),
        "DescribeTable" => run(input, |request| database.describe_table(request)),
        "ListTables" => run(input, |request| database.list_tables(request)),
        "DescribeTimeToLive" => run(input, |request| database.describe_time_to_live(request)),
        operation => return form.error(&ApiError::unsupported("DynamoDB", operation)),
    };
    match outcome {
        Ok(body) => form.success(body),
        Err(error) => {
            let status = StatusCode::from_u16(error.status_code());
            form.with_status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error.to_json())
        }
    }
}

fn run<Input: DeserializeOwned, Output: Serialize>(
    input: &[u8],
    operation: impl FnOnce(Input) -> Result<Output, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let request = serde_json::from_slice(input).map_err(|error| unreadable(&error.to_string()))?;
    let output = operation(request)?;
    serde_json::to_vec(&output).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// dynoxide marks in the text which of DynamoDB's two errors for a bad request it is.
fn unreadable(problem: &str) -> DynoxideError {
    let problem = problem.rsplit_once(" at line ").map_or(problem, |(problem, _)| problem);
    match problem.split_once(':') {
        Some(("VALIDATION" | "VALIDATION_REQUEST" | "VALIDATION_AS_READ", rest)) => {
            DynoxideError::ValidationException(rest.to_owned())
        }
        Some(("SERIALIZATION" | "SERIALIZATION_AS_READ", rest)) => {
            DynoxideError::SerializationException(rest.to_owned())
        }
        _ if problem.contains("missing field") || problem.contains("AttributeValue") => {
            DynoxideError::ValidationException(problem.to_owned())
        }
        _ => DynoxideError::SerializationException(problem.to_owned()),
    }
}

/// Whether the operation changes the database, so that it waits for the disk.
pub(super) fn writes(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
}
