//! Why a request is refused, in AWS's words, with what to do about it.

use std::fmt;

use crate::timestamp::{basic, extended};
use crate::verify::CLOCK_SKEW_MAX_MINUTES;

/// What the refused request spoke: the same refusal has another name and status in S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0 and 1.1.
    Json,
    /// REST with XML.
    S3,
}

/// A request that was not signed, or not so that its signature could be verified. [`fmt::Display`] is the
/// message for the caller; it holds nothing that the caller did not send, beside the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureError {
    NotSigned,
    /// A way to sign that exists on AWS and not here.
    Unsupported(String),
    /// The `Authorization` header is not as it should be.
    Malformed(&'static str),
    RepeatedHeader(&'static str),
    /// `SignedHeaders` has a name that the request does not have.
    MissingSignedHeader(String),
    /// The header has to be there and signed.
    UnsignedHeader(String),
    InvalidDate(String),
    WrongRegion {
        found: String,
        expected: String,
    },
    WrongService {
        found: String,
        expected: String,
    },
    /// The scope of the key and `x-amz-date` name different days.
    WrongScopeDate {
        scope_date: String,
        signed_at: String,
    },
    Skewed {
        signed_at_ms: i64,
        now_ms: i64,
    },
    MissingToken,
    /// The session token is not one of ours, or not of this key.
    UnknownToken,
    Expired {
        not_after_ms: i64,
        now_ms: i64,
    },
    /// The body is not the one whose hash was signed.
    PayloadMismatch,
    Mismatch,
}

impl SignatureError {
    /// The exception's name.
    ///
    /// Source: "Common error types" of the CodePipeline API reference and "Error responses" of that of S3;
    /// the JSON services leave out none of the suffixes `Exception`.
    #[must_use]
    pub fn code(&self, protocol: Protocol) -> &'static str {
        self.answer(protocol).0
    }

    /// The HTTP status. JSON services answer all of these with 400, which no client takes for a denial.
    #[must_use]
    pub fn status(&self, protocol: Protocol) -> u16 {
        self.answer(protocol).1
    }

    fn answer(&self, protocol: Protocol) -> (&'static str, u16) {
        let (json, s3, s3_status) = match self {
            Self::NotSigned => ("MissingAuthenticationTokenException", "AccessDenied", 403),
            Self::Unsupported(_) => ("IncompleteSignatureException", "NotImplemented", 501),
            Self::Malformed(_) => ("IncompleteSignatureException", "AuthorizationHeaderMalformed", 400),
            Self::RepeatedHeader(_) => ("IncompleteSignatureException", "InvalidRequest", 400),
            Self::InvalidDate(_) => ("IncompleteSignatureException", "AccessDenied", 403),
            Self::MissingSignedHeader(_) | Self::UnsignedHeader(_) => {
                ("InvalidSignatureException", "AccessDenied", 403)
            }
            Self::WrongRegion { .. } | Self::WrongService { .. } | Self::WrongScopeDate { .. } => {
                ("InvalidSignatureException", "AuthorizationHeaderMalformed", 400)
            }
            Self::Skewed { .. } => ("InvalidSignatureException", "RequestTimeTooSkewed", 403),
            Self::MissingToken => ("UnrecognizedClientException", "InvalidAccessKeyId", 403),
            Self::UnknownToken => ("UnrecognizedClientException", "InvalidToken", 400),
            Self::Expired { .. } => ("ExpiredTokenException", "ExpiredToken", 400),
            Self::PayloadMismatch => ("InvalidSignatureException", "XAmzContentSHA256Mismatch", 400),
            Self::Mismatch => ("InvalidSignatureException", "SignatureDoesNotMatch", 403),
        };
        match protocol {
            Protocol::Json => (json, 400),
            Protocol::S3 => (s3, s3_status),
        }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned => write!(
                f,
                "Missing Authentication Token: the request is not signed. Sign it with Signature Version 4 and \
                 credentials of this service; {GET_CREDENTIALS}"
            ),
            Self::Unsupported(what) => {
                write!(f, "{what}; only Signature Version 4 (AWS4-HMAC-SHA256) in headers is supported here")
            }
            Self::Malformed(problem) => write!(f, "The Authorization header is malformed: {problem}"),
            Self::RepeatedHeader(name) => write!(f, "The header {name} stands there twice; send it once"),
            Self::MissingSignedHeader(name) => write!(
                f,
                "'{name}' is in SignedHeaders, but the request has no such header. If it was sent, a proxy on \
                 the way took it out"
            ),
            Self::UnsignedHeader(name) => {
                write!(f, "'{name}' must be a 'SignedHeader' in the AWS Authorization; send and sign it")
            }
            Self::InvalidDate(date) => write!(
                f,
                "The header x-amz-date must be a date of the form YYYYMMDDTHHMMSSZ, in UTC. Got '{date}'"
            ),
            Self::WrongRegion { found, expected } => write!(
                f,
                "Credential should be scoped to a valid region: got '{found}', expected '{expected}'. Set the \
                 client's region to '{expected}'"
            ),
            Self::WrongService { found, expected } => {
                write!(
                    f,
                    "Credential should be scoped to correct service: got '{found}', expected '{expected}'"
                )
            }
            Self::WrongScopeDate { scope_date, signed_at } => write!(
                f,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{scope_date}' is not the day of '{signed_at}'"
            ),
            Self::Skewed { signed_at_ms, now_ms } => skewed(f, *signed_at_ms, *now_ms),
            Self::MissingToken => write!(
                f,
                "The security token included in the request is invalid: there is none. Keys of AWS are not \
                 known here; {GET_CREDENTIALS}"
            ),
            Self::UnknownToken => write!(
                f,
                "The security token included in the request is invalid: it is not of this service, not of this \
                 access key, or the service has a new signing key; {GET_CREDENTIALS}"
            ),
            Self::Expired { not_after_ms, now_ms } => write!(
                f,
                "The security token included in the request is expired: it was valid until {}, and here it is \
                 {}; {GET_CREDENTIALS}",
                extended(*not_after_ms),
                extended(*now_ms)
            ),
            Self::PayloadMismatch => {
                write!(f, "The provided 'x-amz-content-sha256' header does not match what was computed")
            }
            Self::Mismatch => write!(
                f,
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. A proxy that changes the path, the Host header or the \
                 body has the same effect"
            ),
        }
    }
}

const GET_CREDENTIALS: &str = "`pipewright credentials` prints some, and a profile with it as \
                               `credential_process` renews them by itself";

fn skewed(f: &mut fmt::Formatter<'_>, signed_at_ms: i64, now_ms: i64) -> fmt::Result {
    let window_ms = CLOCK_SKEW_MAX_MINUTES * 60_000;
    let (signed_at, now) = (basic(signed_at_ms), basic(now_ms));
    if signed_at_ms < now_ms {
        let limit = basic(now_ms - window_ms);
        write!(f, "Signature expired: {signed_at} is now earlier than {limit} ({now} - ")?;
    } else {
        let limit = basic(now_ms + window_ms);
        write!(f, "Signature not yet current: {signed_at} is still later than {limit} ({now} + ")?;
    }
    write!(
        f,
        "{CLOCK_SKEW_MAX_MINUTES} min.). The request says that it is {signed_at}, and here it is {now}: "
    )?;
    write!(f, "set the clock of one of the two machines, or send the request again if it was held up")
}

impl std::error::Error for SignatureError {}
