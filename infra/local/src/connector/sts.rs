//! STS's API: forms in, XML out.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use bytes::Bytes;
use http::{Request, Response};
use local_service::{ApiError, Service};
use serde_json::Value;

use super::answer::{Form, escaped};
use super::credential;
use super::query::fields;

const CALLER_IDENTITY: &str = "GetCallerIdentity";

/// Who has presigned a call.
pub trait Identities: Send + Sync + 'static {
    /// GetCallerIdentity's output.
    ///
    /// # Errors
    /// The signature is of nobody who is known, or not any more.
    fn of_presigned(&self, request: &Request<Bytes>) -> Result<Value, ApiError>;
}

/// Whether a request was signed for STS.
pub(super) fn is_sts<B>(request: &Request<B>) -> bool {
    credential::of_request(request).is_some_and(|credential| credential.service == "sts")
}

pub(super) async fn answer(
    service: Option<&dyn Service>,
    request: Request<Bytes>,
    form: &Form,
) -> Response<Bytes> {
    let mut fields = fields(request.body());
    let operation = fields.remove("Action").and_then(|action| action.as_str().map(str::to_owned));
    let operation = operation.unwrap_or_default();
    let Some(service) = service else { return form.error(&ApiError::unsupported("STS", &operation)) };
    answered(&operation, service.call(&operation, Value::Object(fields)).await, form)
}

/// Whether a request is a call of STS that somebody has presigned: nobody has to be let in for that.
pub(super) fn is_presigned(request: &Request<Bytes>) -> bool {
    let is_sts = request.uri().host().is_some_and(|host| host.starts_with("sts."));
    is_sts && request.uri().query().is_some_and(signature::is_presigned)
}

/// Says who has presigned the request.
pub(super) fn identity(identities: &dyn Identities, request: &Request<Bytes>) -> Response<Bytes> {
    let fields = fields(request.uri().query().unwrap_or_default().as_bytes());
    let operation = fields.get("Action").and_then(Value::as_str).unwrap_or_default();
    let output = match operation {
        CALLER_IDENTITY => identities.of_presigned(request),
        operation => Err(ApiError::unsupported("STS", operation)),
    };
    answered(operation, output, &Form::Query)
}

fn answered(operation: &str, output: Result<Value, ApiError>, form: &Form) -> Response<Bytes> {
    match output {
        Ok(output) => form.success(format!(
            "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>{}\
             </{operation}Result></{operation}Response>",
            elements(&output)
        )),
        Err(error) => form.error(&error),
    }
}

/// An element for each member.
fn elements(output: &Value) -> String {
    let members = output.as_object().into_iter().flatten();
    let element = |(name, value): (&String, &Value)| {
        let content = match value {
            Value::Object(_) => elements(value),
            Value::String(text) => escaped(text),
            other => other.to_string(),
        };
        format!("<{name}>{content}</{name}>")
    };
    members.map(element).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_are_read_and_elements_written() {
        let read =
            fields(b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&Policy=%7B%22a%22%3A+1%7D");
        let expected =
            json!({ "Action": "AssumeRole", "RoleArn": "arn:aws:iam::1:role/r", "Policy": "{\"a\": 1}" });
        assert_eq!(Value::Object(read), expected);
        assert_eq!(elements(&json!({ "A": { "B": "<&" } })), "<A><B>&lt;&amp;</B></A>");
    }
}
