//! AWS's exceptions, with its words.

use local_service::ApiError;

use crate::store::StoreError;

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

pub(super) fn invalid_arn(arn: &str) -> ApiError {
    ApiError::client("InvalidArn", format!("Invalid Arn: 'Invalid ARN prefix: {arn}'"))
}

pub(super) fn no_machine(arn: &str) -> ApiError {
    ApiError::client("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
}

pub(super) fn no_execution(arn: &str) -> ApiError {
    ApiError::client("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'"))
}

pub(super) fn invalid_page_token() -> ApiError {
    ApiError::client("InvalidToken", "Invalid Token: 'Invalid token'")
}

/// The disk failed: callers may try again.
pub(super) fn broken(error: StoreError) -> ApiError {
    tracing::error!(%error, "the store failed");
    ApiError::internal(error.to_string())
}
