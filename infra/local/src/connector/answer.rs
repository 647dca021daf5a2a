//! HTTP answers in the forms that the SDKs read.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use local_service::ApiError;
use serde_json::json;

/// How the caller expects an answer: the JSON protocols of AWS, or S3's XML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// With the content type of the request: `application/x-amz-json-1.0` or `-1.1`.
    Json(HeaderValue),
    Xml,
    /// As Lambda answers: the error's name is in a header.
    RestJson,
    /// As STS answers.
    Query,
}

impl Form {
    pub fn of_headers(headers: &HeaderMap) -> Self {
        if headers.contains_key("x-amz-target") {
            let sent = headers.get(http::header::CONTENT_TYPE);
            Self::Json(
                sent.cloned().unwrap_or_else(|| HeaderValue::from_static("application/x-amz-json-1.0")),
            )
        } else {
            Self::Xml
        }
    }

    pub fn success(&self, body: impl Into<Bytes>) -> Response<Bytes> {
        self.with_status(StatusCode::OK, body)
    }

    pub fn with_status(&self, status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        let content_type = match self {
            Self::Json(content_type) => content_type.clone(),
            Self::Xml | Self::Query => HeaderValue::from_static("application/xml"),
            Self::RestJson => HeaderValue::from_static("application/json"),
        };
        response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
        response
    }

    pub fn error(&self, error: &ApiError) -> Response<Bytes> {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = match self {
            Self::Json(_) => json!({"__type": error.code, "message": error.message}).to_string(),
            Self::RestJson => json!({"Type": "User", "Message": error.message}).to_string(),
            Self::Query => format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>",
                escaped(&error.code),
                escaped(&error.message)
            ),
            Self::Xml => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>",
                escaped(&error.code),
                escaped(&error.message)
            ),
        };
        let mut response = self.with_status(status, body);
        if let (Self::RestJson, Ok(code)) = (self, HeaderValue::from_str(&error.code)) {
            response.headers_mut().insert("x-amzn-errortype", code);
        }
        response
    }

    /// The caller's policies do not allow it. S3 has another name and status for it than the others.
    pub fn access_denied(&self, message: String) -> Response<Bytes> {
        self.error(&match self {
            Self::Json(_) => ApiError::client("AccessDeniedException", message),
            Self::RestJson => ApiError { code: "AccessDeniedException".into(), message, status: 403 },
            Self::Xml | Self::Query => ApiError { code: "AccessDenied".into(), message, status: 403 },
        })
    }

    /// The error that the SDKs retry with a longer pause.
    pub fn throttled(&self) -> Response<Bytes> {
        self.error(&match self {
            Self::Json(_) => ApiError::client("ThrottlingException", "Rate exceeded"),
            Self::Query => ApiError::client("Throttling", "Rate exceeded"),
            Self::RestJson => ApiError {
                code: "TooManyRequestsException".into(),
                message: "Rate Exceeded.".into(),
                status: 429,
            },
            Self::Xml => {
                ApiError { code: "SlowDown".into(), message: "Reduce your request rate.".into(), status: 503 }
            }
        })
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
