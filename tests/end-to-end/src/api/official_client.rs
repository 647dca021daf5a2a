//! The AWS SDK's client of CodePipeline, whose network is the function `api`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use api::http::{HttpAnswer, HttpContext, HttpEvent, RequestContext};
use aws_credential_types::Credentials;
use aws_sdk_codepipeline::config::retry::RetryConfig;
use aws_sdk_codepipeline::config::{BehaviorVersion, Region};
use aws_sdk_codepipeline::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_codepipeline::{Client, Config};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local_service::Clock;
use platform::Platform;
use signature::{MasterKey, Validity, issue_as};

use crate::shop::Shop;

/// As histories show whoever calls.
pub const CALLER: &str = "alice";
const HOUR_MS: i64 = 3_600_000;

/// Something that happens to a request on its way.
pub type OnTheWay = fn(&mut HttpEvent);

/// A client, and what it was answered last.
pub struct OfficialClient {
    pub client: Client,
    last: Arc<Mutex<Option<HttpAnswer>>>,
}

impl OfficialClient {
    pub async fn of(shop: &Shop) -> Self {
        Self::with(shop, |_| ()).await
    }

    pub async fn with(shop: &Shop, on_the_way: OnTheWay) -> Self {
        let platform = shop.stack().platform_of("api").expect("there is a function api");
        let secret = platform.signing_key.secret().await.expect("the function may read its key");
        let key = MasterKey::from_secret(secret).expect("the key of the stack");
        Self::signing_with(shop, &key, on_the_way)
    }

    /// Somebody with a role.
    pub async fn of_role(shop: &Shop, role: &str) -> Self {
        let platform = shop.stack().platform_of("api").expect("there is a function api");
        let secret = platform.signing_key.secret().await.expect("the function may read its key");
        let key = MasterKey::from_secret(secret).expect("the key of the stack");
        Self::signing_as(shop, &key, Some(role), |_| ())
    }

    pub fn signing_with(shop: &Shop, key: &MasterKey, on_the_way: OnTheWay) -> Self {
        Self::signing_as(shop, key, None, on_the_way)
    }

    fn signing_as(shop: &Shop, key: &MasterKey, role: Option<&str>, on_the_way: OnTheWay) -> Self {
        let now = shop.stack().clock.now();
        let validity = Validity { issued_at_ms: now, not_after_ms: now + HOUR_MS };
        let keys = issue_as(key, CALLER, role, validity);
        let token = Some(keys.session_token);
        let credentials = Credentials::new(keys.access_key_id, keys.secret_access_key, token, None, "test");
        Self::with_keys(shop, credentials, on_the_way)
    }

    pub fn with_keys(shop: &Shop, credentials: Credentials, on_the_way: OnTheWay) -> Self {
        let platform = shop.stack().platform_of("api").expect("there is a function api");
        let last = Arc::new(Mutex::new(None));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(shop.stack().region().to_owned()))
            .credentials_provider(credentials)
            .endpoint_url("http://127.0.0.1:8787")
            .retry_config(RetryConfig::disabled())
            .http_client(Gateway { platform, on_the_way, last: last.clone() });
        Self { client: Client::from_conf(config.build()), last }
    }

    /// What the client was answered last, before it read it.
    pub fn last(&self) -> HttpAnswer {
        self.last.lock().expect("nobody panics here").clone().expect("it was answered")
    }
}

/// The exception of a refused call.
pub fn code<T: fmt::Debug, E: ProvideErrorMetadata + fmt::Debug>(
    result: Result<T, SdkError<E>>,
) -> (String, String) {
    let error = result.expect_err("it is refused");
    let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
    (said(error.code()), said(error.message()))
}

/// What API Gateway does: an event of a request, a response of an answer.
#[derive(Clone)]
struct Gateway {
    platform: Platform,
    on_the_way: OnTheWay,
    last: Arc<Mutex<Option<HttpAnswer>>>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

impl HttpClient for Gateway {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Gateway {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let gateway = self.clone();
        HttpConnectorFuture::new(async move {
            let mut event = event_of(&request);
            (gateway.on_the_way)(&mut event);
            let answer = api::handle(gateway.platform, event).await;
            let answer = answer.map_err(|fault| ConnectorError::other(Box::new(fault), None))?;
            *gateway.last.lock().expect("nobody panics here") = Some(answer.clone());
            let mut response = http::Response::builder().status(answer.status_code);
            for (name, value) in answer.headers {
                response = response.header(name, value);
            }
            let response = response.body(SdkBody::from(answer.body)).expect("an HTTP response");
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn event_of(request: &HttpRequest) -> HttpEvent {
    let mut headers = BTreeMap::new();
    for (name, value) in request.headers() {
        let values: &mut Vec<String> = headers.entry(name.to_ascii_lowercase()).or_default();
        values.push(value.to_owned());
    }
    headers.entry("host".to_owned()).or_insert_with(|| vec!["127.0.0.1:8787".to_owned()]);
    HttpEvent {
        version: "2.0".into(),
        route_key: "POST /".into(),
        raw_path: "/".into(),
        raw_query_string: String::new(),
        path_parameters: BTreeMap::new(),
        headers: headers.into_iter().map(|(name, values)| (name, values.join(","))).collect(),
        request_context: RequestContext {
            http: HttpContext { method: request.method().to_owned(), ..HttpContext::default() },
            request_id: "JKJaXmPLvHcESHA=".into(),
        },
        body: Some(STANDARD.encode(request.body().bytes().expect("bodies are in memory"))),
        is_base64_encoded: true,
    }
}
