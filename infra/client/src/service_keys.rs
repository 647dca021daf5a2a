//! Keys of a service on AWS for somebody whom AWS knows: a proof of who they are goes there, and a key comes back.
//!
//! The proof is a call of STS's GetCallerIdentity, signed with the keys that the AWS configuration leads to, together
//! with the address of the service; see `signature::identity_call`. No secret leaves this machine.

use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use signature::{CALLER_IDENTITY_QUERY, ENDPOINT_HEADER, PROOF_SECONDS_MAX, sts_host};

use crate::clock::Clock;
use crate::connection::http_client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Look;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A function that was idle takes some seconds, and asks STS.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// What a `credential_process` prints.
const PRINTED: [&str; 5] = ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];

/// Which service, and whose keys of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAddress {
    /// `https://id.execute-api.eu-west-1.amazonaws.com`, as [`service_endpoint`] writes it.
    pub endpoint: String,
    pub region: String,
    /// The profile of the AWS configuration that the keys are from.
    pub source_profile: String,
}

/// A key of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKeys {
    /// What a `credential_process` prints.
    pub process_json: String,
    /// The ARN of whom the service takes the keys to be of.
    pub principal: String,
    pub role: String,
}

/// Why there is no key.
#[derive(Debug)]
pub struct NoServiceKeys(Failure);

impl NoServiceKeys {
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// What, why and what to do, as it is printed.
    pub fn text(&self) -> String {
        self.0.render(Look::default())
    }
}

/// The address of a service in the only form in which it is signed.
///
/// # Errors
/// What is wrong with it. Without TLS a key would be read on the way; on this machine there is no way.
pub fn service_endpoint(url: &str) -> Result<String, String> {
    let parts = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let Some((scheme, rest)) = parts else { return Err(format!("'{url}' is no URL: https://…")) };
    let host = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
    if host.is_empty() || host.contains(['/', '?', '#', '@']) || host.contains(char::is_whitespace) {
        return Err(format!("'{url}' has more to it than a host: https://HOST"));
    }
    let name = host.strip_prefix('[').map_or(host.split(':').next(), |rest| rest.split(']').next());
    let is_here = matches!(name, Some("127.0.0.1" | "localhost" | "::1"));
    match scheme.as_str() {
        "https" => Ok(format!("https://{host}")),
        "http" if is_here => Ok(format!("http://{host}")),
        _ => Err(format!("'{url}' does not begin with https://, so that the key could be read on its way")),
    }
}

/// The Region that the address of an HTTP API names.
pub fn region_of_endpoint(endpoint: &str) -> Option<String> {
    let (_, rest) = endpoint.split_once(".execute-api.")?;
    let (region, suffix) = rest.split_once('.')?;
    suffix.starts_with("amazonaws.com").then(|| region.to_owned())
}

/// The Region of a profile, or of the environment.
pub async fn configured_region(source_profile: &str) -> Option<String> {
    configuration(source_profile, None).await.region().map(ToString::to_string)
}

/// Asks the service for a key.
///
/// # Errors
/// There are no keys of AWS, the service cannot be reached, or it gives none.
pub async fn service_keys(address: &ServiceAddress) -> Result<ServiceKeys, NoServiceKeys> {
    ask(address).await.map_err(NoServiceKeys)
}

async fn ask(address: &ServiceAddress) -> Result<ServiceKeys, Failure> {
    let credentials = credentials(address).await?;
    let proof = proof(address, credentials, Clock::of_process().now().into())?;
    let (status, body) = post(&format!("{}/keys", address.endpoint), &json!({ "url": proof })).await?;
    keys_of_answer(status, &body, &address.endpoint)
}

async fn configuration(source_profile: &str, region: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(None))
        .profile_name(source_profile);
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    loader.load().await
}

async fn credentials(address: &ServiceAddress) -> Result<Credentials, Failure> {
    let none = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::NotAllowed, format!("there are no keys of AWS to prove who you are with: {why}"))
            .help("sign in to AWS, or name a profile of the AWS configuration that has keys with --source-profile")
    };
    let configuration = configuration(&address.source_profile, Some(&address.region)).await;
    let provider = configuration.credentials_provider().ok_or_else(|| none(&"no provider is configured"))?;
    let found = provider.provide_credentials().await;
    found.map_err(|error| none(&causes(&error)))
}

/// The call, presigned for a minute, with the address of the service.
fn proof(address: &ServiceAddress, credentials: Credentials, at: SystemTime) -> Result<String, Failure> {
    let broken = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, format!("a proof of who you are cannot be signed: {error}"))
    };
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(PROOF_SECONDS_MAX.unsigned_abs()));
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&address.region)
        .name("sts")
        .time(at)
        .settings(settings)
        .build()
        .map_err(|error| broken(&error))?
        .into();
    let url = format!("https://{}/?{CALLER_IDENTITY_QUERY}", sts_host(&address.region));
    let headers = [(ENDPOINT_HEADER, address.endpoint.as_str())].into_iter();
    let call = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[]));
    let signed = sign(call.map_err(|error| broken(&error))?, &parameters).map_err(|error| broken(&error))?;
    let mut request = http::Request::get(&url).body(()).map_err(|error| broken(&error))?;
    signed.into_parts().0.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}

/// Nothing is followed: who answers is who was asked, or nobody.
async fn post(url: &str, body: &Value) -> Result<(u16, Vec<u8>), Failure> {
    let unreachable = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Unreachable, format!("no service answers at {url}: {error}"))
    };
    let settings =
        HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    let builder = Connector::builder().connector_settings(settings);
    let connector = match url.starts_with("http://") {
        true => builder.build_http(),
        false => builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build(),
    };
    let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
    request.set_method("POST").map_err(|error| unreachable(&error))?;
    request.set_uri(url).map_err(|error| unreachable(&error))?;
    request.headers_mut().insert("content-type", "application/json");
    let answer = connector.call(request).await.map_err(|error| unreachable(&causes(&error)))?;
    let (status, body) = (answer.status().as_u16(), answer.into_body());
    let body = aws_smithy_types::byte_stream::ByteStream::new(body).collect().await;
    Ok((status, body.map_err(|error| unreachable(&error))?.to_vec()))
}

fn keys_of_answer(status: u16, body: &[u8], endpoint: &str) -> Result<ServiceKeys, Failure> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| answer[name].as_str().filter(|text| !text.is_empty());
    if let (200, Some(principal), Some(role)) = (status, text("Principal"), text("Role"))
        && PRINTED.iter().all(|name| !answer[name].is_null())
    {
        let printed = PRINTED.map(|name| (name.to_owned(), answer[name].clone()));
        let printed = Value::Object(printed.into_iter().collect());
        return Ok(ServiceKeys {
            process_json: format!("{printed:#}"),
            principal: principal.to_owned(),
            role: role.to_owned(),
        });
    }
    let message = match text("message") {
        Some(message) => format!("{endpoint} gives no key: {message}"),
        None => {
            format!("{endpoint} is no service of Pipewright: it answers a request for a key with {status}")
        }
    };
    let exit = match status {
        401 | 403 => Exit::NotAllowed,
        500.. => Exit::Unreachable,
        _ => Exit::Failed,
    };
    Err(Failure { code: text("__type").map(str::to_owned), ..Failure::new(exit, message) })
}

/// What went wrong, and what of: each cause once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn an_endpoint_is_a_host_and_tls_but_on_this_machine() {
        for (url, expected) in [
            (
                "https://abc.execute-api.eu-west-1.amazonaws.com",
                Some("https://abc.execute-api.eu-west-1.amazonaws.com"),
            ),
            ("https://Pipelines.Example/", Some("https://pipelines.example")),
            ("https://pipelines.example:8443", Some("https://pipelines.example:8443")),
            ("http://127.0.0.1:8787", Some("http://127.0.0.1:8787")),
            ("http://localhost:8787/", Some("http://localhost:8787")),
            ("http://[::1]:8787", Some("http://[::1]:8787")),
            ("http://pipelines.example", None),
            ("http://127.0.0.1.example", None),
            ("http://localhost@pipelines.example", None),
            ("https://me@pipelines.example", None),
            ("https://pipelines.example/prod", None),
            ("https://pipelines.example?a=b", None),
            ("https://pipe lines.example", None),
            ("https://", None),
            ("pipelines.example", None),
            ("file:///etc/passwd", None),
        ] {
            assert_eq!(service_endpoint(url).ok().as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn the_region_is_that_of_the_address() {
        for (endpoint, expected) in [
            ("https://abc.execute-api.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("https://abc.execute-api.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("https://abc.execute-api.eu-west-1.example", None),
            ("https://pipelines.example", None),
        ] {
            assert_eq!(region_of_endpoint(endpoint).as_deref(), expected, "{endpoint}");
        }
    }

    #[test]
    fn a_proof_is_what_a_service_takes() {
        let address = ServiceAddress {
            endpoint: "https://pipelines.example".into(),
            region: "eu-west-1".into(),
            source_profile: "default".into(),
        };
        let token = Some("a+token/with=signs".to_owned());
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", token, None, "test");
        let now_ms = 1_795_320_000_000;
        let at = UNIX_EPOCH + Duration::from_millis(1_795_320_000_000);
        let proof = proof(&address, credentials, at).unwrap();
        let call = signature::identity_call(&proof, "eu-west-1", now_ms).unwrap();
        assert!(call.contains("X-Amz-Security-Token=a%2Btoken%2Fwith%3Dsigns"), "{call}");
    }

    #[test]
    fn an_answer_is_a_key_or_says_why_there_is_none() {
        let key = json!({
            "Version": 1, "AccessKeyId": "PW", "SecretAccessKey": "s", "SessionToken": "t",
            "Expiration": "2026-11-22T05:00:00Z", "Principal": "arn:aws:iam::1:user/ann", "Role": "reader", "More": 1,
        });
        let keys = keys_of_answer(200, key.to_string().as_bytes(), "https://p.example").unwrap();
        assert_eq!((keys.principal.as_str(), keys.role.as_str()), ("arn:aws:iam::1:user/ann", "reader"));
        let printed: Value = serde_json::from_str(&keys.process_json).unwrap();
        assert_eq!(printed.as_object().unwrap().len(), 5);
        let refused = json!({ "__type": "AccessDeniedException", "message": "no role" }).to_string();
        for (status, body, exit, said) in [
            (403, refused.as_str(), Exit::NotAllowed, "no role"),
            (302, "", Exit::Failed, "answers a request for a key with 302"),
            (200, "<html>", Exit::Failed, "is no service of Pipewright"),
            (200, "{}", Exit::Failed, "is no service of Pipewright"),
            (502, "", Exit::Unreachable, "502"),
        ] {
            let failure = keys_of_answer(status, body.as_bytes(), "https://p.example").unwrap_err();
            assert_eq!(failure.exit, exit, "{status}");
            assert!(failure.message.contains(said), "{}", failure.message);
        }
    }
}
