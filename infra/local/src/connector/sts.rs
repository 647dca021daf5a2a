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
    match service.call(&operation, Value::Object(fields)).await {
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
