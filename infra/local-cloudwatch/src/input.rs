//! Inputs of the API. A member that would have no effect here is refused by name.

use local_service::ApiError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::State;

/// Of the service model, `AlarmNames`.
const NAMES_MAX: usize = 100;
const REASON_MAX: usize = 1023;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarms {
    pub alarm_names: Option<Vec<String>>,
    pub alarm_name_prefix: Option<String>,
    pub alarm_types: Option<Vec<String>>,
    pub state_value: Option<State>,
}

impl DescribeAlarms {
    /// # Errors
    /// In CloudWatch's words, or what is not here.
    pub fn read(input: Value) -> Result<Self, ApiError> {
        let known = ["AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue"];
        let request: Self = read("DescribeAlarms", &known, input)?;
        if request.alarm_names.as_ref().is_some_and(|names| names.len() > NAMES_MAX) {
            return Err(invalid(format!("AlarmNames has more than {NAMES_MAX} names")));
        }
        if request.alarm_names.is_some() && request.alarm_name_prefix.is_some() {
            return Err(invalid("AlarmNames and AlarmNamePrefix cannot be used together"));
        }
        Ok(request)
    }

    /// Every alarm here is a metric alarm; CloudWatch tells of those when no type is asked for.
    pub fn wants(&self, name: &str) -> bool {
        let of_type = |types: &Vec<String>| types.iter().any(|wanted| wanted == "MetricAlarm");
        let named = |names: &Vec<String>| names.iter().any(|wanted| wanted == name);
        self.alarm_types.as_ref().is_none_or(of_type)
            && self.alarm_names.as_ref().is_none_or(named)
            && self.alarm_name_prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetAlarmState {
    pub alarm_name: String,
    pub state_value: State,
    pub state_reason: String,
}

impl SetAlarmState {
    /// # Errors
    /// As [`DescribeAlarms::read`].
    pub fn read(input: Value) -> Result<Self, ApiError> {
        let request: Self = read("SetAlarmState", &["AlarmName", "StateValue", "StateReason"], input)?;
        if request.state_reason.chars().count() > REASON_MAX {
            return Err(invalid(format!("StateReason has more than {REASON_MAX} characters")));
        }
        Ok(request)
    }
}

fn read<T: DeserializeOwned>(operation: &str, known: &[&str], input: Value) -> Result<T, ApiError> {
    let members = input.as_object().into_iter().flatten();
    let mut unknown = members.filter(|(name, value)| !value.is_null() && !known.contains(&name.as_str()));
    if let Some((name, _)) = unknown.next() {
        return Err(ApiError::unsupported("CloudWatch", &format!("{operation} with {name}")));
    }
    serde_json::from_value(input).map_err(|error| invalid(error.to_string()))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}
