//! SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.

use std::sync::Arc;

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{broken, invalid};
use super::input::check_error;
use crate::driver::{Inner, Unaccepted};
use crate::interpreter::{DATA_LIMIT_BYTES, Input};
use crate::task_token;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendTaskSuccess {
    task_token: String,
    output: String,
}

pub(super) fn succeed(service: &Arc<Inner>, input: SendTaskSuccess) -> Result<Value, ApiError> {
    if input.output.len() > DATA_LIMIT_BYTES {
        return Err(invalid(format!("output must have length less than or equal to {DATA_LIMIT_BYTES}")));
    }
    let output = serde_json::from_str(&input.output)
        .map_err(|error| ApiError::client("InvalidOutput", format!("Invalid Output: '{error}'")))?;
    answer(service, &input.task_token, |task| Input::TokenSucceeded { task, output })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendTaskFailure {
    task_token: String,
    error: Option<String>,
    cause: Option<String>,
}

pub(super) fn fail(service: &Arc<Inner>, input: SendTaskFailure) -> Result<Value, ApiError> {
    check_error(input.error.as_deref(), input.cause.as_deref())?;
    let (error, cause) = (input.error, input.cause);
    answer(service, &input.task_token, |task| Input::TokenFailed { task, error, cause })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SendTaskHeartbeat {
    task_token: String,
}

pub(super) fn heartbeat(service: &Arc<Inner>, input: SendTaskHeartbeat) -> Result<Value, ApiError> {
    answer(service, &input.task_token, |task| Input::Heartbeat { task })
}

/// A text that was never a token is InvalidToken, a token of an execution that is not known here is
/// TaskDoesNotExist, and a token whose task has ended is TaskTimedOut.
fn answer(service: &Arc<Inner>, token: &str, input: impl FnOnce(u64) -> Input) -> Result<Value, ApiError> {
    let execution_arn = task_token::execution_arn(token)
        .ok_or_else(|| ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'"))?;
    if service.summary(&execution_arn).is_none() {
        let message = "Task Does Not Exist: 'Provided task does not exist'";
        return Err(ApiError::client("TaskDoesNotExist", message));
    }
    match service.happened(&execution_arn, |execution| execution.task_of_token(token).map(input)) {
        Ok(()) => Ok(json!({})),
        Err(Unaccepted::Store(error)) => Err(broken(error)),
        Err(Unaccepted::TooLate) => {
            Err(ApiError::client("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"))
        }
    }
}
