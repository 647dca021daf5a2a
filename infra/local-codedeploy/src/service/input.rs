//! Reading the JSON input of an operation.

use local_service::{ApiError, Timestamp};
use serde_json::{Map, Value};

/// Refuses fields that are neither known nor empty: a setting without effect would go unnoticed.
pub(super) fn refuse_unknown(
    operation: &str,
    input: &Map<String, Value>,
    known: &[&str],
) -> Result<(), ApiError> {
    let unknown = input.iter().find(|(name, value)| !known.contains(&name.as_str()) && !is_nothing(value));
    match unknown {
        None => Ok(()),
        Some((name, _)) => Err(ApiError::client(
            "UnsupportedOperation",
            format!("{operation}: {name} is not supported by the local CodeDeploy; leave it out"),
        )),
    }
}

/// What says nothing: null, false, empty.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_nothing),
        Value::String(text) => text.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

pub(super) fn fields(input: &Value) -> Map<String, Value> {
    input.as_object().cloned().unwrap_or_default()
}

pub(super) fn text<'i>(input: &'i Value, name: &str) -> Option<&'i str> {
    input.get(name)?.as_str().filter(|text| !text.is_empty())
}

pub(super) fn application_name(input: &Value) -> Result<&str, ApiError> {
    let name = text(input, "applicationName").ok_or_else(|| {
        ApiError::client("ApplicationNameRequiredException", "The application name is required")
    })?;
    check_name(name, "InvalidApplicationNameException")
}

pub(super) fn group_name<'i>(input: &'i Value, field: &str) -> Result<&'i str, ApiError> {
    let name = text(input, field).ok_or_else(|| {
        ApiError::client("DeploymentGroupNameRequiredException", "The deployment group name is required")
    })?;
    check_name(name, "InvalidDeploymentGroupNameException")
}

pub(super) fn check_name<'i>(name: &'i str, exception: &str) -> Result<&'i str, ApiError> {
    match name.chars().count() {
        1..=100 => Ok(name),
        _ => Err(ApiError::client(exception, "a name has 1 to 100 characters")),
    }
}

/// A timestamp as answers have it: seconds, with milliseconds as the fraction.
pub(super) fn seconds(timestamp: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits")]
    let milliseconds = timestamp as f64;
    milliseconds / 1000.0
}
