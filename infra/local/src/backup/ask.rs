//! Asking the service that has a data directory open: over its endpoint, with a key of its owner.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::up::ServiceFile;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub status: StatusCode,
    /// The server's time, from the header `Date`.
    pub date: Option<String>,
    pub body: Value,
}

/// A copy of much data takes a while.
const TIME_MAX: Duration = Duration::from_secs(3600);
/// Health is asked by somebody who waits.
const HEALTH_TIME_MAX: Duration = Duration::from_secs(5);

/// `GET /health`, which needs no key.
pub(crate) async fn ask_health(service: &ServiceFile) -> Result<Answered, String> {
    let request = Request::builder().method(Method::GET).uri("/health").header("host", host(service));
    let request = request.body(Full::default()).map_err(|error| error.to_string())?;
    send(service, request, HEALTH_TIME_MAX).await
}

/// A call of an operation, `X-Amz-Target: <target>`, signed for `signing_name`.
pub(crate) async fn ask(
    service: &ServiceFile,
    credentials: Credentials,
    signing_name: &str,
    target: &str,
) -> Result<Answered, String> {
    let body = "{}";
    let request = Request::builder()
        .method(Method::POST)
        .uri("/")
        .header("host", host(service))
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target);
    let mut request =
        request.body(Full::from(Bytes::from_static(body.as_bytes()))).map_err(|error| error.to_string())?;
    add_signature(&mut request, body, service, credentials, signing_name)?;
    send(service, request, TIME_MAX).await
}

fn add_signature(
    request: &mut Request<Full<Bytes>>,
    body: &str,
    service: &ServiceFile,
    credentials: Credentials,
    signing_name: &str,
) -> Result<(), String> {
    let identity = credentials.into();
    #[expect(
        clippy::disallowed_methods,
        reason = "a request is signed with the time of the machine that sends it"
    )]
    let now = std::time::SystemTime::now();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&service.region)
        .name(signing_name)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?;
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let uri = format!("{}/", service.endpoint);
    let signable = SignableRequest::new("POST", uri, headers, SignableBody::Bytes(body.as_bytes()))
        .map_err(|error| error.to_string())?;
    let signed = sign(signable, &parameters.into()).map_err(|error| error.to_string())?;
    signed.into_parts().0.apply_to_request_http1x(request);
    Ok(())
}

fn host(service: &ServiceFile) -> &str {
    service.endpoint.trim_start_matches("http://")
}

async fn send(
    service: &ServiceFile,
    request: Request<Full<Bytes>>,
    time_max: Duration,
) -> Result<Answered, String> {
    let asked = tokio::time::timeout(time_max, exchange(service, request)).await;
    let answered = asked.unwrap_or_else(|_| Err("it did not answer in time".to_owned()));
    answered.map_err(|why| format!("{} does not answer: {why}", service.endpoint))
}

async fn exchange(service: &ServiceFile, request: Request<Full<Bytes>>) -> Result<Answered, String> {
    let said = |error: hyper::Error| error.to_string();
    let stream = TcpStream::connect(host(service)).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(said)?;
    let status = response.status();
    let date = response.headers().get("date").and_then(|date| date.to_str().ok()).map(str::to_owned);
    let body = response.into_body().collect().await.map_err(said)?.to_bytes();
    connection.abort();
    Ok(Answered { status, date, body: serde_json::from_slice(&body).unwrap_or_default() })
}
