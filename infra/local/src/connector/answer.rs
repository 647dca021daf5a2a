//! HTTP answers in the forms that the SDKs read.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use local_service::ApiError;
use serde_json::{Value, json};

/// The header that says how RPC v2 is spoken, and what it says.
pub(super) const PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
pub(super) const RPC_V2_CBOR: &str = "rpc-v2-cbor";
/// An error's name, as Lambda has it.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// An error's code in the older protocol of a service that has two.
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

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
    /// As CloudWatch answers.
    RpcV2Cbor,
}

impl Form {
    pub fn of_headers(headers: &HeaderMap) -> Self {
        if headers.get(PROTOCOL).is_some_and(|protocol| protocol == RPC_V2_CBOR) {
            Self::RpcV2Cbor
        } else if headers.contains_key("x-amz-target") {
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
            Self::RpcV2Cbor => HeaderValue::from_static("application/cbor"),
        };
        response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
        if *self == Self::RpcV2Cbor {
            response.headers_mut().insert(PROTOCOL, HeaderValue::from_static(RPC_V2_CBOR));
        }
        response
    }

    pub fn error(&self, error: &ApiError) -> Response<Bytes> {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let typed = || json!({"__type": error.code, "message": error.message});
        let body = match self {
            // Writing a text cannot fail.
            Self::RpcV2Cbor => cbor::encode(&typed(), &[]).unwrap_or_default(),
            _ => self.error_text(error, typed).into_bytes(),
        };
        let mut response = self.with_status(status, body);
        let header = match self {
            Self::RestJson => Some((ERROR_TYPE, error.code.clone())),
            Self::RpcV2Cbor => Some((QUERY_ERROR, format!("{};Sender", error.code))),
            Self::Json(_) | Self::Query | Self::Xml => None,
        };
        if let Some((name, value)) = header
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }

    fn error_text(&self, error: &ApiError, typed: impl Fn() -> Value) -> String {
        match self {
            Self::Json(_) | Self::RpcV2Cbor => typed().to_string(),
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
        }
    }

    /// The caller's policies do not allow it. S3 has another name and status for it than the others.
    pub fn access_denied(&self, message: String) -> Response<Bytes> {
        self.error(&match self {
            Self::Json(_) => ApiError::client("AccessDeniedException", message),
            Self::RestJson | Self::RpcV2Cbor => {
                ApiError { code: "AccessDeniedException".into(), message, status: 403 }
            }
            Self::Xml | Self::Query => ApiError { code: "AccessDenied".into(), message, status: 403 },
        })
    }

    /// The error that the SDKs retry with a longer pause.
    pub fn throttled(&self) -> Response<Bytes> {
        self.error(&match self {
            Self::Json(_) | Self::RpcV2Cbor => ApiError::client("ThrottlingException", "Rate exceeded"),
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
