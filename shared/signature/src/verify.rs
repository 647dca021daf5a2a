//! Whether a request was signed with a key that was issued here, and whose key it is.

use subtle::ConstantTimeEq;

use crate::authorization::Authorization;
use crate::headers::Headers;
use crate::master_key::hmac_sha256;
use crate::session_token::{Claims, access_key_id, secret_access_key};
use crate::{MasterKey, SignatureError, canonical, timestamp};

/// How far the clocks of a caller and of the service may be apart, and so how long a request that somebody
/// listened to could be sent again.
pub const CLOCK_SKEW_MAX_MINUTES: i64 = 5;

/// A request as the client sent it: nothing decoded, nothing added, no prefix of the path taken away.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    pub method: &'a str,
    /// Percent-encoded, without the query.
    pub path: &'a str,
    /// Percent-encoded, without the `?`; empty if there is none.
    pub query: &'a str,
    /// In the order of the request, a repeated header as often as it was sent.
    pub headers: &'a [(&'a str, &'a str)],
    /// The bytes themselves: a gateway that hands them on as base64 did that after they were signed.
    pub body: &'a [u8],
}

/// What a signature has to be for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    pub region: &'a str,
    /// The names for signing (`codepipeline`, `logs`, `s3`) of which the request may have any.
    pub services: &'a [&'a str],
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub name: String,
    /// `None` for whoever has the owner's.
    pub role: Option<String>,
    pub access_key_id: String,
    pub issued_at_ms: i64,
    pub not_after_ms: i64,
    /// Which service of the [`Scope`] the request was signed for.
    pub service: String,
}

/// The principal to whom the key was issued that signed the request.
///
/// # Errors
/// [`SignatureError`] for everything else; nothing is taken on trust.
pub fn verify(
    request: &SignedRequest<'_>,
    master: &MasterKey,
    now_ms: i64,
    scope: Scope<'_>,
) -> Result<Principal, SignatureError> {
    let headers = Headers::new(request.headers);
    let authorization = authorization_of(request, &headers)?;
    authorization.check_scope(scope)?;
    check_signed_headers(request.path, &authorization, &headers)?;
    let signed_at = signed_at(&authorization, &headers, now_ms)?;
    let claims = claims_of(&authorization, &headers, master)?;
    if now_ms >= claims.not_after_ms {
        return Err(SignatureError::Expired { not_after_ms: claims.not_after_ms, now_ms });
    }
    let payload_hash = payload_hash(request.body, &headers, authorization.service)?;
    let canonical = canonical::request(request, &headers, &authorization, &payload_hash)?;
    let signature = signature(master, &authorization, signed_at, &canonical);
    let is_same: bool = signature.as_bytes().ct_eq(authorization.signature.as_bytes()).into();
    if !is_same {
        return Err(SignatureError::Mismatch);
    }
    Ok(claims.principal_of(&authorization))
}

fn authorization_of<'a>(
    request: &SignedRequest<'_>,
    headers: &Headers<'a>,
) -> Result<Authorization<'a>, SignatureError> {
    let mut parameters = canonical::parameters(request.query);
    if parameters.any(|(name, _)| name.to_ascii_lowercase().starts_with(b"x-amz-")) {
        return Err(SignatureError::Unsupported("The request is presigned: its query has X-Amz-…".into()));
    }
    Authorization::parse(headers.single("authorization")?.ok_or(SignatureError::NotSigned)?)
}

/// Every header that says what is asked has to be signed. Others may have been added on the way.
fn check_signed_headers(
    path: &str,
    authorization: &Authorization<'_>,
    headers: &Headers<'_>,
) -> Result<(), SignatureError> {
    let unsigned = |name: &str| SignatureError::UnsignedHeader(name.to_owned());
    let is_s3 = authorization.service == "s3";
    let required = match is_s3 {
        true => ["host", "x-amz-date", "x-amz-content-sha256"].as_slice(),
        // In the protocol RPC v2 the path says what is asked, and the path is always signed.
        false if path.starts_with("/service/") => ["host", "x-amz-date", "content-type"].as_slice(),
        false => ["host", "x-amz-date", "x-amz-target", "content-type"].as_slice(),
    };
    for name in required.iter().copied() {
        if headers.single(name)?.is_none() || !authorization.signs(name) {
            return Err(unsigned(name));
        }
    }
    let says_what_is_asked = |name: &&str| match *name {
        "x-amz-security-token" | "x-amz-content-sha256" | "x-amz-target" => true,
        "content-type" | "content-md5" => is_s3,
        name => is_s3 && name.starts_with("x-amz-"),
    };
    let mut names = headers.names().filter(says_what_is_asked);
    names.find(|name| !authorization.signs(name)).map_or(Ok(()), |name| Err(unsigned(name)))
}

/// The `x-amz-date` of the request, if it is of now.
fn signed_at<'a>(
    authorization: &Authorization<'_>,
    headers: &Headers<'a>,
    now_ms: i64,
) -> Result<&'a str, SignatureError> {
    let signed_at = headers.single("x-amz-date")?.unwrap_or_default();
    let Some(signed_at_ms) = timestamp::parse_basic(signed_at) else {
        return Err(SignatureError::InvalidDate(signed_at.to_owned()));
    };
    if !signed_at.starts_with(authorization.date) || authorization.date.len() != "YYYYMMDD".len() {
        let (scope_date, signed_at) = (authorization.date.to_owned(), signed_at.to_owned());
        return Err(SignatureError::WrongScopeDate { scope_date, signed_at });
    }
    if signed_at_ms.abs_diff(now_ms) > CLOCK_SKEW_MAX_MINUTES.unsigned_abs() * 60_000 {
        return Err(SignatureError::Skewed { signed_at_ms, now_ms });
    }
    Ok(signed_at)
}

fn claims_of(
    authorization: &Authorization<'_>,
    headers: &Headers<'_>,
    master: &MasterKey,
) -> Result<Claims, SignatureError> {
    let token = headers.single("x-amz-security-token")?.ok_or(SignatureError::MissingToken)?;
    let claims = Claims::of_token(master, token).ok_or(SignatureError::UnknownToken)?;
    if access_key_id(master, token) != authorization.access_key_id {
        return Err(SignatureError::UnknownToken);
    }
    Ok(claims)
}

fn payload_hash(body: &[u8], headers: &Headers<'_>, service: &str) -> Result<String, SignatureError> {
    let computed = canonical::sha256_hex(body);
    let Some(sent) = headers.single("x-amz-content-sha256")? else {
        return Ok(computed);
    };
    if sent == computed {
        return Ok(computed);
    }
    if sent == "UNSIGNED-PAYLOAD" {
        return Err(SignatureError::Unsupported(
            "The body is not signed (UNSIGNED-PAYLOAD); have the client sign it, for example with \
             payload_signing_enabled = true in the s3 section of the profile"
                .into(),
        ));
    }
    if sent.starts_with("STREAMING-") {
        return Err(SignatureError::Unsupported(format!(
            "The body is sent in chunks ({sent}) for {service}, which is not supported here; set \
             AWS_REQUEST_CHECKSUM_CALCULATION=when_required, or request_checksum_calculation = when_required \
             in the profile"
        )));
    }
    Err(SignatureError::PayloadMismatch)
}

/// In hexadecimal.
pub(crate) fn signature(
    master: &MasterKey,
    authorization: &Authorization<'_>,
    signed_at: &str,
    canonical: &str,
) -> String {
    let scope = authorization.scope();
    let text =
        format!("AWS4-HMAC-SHA256\n{signed_at}\n{scope}\n{}", canonical::sha256_hex(canonical.as_bytes()));
    let secret = format!("AWS4{}", secret_access_key(master, authorization.access_key_id));
    // The key is derived part by part of the scope, whose last one is aws4_request.
    let key =
        scope.split('/').fold(secret.into_bytes(), |key, part| hmac_sha256(&key, part.as_bytes()).to_vec());
    canonical::hex(&hmac_sha256(&key, text.as_bytes()))
}
