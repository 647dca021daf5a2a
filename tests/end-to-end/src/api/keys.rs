//! Keys for people whom AWS knows: what they prove, what they get for it, and what nobody gets.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, UNIX_EPOCH};

use api::http::{HttpAnswer, HttpContext, HttpEvent, RequestContext};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use local::Options;
use local_service::Clock;
use platform::outside::CallerIdentity;
use platform::{Platform, SystemClock};
use serde_json::{Value, json};
use signature::{CALLER_IDENTITY_QUERY, ENDPOINT_HEADER, MasterKey, Validity, issue_as, sts_host};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, commands, pipeline, stage};
use crate::shop::Shop;

const ENDPOINT: &str = "https://pipelines.example";
const HOUR_MS: i64 = 3_600_000;
const ANN: &str = "arn:aws:sts::123456789012:assumed-role/administrator/ann";
const ROLES: &str = "arn:aws:sts::123456789012:assumed-role/administrator/ann=operator, \
                     arn:aws:iam::123456789012:role/reader=reader";

fn options(caller_roles: &str) -> Options {
    Options {
        api_endpoint: Some(ENDPOINT.to_owned()),
        caller_roles: caller_roles.to_owned(),
        ..Options::default()
    }
}

async fn shop() -> Shop {
    let shop = Shop::open_with(options(ROLES)).await;
    let declared = pipeline([stage("Build", [commands("Compile", ["echo hi"])])]);
    shop.create(&declared).await.expect("the pipeline is fine");
    shop
}

fn platform_of(shop: &Shop) -> Platform {
    shop.stack().platform_of("api").expect("there is a function api")
}

/// Keys that STS knows: on this machine those of AWS are those of the service.
async fn keys_of_aws(shop: &Shop, name: &str, role: Option<&str>) -> signature::Credentials {
    let platform = platform_of(shop);
    let master = MasterKey::from_secret(platform.signing_key.secret().await.expect("it may be read"));
    let now = shop.stack().clock.now();
    issue_as(&master.expect("a key"), name, role, Validity { issued_at_ms: now, not_after_ms: now + HOUR_MS })
}

/// What somebody with these keys presigns for the service at `endpoint`.
fn proof(keys: signature::Credentials, endpoint: &str, at_ms: i64) -> String {
    let token = Some(keys.session_token);
    let identity = Credentials::new(keys.access_key_id, keys.secret_access_key, token, None, "test").into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(60));
    let parameters = SigningParams::builder().identity(&identity).region("us-east-1").name("sts");
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(at_ms).expect("it is after 1970"));
    let parameters = parameters.time(at).settings(settings).build().expect("complete").into();
    let url = format!("https://{}/?{CALLER_IDENTITY_QUERY}", sts_host("us-east-1"));
    let headers = [(ENDPOINT_HEADER, endpoint)].into_iter();
    let call = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[])).expect("a request");
    let mut request = http::Request::get(&url).body(()).expect("a request");
    let signed = sign(call, &parameters).expect("it is signed");
    signed.into_parts().0.apply_to_request_http1x(&mut request);
    request.uri().to_string()
}

async fn proof_of(shop: &Shop, name: &str, role: Option<&str>) -> String {
    proof(keys_of_aws(shop, name, role).await, ENDPOINT, shop.stack().clock.now())
}

async fn post(shop: &Shop, body: &str) -> HttpAnswer {
    let event = HttpEvent {
        version: "2.0".into(),
        raw_path: "/keys".into(),
        request_context: RequestContext {
            http: HttpContext { method: "POST".into(), ..HttpContext::default() },
            ..RequestContext::default()
        },
        body: Some(body.to_owned()),
        ..HttpEvent::default()
    };
    api::handle(platform_of(shop), event).await.expect("it is answered")
}

async fn ask(shop: &Shop, url: &str) -> (u16, Value) {
    let answer = post(shop, &json!({ "url": url }).to_string()).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    (answer.status_code, serde_json::from_str(&answer.body).expect("JSON"))
}

/// Asks in vain.
async fn refusal(shop: &Shop, url: &str) -> String {
    let (status, body) = ask(shop, url).await;
    assert_eq!((status, &body["__type"]), (403, &json!("AccessDeniedException")), "{body}");
    assert!(body["SecretAccessKey"].is_null());
    body["message"].as_str().expect("a message").to_owned()
}

fn client(shop: &Shop, keys: &Value) -> OfficialClient {
    let text = |name: &str| keys[name].as_str().expect("a text").to_owned();
    let token = Some(text("SessionToken"));
    let keys = Credentials::new(text("AccessKeyId"), text("SecretAccessKey"), token, None, "test");
    OfficialClient::with_keys(shop, keys, |_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proves_who_they_are_gets_a_key_for_their_role() {
    let shop = shop().await;
    let (status, keys) = ask(&shop, &proof_of(&shop, "ann", None).await).await;
    assert_eq!((status, &keys["Principal"], &keys["Role"]), (200, &json!(ANN), &json!("operator")), "{keys}");
    let ann = client(&shop, &keys).client;
    let started = ann.start_pipeline_execution().name(PIPELINE).send().await.expect("an operator's part");
    let id = started.pipeline_execution_id().expect("an id").to_owned();
    let listed = ann.list_pipeline_executions().pipeline_name(PIPELINE).send().await.expect("to be read");
    let mut listed = listed.pipeline_execution_summaries().iter();
    let started = listed.find(|one| one.pipeline_execution_id() == Some(&id)).expect("it is listed");
    assert_eq!(started.trigger().and_then(|trigger| trigger.trigger_detail()), Some(ANN));
    let (name, said) = code(ann.delete_pipeline().name(PIPELINE).send().await);
    assert_eq!(name, "AccessDeniedException");
    assert!(said.starts_with(&format!("User: {ANN} is not authorized")), "{said}");

    let (_, keys) = ask(&shop, &proof_of(&shop, "bob", Some("reader")).await).await;
    let bob = client(&shop, &keys).client;
    bob.get_pipeline().name(PIPELINE).send().await.expect("a reader's part");
    assert_eq!(code(bob.start_pipeline_execution().name(PIPELINE).send().await).0, "AccessDeniedException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_for_an_hour_and_as_long_as_its_owner_has_the_role() {
    let shop = shop().await;
    let (_, keys) = ask(&shop, &proof_of(&shop, "ann", None).await).await;
    client(&shop, &keys).client.list_pipelines().send().await.expect("it is good");
    for (caller_roles, expected) in [
        (ROLES.to_owned(), None),
        (String::new(), Some("ExpiredTokenException")),
        (format!("{ANN}=,{ROLES}"), Some("ExpiredTokenException")),
        (ROLES.replace("operator", "reader"), Some("ExpiredTokenException")),
        ("nonsense".to_owned(), Some("InternalFailure")),
    ] {
        let later = shop.after_losing(&[], options(&caller_roles)).await;
        let listed = client(&later, &keys).client.list_pipelines().send().await;
        match expected {
            None => drop(listed.expect("nothing has changed")),
            Some(expected) => assert_eq!(code(listed).0, expected, "{caller_roles}"),
        }
    }
    let expiration = keys["Expiration"].as_str().expect("a time");
    let (_, now) = ask(&shop, &proof_of(&shop, "ann", None).await).await;
    assert!(expiration <= now["Expiration"].as_str().expect("a time"));
    shop.stack().clock.advance(Duration::from_secs(3_601));
    let (name, said) = code(client(&shop, &keys).client.list_pipelines().send().await);
    assert!(
        ["InvalidSignatureException", "ExpiredTokenException"].contains(&name.as_str()),
        "{name}: {said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_for_one_service_and_for_a_minute() {
    let shop = shop().await;
    let now = shop.stack().clock.now();
    let ann = keys_of_aws(&shop, "ann", None).await;
    for endpoint in ["https://evil.example", "http://pipelines.example", "https://pipelines.example:8443", ""]
    {
        let said = refusal(&shop, &proof(ann.clone(), endpoint, now)).await;
        assert!(said.contains("(SignatureDoesNotMatch)") && said.contains(ENDPOINT), "{endpoint}: {said}");
    }
    let replayed = proof(ann, ENDPOINT, now);
    assert_eq!(ask(&shop, &replayed).await.0, 200);
    shop.stack().clock.advance(Duration::from_secs(62));
    let said = refusal(&shop, &replayed).await;
    assert!(said.contains("a proof is good for 60 seconds"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_a_key() {
    let shop = shop().await;
    let now = shop.stack().clock.now();
    let good = proof_of(&shop, "ann", None).await;
    let query = good.split_once('?').expect("a query").1;
    let master = MasterKey::new([7; MasterKey::BYTES]);
    let validity = Validity { issued_at_ms: now, not_after_ms: now + HOUR_MS };
    let foreign = proof(issue_as(&master, "ann", None, validity), ENDPOINT, now);
    let no_role = proof_of(&shop, "eve", None).await;
    let address = "has to begin with https://sts.us-east-1.amazonaws.com/?";
    for (what, url, expected) in [
        ("keys that STS does not know", foreign, "(InvalidToken)"),
        ("somebody without a role", no_role, "administrator/eve has no role here"),
        (
            "a changed signature",
            good.replace("Signature=", "Signature=0").replace("&&", "&"),
            "64 hexadecimal",
        ),
        ("a changed time", good.replace("Expires=60", "Expires=59"), "(SignatureDoesNotMatch)"),
        ("another host", format!("https://evil.example/?{query}"), address),
        ("the metadata of an instance", "http://169.254.169.254/latest/meta-data/".into(), address),
        (
            "a name before the host",
            format!("https://sts.us-east-1.amazonaws.com@evil.example/?{query}"),
            address,
        ),
        ("a password before the host", format!("https://a:b@sts.us-east-1.amazonaws.com/?{query}"), address),
        ("a port", format!("https://sts.us-east-1.amazonaws.com:4430/?{query}"), address),
        ("another scheme", format!("http://sts.us-east-1.amazonaws.com/?{query}"), address),
        ("a file", "file:///etc/passwd".into(), address),
        ("another operation", good.replace("GetCallerIdentity", "AssumeRole"), "'Action' has to be"),
        ("a parameter more", format!("{good}&RoleArn=r"), "'RoleArn' is there twice, or should not be there"),
    ] {
        let said = refusal(&shop, &url).await;
        assert!(said.contains(expected), "{what}: {said}");
    }
    let large = json!({ "url": "x".repeat(33 * 1024) }).to_string();
    for (body, status, expected) in [
        ("", 400, "ValidationException"),
        ("{'url'}", 400, "ValidationException"),
        ("[]", 400, "ValidationException"),
        (r#"{"url":["https://sts.us-east-1.amazonaws.com/"]}"#, 400, "ValidationException"),
        (large.as_str(), 413, "RequestEntityTooLargeException"),
    ] {
        let answer = post(&shop, body).await;
        assert_eq!(answer.status_code, status, "{}", answer.body);
        assert!(answer.body.contains(expected), "{}", answer.body);
    }
    let nobody = shop.after_losing(&[], options("")).await;
    let said = refusal(&nobody, &proof_of(&nobody, "ann", None).await).await;
    assert!(said.contains("parameter CallerRoles"), "{said}");
}

/// Answers one request, and tells what it was.
fn answering(answer: String) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (told, requests) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
            request.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).expect("it is sent");
        told.send(String::from_utf8_lossy(&request).into_owned()).expect("somebody wants to know");
    });
    (address, requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn sts_is_sent_the_proof_and_nothing_of_ours_and_a_redirect_leads_nowhere() {
    let (trap, trapped) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned());
    let moved = format!("HTTP/1.1 302 Found\r\nlocation: http://{trap}/\r\ncontent-length: 0\r\n\r\n");
    let (address, requests) = answering(moved);
    let shop = Shop::open_with(options(ROLES)).await;
    let own = Credentials::new("OURKEY", "secret", Some("OURTOKEN".into()), None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(own))
        .endpoint_url(format!("http://{address}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let platform = Platform::new(&sdk, platform_of(&shop).config.as_ref().clone(), Arc::new(SystemClock));
    let headers = vec![(ENDPOINT_HEADER, ENDPOINT.to_owned())];
    let answered =
        platform.caller_identity("/?Action=GetCallerIdentity&X-Amz-Signature=0".to_owned(), headers).await;
    assert!(!matches!(answered, Ok(CallerIdentity::Known { .. })), "{answered:?}");
    let request = requests.recv().expect("it was asked").to_ascii_lowercase();
    assert!(
        request.starts_with("get /?action=getcalleridentity&x-amz-signature=0 http/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains(&format!("{ENDPOINT_HEADER}: {ENDPOINT}\r\n")), "{request}");
    for ours in ["authorization", "ourkey", "ourtoken", "x-amz-security-token"] {
        assert!(!request.contains(ours), "{request}");
    }
    assert!(trapped.try_recv().is_err(), "nobody goes there");
}
