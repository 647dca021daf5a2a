//! The Query protocol: a form in, of which the member `Action` is the operation.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::permissions::percent_decoded;

/// Whether a request has a form in it.
pub(crate) fn is_query(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

/// Of `a=b&c=d`, decoded.
pub(crate) fn fields(body: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), percent_decoded(&value.replace('+', " ")).into())).collect()
}
