//! Why a request is not answered, as its sender sees it.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

/// A status, and in the body what AWS's JSON protocols have there: SDKs show both parts of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// No path or method like that.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", "There is nothing at this path with this method.")
    }

    pub fn response(&self) -> Response<Bytes> {
        let body = json!({ "__type": self.code, "message": self.message });
        text_response(self.status, "application/json", body.to_string())
    }
}

const NOSNIFF: HeaderName = HeaderName::from_static("x-content-type-options");

/// An answer that no cache keeps and no browser takes for something else.
pub fn text_response(status: StatusCode, content_type: &'static str, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(NOSNIFF, HeaderValue::from_static("nosniff"));
    response
}
