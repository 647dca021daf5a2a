//! A request as a call of an operation. What cannot be one is refused here, in the form and words of AWS's JSON
//! services ("Common error types" of the API reference).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{BODY_BYTES_MAX, HttpEvent, TARGET_PREFIX};
use crate::Response;

pub(super) fn check_route(event: &HttpEvent) -> Result<(), Response> {
    let (method, path) = (event.request_context.http.method.as_str(), event.raw_path.as_str());
    match (method, path) {
        ("POST", "/" | "") => Ok(()),
        (_, path) if path.starts_with("/service/") => Err(unknown(
            "The protocol RPC v2 CBOR is not spoken here. Set the client to AWS JSON 1.1, which every AWS SDK and \
             the AWS CLI speak.",
        )),
        _ => Err(unknown(&format!(
            "There is nothing at {method} {path}. Calls are POST / with X-Amz-Target: {TARGET_PREFIX}.<operation>."
        ))),
    }
}

/// The bytes that the client sent.
pub(super) fn body(event: &HttpEvent) -> Result<Vec<u8>, Response> {
    let text = event.body.as_deref().unwrap_or_default();
    let bytes = match event.is_base64_encoded {
        true => STANDARD.decode(text).map_err(|_| {
            Response::error(400, "MalformedHttpRequestException", "The body of the event is not base64.")
        })?,
        false => text.as_bytes().to_vec(),
    };
    if bytes.len() > BODY_BYTES_MAX {
        let message = format!("The body has {} bytes; {BODY_BYTES_MAX} are allowed.", bytes.len());
        return Err(Response::error(413, "RequestEntityTooLargeException", &message));
    }
    Ok(bytes)
}

pub(super) fn operation(event: &HttpEvent) -> Result<&str, Response> {
    let target = event.headers.get("x-amz-target").map(String::as_str).unwrap_or_default();
    match target.split_once('.') {
        Some((TARGET_PREFIX, operation)) => Ok(operation),
        _ => Err(unknown(&format!(
            "The header X-Amz-Target is '{target}'. It names the operation: {TARGET_PREFIX}.<operation>."
        ))),
    }
}

/// No body at all is an empty input.
pub(super) fn input(body: &[u8]) -> Result<Value, Response> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let input: Result<Value, _> = serde_json::from_slice(body);
    input.map_err(|error| {
        Response::error(400, "SerializationException", &format!("The body is not JSON: {error}"))
    })
}

fn unknown(message: &str) -> Response {
    Response::error(404, "UnknownOperationException", message)
}
