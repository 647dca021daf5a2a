//! A request to another host, and its answer.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::template::Account;

/// An emulator answers at once, or it hangs.
const TIME_MAX: Duration = Duration::from_secs(60);
/// As large as an answer of AWS's control planes ever is, and more.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// # Errors
/// Why there is no answer, for people.
pub(crate) async fn send(
    request: Request<Bytes>,
    to: &Authority,
    account: &Account,
    service: &str,
) -> Result<Response<Bytes>, String> {
    let asked = tokio::time::timeout(TIME_MAX, async {
        let request = readdressed(request, to, account, service)?;
        exchange(request.map(Full::from), to).await
    });
    let answered = asked.await.unwrap_or_else(|_| Err("it takes too long".to_owned()));
    answered.map_err(|why| format!("http://{to}, where {service} is answered, does not answer: {why}"))
}

/// For the host `to`, signed.
fn readdressed(
    mut request: Request<Bytes>,
    to: &Authority,
    account: &Account,
    service: &str,
) -> Result<Request<Bytes>, String> {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let path = path.parse().map_err(|error| format!("the path: {error}"))?;
    *request.uri_mut() = path;
    let headers = request.headers_mut();
    for signed in ["x-amz-date", "x-amz-security-token"] {
        headers.remove(signed);
    }
    headers.remove(AUTHORIZATION);
    headers.remove(CONTENT_LENGTH);
    let host = HeaderValue::from_str(to.as_str()).map_err(|error| error.to_string())?;
    headers.insert(HOST, host);
    add_signature(&mut request, to, account, service)?;
    Ok(request)
}

fn add_signature(
    request: &mut Request<Bytes>,
    to: &Authority,
    account: &Account,
    service: &str,
) -> Result<(), String> {
    let identity = Credentials::new(account.id.clone(), "test", None, None, "pipewright").into();
    #[expect(
        clippy::disallowed_methods,
        reason = "a request is signed with the time of the machine that sends it"
    )]
    let now = SystemTime::now();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&account.region)
        .name(service)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?;
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let uri = format!("http://{to}{}", request.uri());
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body)
        .map_err(|error| error.to_string())?;
    let signed = sign(signable, &parameters.into()).map_err(|error| error.to_string())?;
    signed.into_parts().0.apply_to_request_http1x(request);
    Ok(())
}

async fn exchange(request: Request<Full<Bytes>>, to: &Authority) -> Result<Response<Bytes>, String> {
    let said = |error: hyper::Error| error.to_string();
    let host = to.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, to.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(said)?;
    let (mut parts, body) = response.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|error| error.to_string())?;
    connection.abort();
    for of_this_connection in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
        parts.headers.remove(of_this_connection);
    }
    Ok(Response::from_parts(parts, body.to_bytes()))
}
