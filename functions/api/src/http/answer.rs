//! A response in the form of the protocol that the client speaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::HttpAnswer;
use super::request::Protocol;
use crate::Response;

/// Of the service's shapes; in RPC v2 an exception is named with it.
const NAMESPACE: &str = "com.amazonaws.codepipeline#";

/// The members of outputs that are times.
const TIMES: &[&str] =
    &["approvedAt", "created", "lastChangedAt", "lastStatusChange", "lastUpdateTime", "startTime", "updated"];

/// An operation without output has no body, as the service does.
pub(super) fn to_http(protocol: Protocol, response: &Response, request_id: &str) -> HttpAnswer {
    let mut answer = HttpAnswer { status_code: response.status, ..HttpAnswer::default() };
    let mut header = |name: &str, value: &str| answer.headers.insert(name.to_owned(), value.to_owned());
    header("x-amzn-requestid", request_id);
    match protocol {
        Protocol::AwsJson => {
            header("content-type", "application/x-amz-json-1.1");
            if !response.body.is_null() {
                answer.body = response.body.to_string();
            }
        }
        Protocol::RpcV2Cbor => {
            header("smithy-protocol", "rpc-v2-cbor");
            if !response.body.is_null() {
                header("content-type", "application/cbor");
                answer.body = STANDARD.encode(cbor_body(&response.body));
                answer.is_base64_encoded = true;
            }
        }
    }
    answer
}

fn cbor_body(body: &Value) -> Vec<u8> {
    let mut body = body.clone();
    if let Some(code) = body["__type"].as_str() {
        body["__type"] = json!(format!("{NAMESPACE}{code}"));
    }
    cbor::encode(&body, TIMES).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as CBOR");
        Vec::new()
    })
}
