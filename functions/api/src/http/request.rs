//! A request as a call of an operation. What cannot be one is refused here, in the words of AWS's services
//! ("Common error types" of the API reference).

use serde_json::Value;

use super::{BODY_BYTES_MAX, HttpEvent, TARGET_PREFIX};
use crate::{Response, own};

/// How a client speaks. The service model has both; which one an SDK chooses depends on its language and age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// AWS JSON 1.1: `POST /`, the operation in `X-Amz-Target`.
    AwsJson,
    /// Smithy RPC v2 CBOR: the operation in the path.
    RpcV2Cbor,
}

/// What stands before the operation in the path of RPC v2.
const RPC_PATH: &str = "/service/CodePipeline_20150709/operation/";

impl Protocol {
    /// # Errors
    /// What to send instead, for a request of neither.
    pub fn of(event: &HttpEvent) -> Result<Self, Response> {
        let (method, path) = (event.request_context.http.method.as_str(), event.raw_path.as_str());
        let spoken = event.headers.get("smithy-protocol").map(String::as_str);
        match (method, path, spoken) {
            ("POST", "/" | "", _) => Ok(Self::AwsJson),
            ("POST", path, Some("rpc-v2-cbor")) if path.starts_with(RPC_PATH) => Ok(Self::RpcV2Cbor),
            _ => Err(unknown(&format!(
                "There is nothing at {method} {path}. Calls are POST / with X-Amz-Target: {TARGET_PREFIX}.<operation> \
                 (AWS JSON 1.1), or POST {RPC_PATH}<operation> with Smithy-Protocol: rpc-v2-cbor."
            ))),
        }
    }

    /// The operation that is called, which may not exist.
    pub fn operation(self, event: &HttpEvent) -> Result<&str, Response> {
        match self {
            Self::RpcV2Cbor => Ok(event.raw_path.strip_prefix(RPC_PATH).unwrap_or_default()),
            Self::AwsJson => {
                let target = event.headers.get("x-amz-target").map(String::as_str).unwrap_or_default();
                match target.split_once('.') {
                    Some((TARGET_PREFIX, operation)) => Ok(operation),
                    // With what it begins with, so that none of them is taken for one of CodePipeline's.
                    Some((own::TARGET_PREFIX, _)) => Ok(target),
                    _ => Err(unknown(&format!(
                        "The header X-Amz-Target is '{target}'. It names the operation: {TARGET_PREFIX}.<operation>."
                    ))),
                }
            }
        }
    }

    /// The operation's input. No body at all is an empty one.
    pub fn input(self, body: &[u8]) -> Result<Value, Response> {
        let unreadable = |form: &str, why: &dyn std::fmt::Display| {
            Response::error(400, "SerializationException", &format!("The body is not {form}: {why}"))
        };
        match self {
            _ if body.is_empty() => Ok(Value::Null),
            Self::AwsJson => serde_json::from_slice(body).map_err(|error| unreadable("JSON", &error)),
            Self::RpcV2Cbor => cbor::decode(body).map_err(|error| unreadable("CBOR", &error)),
        }
    }
}

/// The bytes that the client sent.
pub(super) fn body(event: &HttpEvent) -> Result<Vec<u8>, Response> {
    let bytes = event.body_bytes().ok_or_else(|| {
        Response::error(400, "MalformedHttpRequestException", "The body of the event is not base64.")
    })?;
    if bytes.len() > BODY_BYTES_MAX {
        let message = format!("The body has {} bytes; {BODY_BYTES_MAX} are allowed.", bytes.len());
        return Err(Response::error(413, "RequestEntityTooLargeException", &message));
    }
    Ok(bytes)
}

fn unknown(message: &str) -> Response {
    Response::error(404, "UnknownOperationException", message)
}
