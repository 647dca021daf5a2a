//! Requests as the AWS SDKs make them, answered in this process.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use s3s::Body;
use s3s::service::{S3Service, S3ServiceBuilder};
use sha2::{Digest, Sha256};

use crate::checksums::hexadecimal;
use crate::host::AwsHost;
use crate::{LocalS3, aws_chunked};

const CONTENT_SHA256: &str = "x-amz-content-sha256";
const DECODED_LENGTH: &str = "x-amz-decoded-content-length";

impl LocalS3 {
    /// The service for an HTTP server. It takes unsigned requests only, with the bucket in the
    /// path or in front of an AWS endpoint's host name; for signed ones use [`LocalS3::serve`].
    pub fn service(&self) -> S3Service {
        let mut builder = S3ServiceBuilder::new(self.clone());
        builder.set_host(AwsHost);
        builder.build()
    }

    /// Answers one request of an SDK. Its signature is not looked at (who calls is known to the
    /// caller); its content checksums are, also those behind an `aws-chunked` body.
    pub async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let request = match plain(request) {
            Ok(request) => request,
            Err(problem) => return refusal(problem),
        };
        let is_head = request.method() == Method::HEAD;
        let response = match self.service().call(request.map(Body::from)).await {
            Ok(response) => response,
            Err(error) => return broken(&format!("{error:?}")),
        };
        let (parts, body) = response.into_parts();
        if is_head {
            // As an HTTP server sends it: SDKs tell a missing object by the status then.
            return Response::from_parts(parts, Bytes::new());
        }
        match body.collect().await {
            Ok(body) => Response::from_parts(parts, body.to_bytes()),
            Err(error) => broken(&error.to_string()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Problem {
    Incomplete,
    Sha256Mismatch,
}

/// The same request without what belongs to the transport: the signature and the chunks.
fn plain(request: Request<Bytes>) -> Result<Request<Bytes>, Problem> {
    let (mut parts, mut body) = request.into_parts();
    parts.headers.remove(AUTHORIZATION);
    let content_sha256 = parts.headers.remove(CONTENT_SHA256);
    let content_sha256 = content_sha256.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_sha256.starts_with("STREAMING-") {
        let decoded = aws_chunked::decode(body).ok_or(Problem::Incomplete)?;
        let promised = parts.headers.remove(DECODED_LENGTH);
        let promised = promised.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if promised.is_some_and(|promised| promised != decoded.body.len()) {
            return Err(Problem::Incomplete);
        }
        body = decoded.body;
        for (name, value) in decoded.trailers {
            let Ok(name) = HeaderName::try_from(name) else { return Err(Problem::Incomplete) };
            let Ok(value) = HeaderValue::try_from(value) else { return Err(Problem::Incomplete) };
            // Only what may stand there: a trailer must not change what the request means.
            if name.as_str().starts_with("x-amz-checksum-") {
                parts.headers.insert(name, value);
            }
        }
        drop_aws_chunked(&mut parts.headers);
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    } else if content_sha256.len() == 64 && hexadecimal(&Sha256::digest(&body)) != content_sha256 {
        return Err(Problem::Sha256Mismatch);
    }
    Ok(Request::from_parts(parts, body))
}

/// `aws-chunked` is not part of the object's own encoding.
fn drop_aws_chunked(headers: &mut HeaderMap) {
    let Some(encoding) = headers.remove(CONTENT_ENCODING) else { return };
    let encoding = encoding.to_str().unwrap_or_default();
    let rest: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|one| !matches!(*one, "" | "aws-chunked")).collect();
    if let Ok(rest) = HeaderValue::try_from(rest.join(","))
        && !rest.is_empty()
    {
        headers.insert(CONTENT_ENCODING, rest);
    }
}

fn refusal(problem: Problem) -> Response<Bytes> {
    let (code, message) = match problem {
        Problem::Incomplete => ("IncompleteBody", "The aws-chunked body is malformed or was cut off."),
        Problem::Sha256Mismatch => (
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
    };
    answer(StatusCode::BAD_REQUEST, code, message)
}

fn broken(reason: &str) -> Response<Bytes> {
    tracing::error!(reason, "the local S3 could not answer");
    answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "We encountered an internal error.")
}

fn answer(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let mut response = Response::new(Bytes::from(xml));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)], body: &'static str) -> Request<Bytes> {
        let mut request = Request::new(Bytes::from_static(body.as_bytes()));
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).expect("a header name");
            request.headers_mut().insert(name, HeaderValue::try_from(*value).expect("a header value"));
        }
        request
    }

    #[test]
    fn the_transport_is_taken_off_and_the_checksum_stays() {
        let sent = request(
            &[
                ("authorization", "AWS4-HMAC-SHA256 …"),
                ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                ("x-amz-decoded-content-length", "5"),
                ("content-encoding", "gzip, aws-chunked"),
                ("content-length", "99"),
            ],
            "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-copy-source:/a/b\r\n\r\n",
        );
        let plain = plain(sent).expect("a good request");
        assert_eq!(plain.body(), "hello");
        let header = |name: &str| plain.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("x-amz-checksum-crc32"), Some("NhCmhg=="));
        assert_eq!(header("content-encoding"), Some("gzip"));
        assert_eq!(header("content-length"), Some("5"));
        assert_eq!(header("x-amz-copy-source"), None);
        assert_eq!(header("authorization"), None);
    }

    #[test]
    fn a_body_that_is_not_what_was_signed_is_refused() {
        let streaming = ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let zeroes = "0".repeat(64);
        let cases = [
            (request(&[streaming], "5\r\nhel"), Problem::Incomplete),
            (
                request(&[streaming, ("x-amz-decoded-content-length", "6")], "5\r\nhello\r\n0\r\n\r\n"),
                Problem::Incomplete,
            ),
            (request(&[("x-amz-content-sha256", &zeroes)], "hello"), Problem::Sha256Mismatch),
        ];
        for (sent, problem) in cases {
            assert_eq!(plain(sent).map(|_| ()), Err(problem));
        }
    }
}
