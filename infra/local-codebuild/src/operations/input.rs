//! Reading the input of an operation.

use local_service::ApiError;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error;

/// An input that does not fit the operation is the caller's error.
pub fn parse<T: DeserializeOwned>(input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input)
        .map_err(|error| error::invalid(format!("The request is not valid: {error}")))
}
