//! A function that failed, as Lambda tells it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The payload of an answer whose `FunctionError` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// `Runtime.ExitError`, `Sandbox.Timedout`, or the function's own word.
    pub error_type: String,
    pub error_message: String,
}

impl FunctionError {
    pub(crate) fn new(error_type: &str, error_message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), error_message: error_message.into() }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for FunctionError {}
