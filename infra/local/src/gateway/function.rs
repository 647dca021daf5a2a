//! A request that a route of the template takes: to the function behind it, and back.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use platform::ids;

use super::answer;
use super::endpoint::Gateway;
use super::event::{Occasion, event};
use super::refusal::Refusal;
use crate::stack::ACCOUNT_ID;

/// An HTTP API waits for an integration no longer (API Gateway quotas).
const INTEGRATION_TIME_MAX: Duration = Duration::from_secs(30);

pub(super) async fn answer(
    gateway: &Gateway,
    parts: &Parts,
    body: &Bytes,
    source: IpAddr,
    now_ms: i64,
) -> Result<Response<Bytes>, Refusal> {
    let route = gateway.stack.route(parts.method.as_str(), parts.uri.path());
    let route = route.ok_or_else(Refusal::not_found)?;
    let occasion = Occasion {
        account_id: ACCOUNT_ID,
        route_key: route.key.to_string(),
        path_parameters: route
            .key
            .path_parameters(parts.method.as_str(), parts.uri.path())
            .unwrap_or_default(),
        request_id: ids::uuid(),
        source,
        now_ms,
    };
    let event = event(parts, body, &occasion);
    let invoked = gateway.stack.invoke(&route.function, event);
    match tokio::time::timeout(INTEGRATION_TIME_MAX, invoked).await {
        Ok(Ok(answered)) => answer::response(&answered).ok_or_else(broken),
        Ok(Err(error)) if error.error_type == "Lambda.RequestTooLargeException" => {
            let message = "The request does not fit into the event of a function.";
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message))
        }
        Ok(Err(error)) => {
            tracing::error!(function = route.function, error_type = error.error_type, "a request failed");
            Err(broken())
        }
        Err(_) => {
            let message = "The function did not answer in time; what it began may still go on.";
            Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message))
        }
    }
}

/// What broke is in the service's log, not in the answer.
fn broken() -> Refusal {
    let message = "The service could not answer; its log says why. Try again.";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", message)
}
