//! CodeBuild's exceptions.

use std::fmt;

use local_service::ApiError;

pub fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidInputException", message)
}

pub fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::client("ResourceNotFoundException", message)
}

pub fn already_exists(message: impl Into<String>) -> ApiError {
    ApiError::client("ResourceAlreadyExistsException", message)
}

pub fn limit_exceeded(message: impl Into<String>) -> ApiError {
    ApiError::client("AccountLimitExceededException", message)
}

/// A record of ours could not be read or written.
pub fn broken(error: &impl fmt::Display) -> ApiError {
    ApiError::internal(format!("local CodeBuild: {error}"))
}
