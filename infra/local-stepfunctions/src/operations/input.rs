//! Reading an operation's input.

use local_service::ApiError;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors::invalid;

/// A missing field, a wrong type and an unknown field are AWS's ValidationException.
pub(super) fn read<T: DeserializeOwned>(input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input).map_err(|error| invalid(error.to_string()))
}

/// AWS: names have 1 to 80 characters, no white space, brackets, wildcards, quotes, `#%\^|~$&,;:/`,
/// and no control characters.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let is_forbidden =
        |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    let length = name.chars().count();
    if (1..=80).contains(&length) && !name.chars().any(is_forbidden) {
        return Ok(());
    }
    Err(ApiError::client("InvalidName", format!("Invalid Name: '{name}'")))
}

/// AWS: the error of a task or execution has at most 256 characters, its cause 32,768.
pub(super) fn check_error(error: Option<&str>, cause: Option<&str>) -> Result<(), ApiError> {
    for (name, text, limit) in [("error", error, 256), ("cause", cause, 32_768)] {
        if text.is_some_and(|text| text.chars().count() > limit) {
            return Err(invalid(format!("{name} must have length less than or equal to {limit}")));
        }
    }
    Ok(())
}
