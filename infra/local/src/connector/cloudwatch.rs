//! CloudWatch's API, which speaks RPC v2 with some SDKs: the operation is in the path, and input and output are CBOR.
//! With others it speaks AWS JSON, as most services do.
//!
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use local_service::{ApiError, Service};
use serde_json::{Value, json};

use super::answer::{Form, PROTOCOL, RPC_V2_CBOR};

/// CloudWatch's name in both protocols.
pub(crate) const TARGET: &str = "GraniteServiceVersion20100801";
/// The members of outputs that are times.
const TIMES: &[&str] = &["StateUpdatedTimestamp"];

/// Of a request to CloudWatch in RPC v2.
pub(crate) fn operation<'a>(path: &'a str, headers: &HeaderMap) -> Option<&'a str> {
    let operation = path.strip_prefix("/service/")?.strip_prefix(TARGET)?.strip_prefix("/operation/")?;
    (headers.get(PROTOCOL)? == RPC_V2_CBOR).then_some(operation)
}

/// Of an operation; no body at all is an empty input.
pub(crate) fn input(body: &[u8]) -> Result<Value, cbor::NoCbor> {
    if body.is_empty() { Ok(json!({})) } else { cbor::decode(body) }
}

pub(super) async fn answer(
    service: Option<&dyn Service>,
    request: Request<Bytes>,
    form: &Form,
) -> Response<Bytes> {
    let path = request.uri().path();
    let (Some(service), Some(operation)) = (service, operation(path, request.headers())) else {
        return form.error(&ApiError::unsupported("CloudWatch", path));
    };
    let input = match input(request.body()) {
        Ok(input) => input,
        Err(error) => return form.error(&ApiError::client("SerializationException", error.to_string())),
    };
    match service.call(operation, input).await {
        Ok(output) => match cbor::encode(&output, TIMES) {
            Ok(body) => form.success(body),
            Err(error) => form.error(&ApiError::internal(error.to_string())),
        },
        Err(error) => form.error(&error),
    }
}
