//! `POST /keys`: a key of this service for whoever proves who they are on AWS.
//!
//! | the request | is answered |
//! | --- | --- |
//! | a proof of somebody with a role | 200 with a key, as a `credential_process` prints it, and whose it is |
//! | a proof that is none, or too old, or for another service; somebody without a role | 403 `AccessDeniedException` |
//! | a body that is not `{"url": "…"}` | 400 `ValidationException` |
//! | a body that is too large | 413 `RequestEntityTooLargeException` |
//!
//! The URL is never followed: what is called is STS, where the SDK finds it, with the parts of the URL that were
//! checked. The address of this service is sent along as the header that has to be signed, so STS refuses what was
//! signed for another one.
//!
//! Nothing is stored. A key says for whom it was issued and for which role, and it is good as long as that is still
//! so: who loses a role by a change of `CallerRoles` loses it at once.

use engine::permissions::{ADMINISTRATOR, CallerRoles};
use platform::outside::CallerIdentity;
use platform::{Fault, Platform};
use serde_json::{Value, json};
use signature::{ENDPOINT_HEADER, Principal, Validity, identity_call, issue_as};

use super::{HttpAnswer, HttpEvent};
use crate::Response;
use crate::signing_key::signing_key;

/// A proof has some kilobytes, most of them the session token.
const BODY_BYTES_MAX: usize = 32 * 1024;
/// Clients ask for a new one before.
const LIFETIME_MS: i64 = 3600 * 1000;
/// What the names of principals begin with whom AWS knows, and of no others.
const ARN: &str = "arn:";

pub(super) fn is_asked_for(event: &HttpEvent) -> bool {
    event.request_context.http.method == "POST" && event.raw_path == "/keys"
}

/// Never an error: what broke on our side is an answer, too.
pub(super) async fn answer(platform: &Platform, event: &HttpEvent, request_id: &str) -> HttpAnswer {
    let (Ok(response) | Err(response)) = key_for(platform, event).await;
    tracing::info!(
        request_id,
        gateway_request_id = event.request_context.request_id,
        caller = response.body["Principal"].as_str(),
        role = response.body["Role"].as_str(),
        status = response.status,
        error = response.body["__type"].as_str(),
        message = response.body["message"].as_str(),
        "answered a request for a key"
    );
    let headers = [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-amzn-requestid", request_id),
    ];
    HttpAnswer {
        status_code: response.status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: response.body.to_string(),
        is_base64_encoded: false,
    }
}

async fn key_for(platform: &Platform, event: &HttpEvent) -> Result<Response, Response> {
    let url = url_of(event)?;
    let config = &platform.config;
    let missing = || Fault::misconfigured("the environment variable API_ENDPOINT is not set");
    let endpoint = config.api_endpoint.clone().ok_or_else(missing).map_err(|fault| broken(&fault))?;
    let roles = caller_roles(platform)?;
    let now_ms = platform.clock.now().0;
    let call = identity_call(&url, &config.region, now_ms)
        .map_err(|error| denied(&format!("The URL proves nothing: {error}.")))?;
    let headers = vec![(ENDPOINT_HEADER, endpoint.clone())];
    let arn = match platform.caller_identity(call, headers).await.map_err(|fault| broken(&fault))? {
        CallerIdentity::Known { arn } => arn,
        CallerIdentity::Refused { code } => {
            return Err(denied(&format!(
                "STS does not accept the signature ({code}). Is it made with keys of AWS that are still good, and for \
                 {ENDPOINT_HEADER}: {endpoint}?"
            )));
        }
    };
    let role = roles.role_of(&arn).ok_or_else(|| {
        denied(&format!(
            "{arn} has no role here. Who runs the service gives one with the parameter CallerRoles: {arn}=<role>."
        ))
    })?;
    let key = signing_key(platform).await.map_err(|fault| broken(&fault))?;
    let validity = Validity { issued_at_ms: now_ms, not_after_ms: now_ms + LIFETIME_MS };
    let key = issue_as(&key, &arn, Some(role), validity);
    let mut body: Value = serde_json::from_str(&key.to_process_json()).unwrap_or_default();
    body["Principal"] = json!(arn);
    body["Role"] = json!(role);
    Ok(Response { status: 200, body })
}

/// Whether somebody whom AWS knows still has the role that the key was issued for.
///
/// # Errors
/// The answer for whoever has another one, or none.
pub(super) fn check_role(platform: &Platform, principal: &Principal) -> Result<(), Response> {
    let Principal { name, role, .. } = principal;
    if !name.starts_with(ARN) {
        return Ok(());
    }
    let role = role.as_deref().unwrap_or(ADMINISTRATOR);
    if caller_roles(platform)?.role_of(name) == Some(role) {
        return Ok(());
    }
    let message = format!("{name} has the role {role} no more, which this key is for. Ask for a new key.");
    Err(Response::error(400, "ExpiredTokenException", &message))
}

fn url_of(event: &HttpEvent) -> Result<String, Response> {
    let invalid = |message: &str| Response::error(400, "ValidationException", message);
    let body = event.body_bytes().ok_or_else(|| invalid("The body of the event is not base64."))?;
    if body.len() > BODY_BYTES_MAX {
        let message = format!("The body has {} bytes; {BODY_BYTES_MAX} are allowed.", body.len());
        return Err(Response::error(413, "RequestEntityTooLargeException", &message));
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let url = body["url"].as_str().map(str::to_owned);
    url.ok_or_else(|| {
        invalid("The body is {\"url\": \"…\"} with a presigned call of STS's GetCallerIdentity, as `pipewright login` makes it.")
    })
}

fn caller_roles(platform: &Platform) -> Result<CallerRoles, Response> {
    CallerRoles::parse(&platform.config.caller_roles)
        .map_err(|problem| broken(&Fault::misconfigured(format!("the parameter CallerRoles: {problem}"))))
}

/// What it is, is in the service's log.
fn broken(fault: &Fault) -> Response {
    tracing::error!(%fault, "nobody can be given a key");
    Response::error(
        500,
        "InternalFailure",
        "The service cannot find out who asks; its log says why. Try again.",
    )
}

fn denied(message: &str) -> Response {
    Response::error(403, "AccessDeniedException", message)
}
