//! Who asks: Signature Version 4 with keys that the service issued itself.

use platform::Platform;
use signature::{Principal, Protocol, Scope, SignedRequest, verify};

use super::{HttpEvent, SIGNING_SERVICE, keys};
use crate::Response;
use crate::signing_key::signing_key;

/// The principal whose key signed the request; `body` are the bytes that were signed.
///
/// # Errors
/// The answer for whoever is not known. Why the key cannot be read is logged, and nobody else's business.
pub(super) async fn authenticate(
    platform: &Platform,
    event: &HttpEvent,
    body: &[u8],
) -> Result<Principal, Response> {
    let headers: Vec<_> = event.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = SignedRequest {
        method: &event.request_context.http.method,
        path: &event.raw_path,
        query: &event.raw_query_string,
        headers: &headers,
        body,
    };
    let key = signing_key(platform).await.map_err(|fault| {
        tracing::error!(%fault, "no signature can be verified");
        Response::error(500, "InternalFailure", "The signing key of the service cannot be read.")
    })?;
    let scope = Scope { region: &platform.config.region, services: &[SIGNING_SERVICE] };
    let principal = verify(&request, &key, platform.clock.now().0, scope).map_err(|error| {
        let (status, code) = (error.status(Protocol::Json), error.code(Protocol::Json));
        tracing::warn!(gateway_request_id = event.request_context.request_id, code, %error, "not authenticated");
        Response::error(status, code, &error.to_string())
    })?;
    keys::check_role(platform, &principal)?;
    Ok(principal)
}
