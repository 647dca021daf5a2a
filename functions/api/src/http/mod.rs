//! The API over HTTP: what API Gateway hands to the function, and what it takes back.
//!
//! Whoever stands in front of the function (API Gateway; on one machine, the local gateway) makes an
//! [`HttpEvent`] of a request and a reply of the [`HttpAnswer`]. The function trusts nothing in the event but
//! the bytes: who asks is found out from the request's signature.
//!
//! One path is no call of the API: at `/keys` whoever proves who they are on AWS gets a key to sign calls with.
//!
//! Clients speak one of the two protocols of the service model, AWS JSON 1.1 or RPC v2 CBOR. Nothing else is
//! answered, and no header allows other origins, so that no web page can call on behalf of a person.

mod answer;
mod authenticate;
mod authorize;
mod keys;
mod request;

use platform::{Fault, Platform, ids};

use self::request::Protocol;
use crate::{Request, Response, call};

pub use platform::http_event::{HttpAnswer, HttpContext, HttpEvent, RequestContext};

/// What stands before the operation in `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "CodePipeline_20150709";
/// The name that requests are signed for.
pub const SIGNING_SERVICE: &str = "codepipeline";
/// A body with more bytes is refused. Base64 makes a third more of it, and Lambda takes 6 MB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Answers a request; whatever is wrong with it is an answer too.
///
/// # Errors
/// The event is not of API Gateway's payload format 2.0.
pub async fn handle(platform: Platform, event: HttpEvent) -> Result<HttpAnswer, Fault> {
    if event.version != "2.0" {
        let version = &event.version;
        return Err(Fault::misconfigured(format!(
            "the payload format version is '{version}', and has to be 2.0"
        )));
    }
    let request_id = ids::uuid();
    if keys::is_asked_for(&event) {
        return Ok(keys::answer(&platform, &event, &request_id).await);
    }
    let (protocol, response) = match Protocol::of(&event) {
        Ok(protocol) => (protocol, answer(&platform, protocol, &event, &request_id).await),
        Err(refused) => (Protocol::AwsJson, Err(refused)),
    };
    let (Ok(response) | Err(response)) = response;
    Ok(answer::to_http(protocol, &response, &request_id))
}

/// An error is a response as well: the first thing that is wrong.
async fn answer(
    platform: &Platform,
    protocol: Protocol,
    event: &HttpEvent,
    request_id: &str,
) -> Result<Response, Response> {
    let body = request::body(event)?;
    let principal = authenticate::authenticate(platform, event, &body).await?;
    let operation = protocol.operation(event)?.to_owned();
    let input = protocol.input(&body)?;
    authorize::authorize(platform, &principal, &operation, &input).await?;
    let request = Request { operation, input, caller: principal.name, create_starts_execution: true };
    let response = call(platform, &request).await;
    tracing::info!(
        request_id,
        gateway_request_id = event.request_context.request_id,
        operation = request.operation,
        caller = request.caller,
        status = response.status,
        error = response.body["__type"].as_str(),
        "answered"
    );
    Ok(response)
}

#[cfg(test)]
mod tests;
