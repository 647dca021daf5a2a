//! An answer of AWS that is an error.

use std::fmt;

/// `code` is the exception's name in the service's model (`StateMachineDoesNotExist`); the SDK
/// client on the other side turns it back into its typed error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    pub code: String,
    pub message: String,
    /// The HTTP status: 400 for the caller's errors, 500 for ours.
    pub status: u16,
}

impl ApiError {
    /// The caller asked for something that cannot be.
    pub fn client(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400 }
    }

    /// The service itself broke; callers retry.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { code: "InternalFailure".into(), message: message.into(), status: 500 }
    }

    /// The operation exists on AWS but not here.
    pub fn unsupported(service: &str, operation: &str) -> Self {
        Self::client(
            "UnsupportedOperation",
            format!("{service} {operation} is not supported by the local stack"),
        )
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}
