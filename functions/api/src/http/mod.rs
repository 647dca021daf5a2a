//! The API over HTTP: what API Gateway hands to the function, and what it takes back.
//!
//! Whoever stands in front of the function (API Gateway; on one machine, the local gateway) makes an
//! [`HttpEvent`] of a request and a reply of the [`HttpAnswer`]. The function trusts nothing in the event but
//! the bytes: who asks is found out from the request's signature.
//!
//! A call is `POST /` with `X-Amz-Target: CodePipeline_20150709.<operation>` and JSON (AWS JSON 1.1). Nothing
//! else is answered, and no header allows other origins, so that no web page can call on behalf of a person.

mod authenticate;
mod event;
mod request;

use platform::{Fault, Platform, ids};
use serde_json::Value;

use crate::{Request, Response, call};

pub use event::{HttpAnswer, HttpContext, HttpEvent, RequestContext};

/// What stands before the operation in `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "CodePipeline_20150709";
/// The name that requests are signed for.
pub const SIGNING_SERVICE: &str = "codepipeline";
/// A body with more bytes is refused. Base64 makes a third more of it, and Lambda takes 6 MB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

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
    let response = match answer(&platform, &event, &request_id).await {
        Ok(response) | Err(response) => response,
    };
    Ok(to_http(&response, request_id))
}

/// An error is a response as well: the first thing that is wrong.
async fn answer(platform: &Platform, event: &HttpEvent, request_id: &str) -> Result<Response, Response> {
    request::check_route(event)?;
    let body = request::body(event)?;
    let principal = authenticate::authenticate(platform, event, &body).await?;
    let operation = request::operation(event)?.to_owned();
    let input = request::input(&body)?;
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

fn to_http(response: &Response, request_id: String) -> HttpAnswer {
    let body = match &response.body {
        // As the service does for an operation without output.
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let headers = [("content-type", CONTENT_TYPE.to_owned()), ("x-amzn-requestid", request_id)];
    HttpAnswer {
        status_code: response.status,
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body,
        is_base64_encoded: false,
    }
}

#[cfg(test)]
mod tests;
