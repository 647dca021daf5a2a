//! Requests to embedded services: signed with a key of this service, they come from the owner of its data.

use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use local_service::ApiError;
use signature::{MasterKey, Principal, Protocol, Scope, SignatureError, SignedRequest};

use crate::connector::OWNER;

/// Verifies the request, says who sent it, and signs it over to the owner, whom the connector knows. Whatever it says
/// of who sends it is gone then: nobody outside of this process speaks in the name of a function.
///
/// # Errors
/// The refusal, in the words of the service that was asked.
pub(super) fn verify(
    parts: &mut Parts,
    body: &Bytes,
    master: &MasterKey,
    now_ms: i64,
    region: &str,
    service: &str,
) -> Result<Principal, ApiError> {
    let protocol = if service == "s3" { Protocol::S3 } else { Protocol::Json };
    let verified = verified(parts, body, master, now_ms, Scope { region, services: &[service] });
    let principal = verified.map_err(|error| {
        let code = error.code(protocol).to_owned();
        ApiError { code, message: error.to_string(), status: error.status(protocol) }
    })?;
    let owner = format!("AWS4-HMAC-SHA256 Credential={OWNER}/19700101/{region}/{service}/aws4_request");
    parts.headers.remove("x-amz-security-token");
    if let Ok(owner) = HeaderValue::from_str(&owner) {
        parts.headers.insert(AUTHORIZATION, owner);
    }
    Ok(principal)
}

fn verified(
    parts: &Parts,
    body: &Bytes,
    master: &MasterKey,
    now_ms: i64,
    scope: Scope<'_>,
) -> Result<Principal, SignatureError> {
    let headers = parts.headers.iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers: Option<Vec<_>> = headers.collect();
    let headers = headers.ok_or(SignatureError::Malformed("a header of the request is no text"))?;
    let request = SignedRequest {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &headers,
        body,
    };
    signature::verify(&request, master, now_ms, scope)
}
