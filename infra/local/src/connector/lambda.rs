//! Lambda's API, which is not one of the JSON protocols: names are in the path, options in headers, and the
//! body is the function's.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use local_service::{ApiError, Service};
use serde_json::{Value, json};

use super::answer::Form;
use super::credential;

/// Whether a request was signed for Lambda.
pub(super) fn is_lambda<B>(request: &Request<B>) -> bool {
    credential::of_request(request).is_some_and(|credential| credential.service == "lambda")
}

pub(super) async fn answer(
    service: Option<&dyn Service>,
    request: Request<Bytes>,
    form: &Form,
) -> Response<Bytes> {
    let what = format!("{} {}", request.method(), request.uri().path());
    let invoked = match (service, invocation(&request)) {
        (Some(service), Some(input)) => match input {
            Ok(input) => service.call("Invoke", input).await,
            Err(error) => Err(error),
        },
        _ => Err(ApiError::unsupported("Lambda", &what)),
    };
    match invoked {
        Ok(output) => answered(&output, form),
        Err(error) => form.error(&error),
    }
}

/// `None` for another operation.
fn invocation(request: &Request<Bytes>) -> Option<Result<Value, ApiError>> {
    let name = function_name(request.uri().path())?;
    if request.method() != Method::POST {
        return None;
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let payload = match request.body() {
        none if none.is_empty() => Ok(Value::Null),
        body => serde_json::from_slice(body),
    };
    let input = payload.map(|payload| {
        json!({
            "FunctionName": name,
            "InvocationType": header("x-amz-invocation-type"),
            "Qualifier": qualifier(request.uri().query().unwrap_or_default()),
            "Payload": payload,
        })
    });
    Some(input.map_err(|error| {
        let message = format!("Could not parse request body into json: {error}");
        ApiError::client("InvalidRequestContentException", message)
    }))
}

/// Of `/2015-03-31/functions/<name>/invocations`; the name may be an ARN, with its colons encoded.
pub(crate) fn function_name(path: &str) -> Option<String> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    Some(name.replace("%3A", ":").replace("%3a", ":").replace("%24", "$"))
}

fn qualifier(query: &str) -> Option<String> {
    let qualifier = query.split('&').find_map(|pair| pair.strip_prefix("Qualifier="))?;
    Some(qualifier.replace("%24", "$"))
}

fn answered(output: &Value, form: &Form) -> Response<Bytes> {
    let status = output["StatusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let body = output.get("Payload").map(Value::to_string).unwrap_or_default();
    let mut response = form.with_status(status, body);
    let headers = response.headers_mut();
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    let error = output["FunctionError"].as_str().and_then(|error| HeaderValue::from_str(error).ok());
    if let Some(error) = error {
        headers.insert("x-amz-function-error", error);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_the_path() {
        for (path, name) in [
            ("/2015-03-31/functions/notify/invocations", Some("notify")),
            (
                "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Anotify/invocations",
                Some("arn:aws:lambda:us-east-1:1:function:notify"),
            ),
            ("/2015-03-31/functions/notify", None),
            ("/bucket/key", None),
        ] {
            assert_eq!(function_name(path).as_deref(), name, "{path}");
        }
        assert_eq!(qualifier("a=b&Qualifier=%24LATEST").as_deref(), Some("$LATEST"));
    }
}
