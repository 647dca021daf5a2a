//! The input of `Invoke`.

use local_service::ApiError;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Invoke {
    pub(crate) function_name: String,
    pub(crate) invocation_type: InvocationType,
    pub(crate) payload: Value,
}

/// Lambda's quotas for an invocation's payload.
const EVENT_BYTES_MAX: usize = 1024 * 1024;
const REQUEST_BYTES_MAX: usize = 6 * 1024 * 1024;

/// `FunctionName`, `InvocationType`, `Payload` (JSON, not text) and `Qualifier`.
pub(crate) fn read(input: &Value) -> Result<Invoke, ApiError> {
    let invalid = |message: String| ApiError::client("InvalidParameterValueException", message);
    let given = input["FunctionName"].as_str().unwrap_or_default();
    let (function_name, qualifier) = name_of(given);
    if function_name.is_empty() {
        return Err(invalid(format!("{given:?} names no function")));
    }
    let qualifier = qualifier.or(input["Qualifier"].as_str());
    if let Some(qualifier) = qualifier.filter(|qualifier| *qualifier != "$LATEST") {
        let message = format!(
            "Function not found: {given}:{qualifier}. The local Lambda has no versions and no aliases; leave \
             the qualifier out"
        );
        return Err(not_found(message));
    }
    let invocation_type = match input["InvocationType"].as_str() {
        None | Some("RequestResponse") => InvocationType::RequestResponse,
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        Some(other) => return Err(invalid(format!("InvocationType {other} is unknown"))),
    };
    let payload = input["Payload"].clone();
    let bytes_max =
        if invocation_type == InvocationType::Event { EVENT_BYTES_MAX } else { REQUEST_BYTES_MAX };
    let bytes = payload.to_string().len();
    if bytes > bytes_max {
        let message = format!(
            "{bytes} byte payload is too large for the {invocation_type:?} invocation type (limit {bytes_max} bytes)"
        );
        return Err(ApiError { code: "RequestTooLargeException".into(), message, status: 413 });
    }
    Ok(Invoke { function_name: function_name.into(), invocation_type, payload })
}

pub(crate) fn not_found(message: String) -> ApiError {
    ApiError { code: "ResourceNotFoundException".into(), message, status: 404 }
}

/// Name and qualifier of `name`, `name:alias`, `<account>:function:name` or a whole ARN.
fn name_of(given: &str) -> (&str, Option<&str>) {
    let name = given.rsplit_once(":function:").map_or(given, |(_, name)| name);
    match name.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_function_is_named_in_every_way_that_lambda_takes() {
        for (given, expected) in [
            ("notify", Ok("notify")),
            ("notify:$LATEST", Ok("notify")),
            ("arn:aws:lambda:us-east-1:123456789012:function:notify", Ok("notify")),
            ("123456789012:function:notify", Ok("notify")),
            ("arn:aws:lambda:us-east-1:123456789012:function:notify:live", Err("no aliases")),
            ("notify:7", Err("no versions")),
            ("", Err("names no function")),
        ] {
            let read = read(&json!({ "FunctionName": given })).map(|invoke| invoke.function_name);
            match expected {
                Ok(name) => assert_eq!(read, Ok(name.to_owned()), "{given}"),
                Err(problem) => {
                    let error = read.expect_err(given);
                    assert!(error.message.contains(problem), "{error}");
                }
            }
        }
    }

    #[test]
    fn an_event_may_have_a_mebibyte() {
        let input = |invocation_type: &str, bytes: usize| {
            let payload = "x".repeat(bytes - 2);
            read(&json!({ "FunctionName": "f", "InvocationType": invocation_type, "Payload": payload }))
        };
        assert!(input("Event", EVENT_BYTES_MAX).is_ok());
        assert_eq!(input("Event", EVENT_BYTES_MAX + 1).unwrap_err().code, "RequestTooLargeException");
        assert!(input("RequestResponse", EVENT_BYTES_MAX + 1).is_ok());
        assert_eq!(input("Later", 3).unwrap_err().code, "InvalidParameterValueException");
    }
}
