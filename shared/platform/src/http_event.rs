//! The event and the answer of an HTTP API's Lambda integration, payload format version 2.0 (API Gateway
//! developer guide, "Create AWS Lambda proxy integrations for HTTP APIs").

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize};

/// One HTTP request. Members of the format that say nothing more (`queryStringParameters`, `cookies`, …) are
/// neither needed nor read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    /// `2.0`
    pub version: String,
    /// `POST /`, or `$default` for what no other route fits.
    #[serde(default)]
    pub route_key: String,
    /// As the client sent it, percent-encoded.
    pub raw_path: String,
    /// Without the `?`; empty if there is none.
    #[serde(default)]
    pub raw_query_string: String,
    /// By names in lower case; the values of a repeated header are joined with commas.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// By the variables of the route's path. API Gateway leaves them out where there are none; emulators say null.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub path_parameters: BTreeMap<String, String>,
    pub request_context: RequestContext,
    #[serde(default)]
    pub body: Option<String>,
    /// API Gateway encodes every body whose content type is not a known text, and so AWS JSON.
    #[serde(default)]
    pub is_base64_encoded: bool,
}

fn empty_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl HttpEvent {
    /// The bytes that the client sent; `None` if the event does not hold them as it says.
    pub fn body_bytes(&self) -> Option<Vec<u8>> {
        let text = self.body.as_deref().unwrap_or_default();
        match self.is_base64_encoded {
            true => STANDARD.decode(text).ok(),
            false => Some(text.as_bytes().to_vec()),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    pub http: HttpContext,
    /// The gateway's own id of the request; it is logged beside ours.
    #[serde(default)]
    pub request_id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpContext {
    /// `POST`
    pub method: String,
    /// Who sent it, as the connection says it.
    #[serde(default)]
    pub source_ip: String,
}

/// What the gateway makes an HTTP response of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    pub status_code: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub is_base64_encoded: bool,
}
