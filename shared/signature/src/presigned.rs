//! A request whose signature is in its query, made with a key that was issued here: what a service can verify of it
//! that stands in STS's place.
//!
//! The API itself takes none: whoever sees a presigned URL can send it.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq;

use crate::authorization::Authorization;
use crate::headers::Headers;
use crate::session_token::{Claims, access_key_id};
use crate::verify::signature;
use crate::{MasterKey, Principal, Scope, SignatureError, SignedRequest, canonical, timestamp};

pub(crate) const ALGORITHM: &str = "X-Amz-Algorithm";
pub(crate) const CREDENTIAL: &str = "X-Amz-Credential";
pub(crate) const DATE: &str = "X-Amz-Date";
pub(crate) const EXPIRES: &str = "X-Amz-Expires";
pub(crate) const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders";
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";
const SESSION_TOKEN: &str = "X-Amz-Security-Token";

/// Whether the query has a signature in it.
#[must_use]
pub fn is_presigned(query: &str) -> bool {
    canonical::parameters(query).any(|(name, _)| name == SIGNATURE.as_bytes())
}

/// The principal to whom the key was issued that presigned the request, which has no body.
///
/// # Errors
/// [`SignatureError`] for everything else.
pub fn verify_presigned(
    request: &SignedRequest<'_>,
    master: &MasterKey,
    now_ms: i64,
    scope: Scope<'_>,
) -> Result<Principal, SignatureError> {
    let parameters = parameters(request.query)?;
    let value = |name: &'static str| {
        let value = parameters.get(name).map(String::as_str);
        value.ok_or(SignatureError::Malformed("a parameter of the signature is missing in the query"))
    };
    let authorization = Authorization::of_parameters(
        value(ALGORITHM)?,
        value(CREDENTIAL)?,
        value(SIGNED_HEADERS)?,
        value(SIGNATURE)?,
    )?;
    authorization.check_scope(scope)?;
    if !authorization.signs("host") {
        return Err(SignatureError::UnsignedHeader("host".to_owned()));
    }
    check_time(value(DATE)?, value(EXPIRES)?, &authorization, now_ms)?;
    let token = parameters.get(SESSION_TOKEN).ok_or(SignatureError::MissingToken)?;
    let claims = Claims::of_token(master, token).ok_or(SignatureError::UnknownToken)?;
    if access_key_id(master, token) != authorization.access_key_id {
        return Err(SignatureError::UnknownToken);
    }
    if now_ms >= claims.not_after_ms {
        return Err(SignatureError::Expired { not_after_ms: claims.not_after_ms, now_ms });
    }
    let query: Vec<_> =
        request.query.split('&').filter(|pair| !pair.starts_with("X-Amz-Signature=")).collect();
    let unsigned = SignedRequest { query: &query.join("&"), ..*request };
    let body = canonical::sha256_hex(request.body);
    let canonical = canonical::request(&unsigned, &Headers::new(request.headers), &authorization, &body)?;
    let expected = signature(master, &authorization, value(DATE)?, &canonical);
    let is_same: bool = expected.as_bytes().ct_eq(authorization.signature.as_bytes()).into();
    match is_same {
        true => Ok(claims.principal_of(&authorization)),
        false => Err(SignatureError::Mismatch),
    }
}

/// Each once.
fn parameters(query: &str) -> Result<BTreeMap<String, String>, SignatureError> {
    let mut parameters = BTreeMap::new();
    for (name, value) in canonical::parameters(query) {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        if parameters.insert(text(&name), text(&value)).is_some() {
            return Err(SignatureError::Malformed("a parameter of the query stands there twice"));
        }
    }
    Ok(parameters)
}

fn check_time(
    date: &str,
    expires: &str,
    authorization: &Authorization<'_>,
    now_ms: i64,
) -> Result<(), SignatureError> {
    let signed_at_ms =
        timestamp::parse_basic(date).ok_or_else(|| SignatureError::InvalidDate(date.to_owned()))?;
    if !date.starts_with(authorization.date) || authorization.date.len() != "YYYYMMDD".len() {
        let (scope_date, signed_at) = (authorization.date.to_owned(), date.to_owned());
        return Err(SignatureError::WrongScopeDate { scope_date, signed_at });
    }
    let seconds: u32 =
        expires.parse().map_err(|_| SignatureError::Malformed("X-Amz-Expires is no number"))?;
    let until_ms = signed_at_ms + i64::from(seconds) * 1000;
    let window_ms = crate::CLOCK_SKEW_MAX_MINUTES * 60_000;
    if now_ms > until_ms || now_ms < signed_at_ms - window_ms {
        return Err(SignatureError::Skewed { signed_at_ms, now_ms });
    }
    Ok(())
}
