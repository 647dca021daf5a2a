//! Requests that nobody's client sends, over HTTP: each is refused by its name, and the service goes on.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_codepipeline::error::ProvideErrorMetadata;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::declare::{PIPELINE, approval, stage};
use crate::served::{Reply, Served, client_of};

/// Keys of the service, and what a request is signed with by hand.
struct Signer {
    key: String,
    secret: String,
    token: String,
    address: String,
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::disallowed_methods, reason = "requests are signed with the time of the machine")]
fn now_seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs().cast_signed()
}

/// `20261122T050000Z`
fn basic(seconds: i64) -> String {
    let time = DateTime::from_secs(seconds).fmt(Format::DateTime).expect("a time");
    time.replace(['-', ':'], "")
}

impl Signer {
    fn of(served: &Served) -> Self {
        let printed = served.say(&["credentials"]).assert_status(0);
        let printed: Value = serde_json::from_str(&printed.output).expect("JSON");
        let text = |name: &str| printed[name].as_str().expect("a text").to_owned();
        Self {
            key: text("AccessKeyId"),
            secret: text("SecretAccessKey"),
            token: text("SessionToken"),
            address: served.address(),
        }
    }

    /// The head of a call whose signature is good if the time is.
    fn head(&self, operation: &str, body: &[u8], at_seconds: i64) -> String {
        let (date, target) = (basic(at_seconds), format!("CodePipeline_20150709.{operation}"));
        let headers = format!(
            "content-type:application/x-amz-json-1.1\nhost:{}\nx-amz-date:{date}\nx-amz-security-token:{}\nx-amz-target:{target}\n",
            self.address, self.token
        );
        let signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
        let canonical = format!("POST\n/\n\n{headers}\n{signed}\n{}", hex(&Sha256::digest(body)));
        let scope = [&date[..8], "us-east-1", "codepipeline", "aws4_request"];
        let hash = hex(&Sha256::digest(canonical.as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{hash}", scope.join("/"));
        let secret = format!("AWS4{}", self.secret).into_bytes();
        let key = scope.iter().fold(secret, |key, part| hmac(&key, part));
        let credential = format!("{}/{}", self.key, scope.join("/"));
        let signature = hex(&hmac(&key, &text));
        format!(
            "POST / HTTP/1.1\r\ncontent-type: application/x-amz-json-1.1\r\nhost: {}\r\nx-amz-date: {date}\r\n\
             x-amz-security-token: {}\r\nx-amz-target: {target}\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential={credential}, SignedHeaders={signed}, Signature={signature}",
            self.address, self.token
        )
    }

    fn call(&self, served: &Served, operation: &str, body: &[u8]) -> Reply {
        served.request(&self.head(operation, body, now_seconds()), body)
    }
}

/// The exception of a reply, and what it says.
fn exception(reply: &Reply) -> (String, String) {
    let body = reply.text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (text("__type"), text("message"))
}

#[test]
fn each_is_refused_by_its_name_and_the_service_goes_on() {
    let served = Served::with([stage("Ask", [approval("Ask")])]);
    let signer = Signer::of(&served);
    let fine = signer.call(&served, "ListPipelines", b"{}");
    assert_eq!(fine.status, 200, "the signer by hand is understood: {}", fine.text);

    let megabytes = vec![b' '; 10 * 1024 * 1024];
    let nested = [b"{\"name\":".as_slice(), &vec![b'['; 200_000], &vec![b']'; 200_000], b"}"].concat();
    let objects = "{\"a\":".repeat(100_000) + &"}".repeat(100_000);
    for (what, body, status, expected) in [
        ("ten megabytes", &megabytes[..], 413, "RequestEntityTooLarge"),
        ("bytes that are no text", b"{\"name\":\"\xff\xfe\"}", 400, "SerializationException"),
        ("half a character", b"{\"name\":\"\xe2\x82\"}", 400, "SerializationException"),
        ("half a surrogate", br#"{"name":"\ud800"}"#, 400, "SerializationException"),
        ("lists in lists", &nested, 400, "SerializationException"),
        ("objects in objects", objects.as_bytes(), 400, "SerializationException"),
        ("a list", b"[]", 400, "SerializationException"),
        ("half of it", b"{\"name\":", 400, "SerializationException"),
        ("two", b"{} {}", 400, "SerializationException"),
        ("a number for a name", b"{\"name\":1e999}", 400, "SerializationException"),
        ("a NUL", b"{\"name\":\"a\\u0000b\"}", 400, "ValidationException"),
        ("nothing", b"", 400, "ValidationException"),
    ] {
        let reply = signer.call(&served, "GetPipeline", body);
        let (name, said) = exception(&reply);
        let short: String = reply.text.chars().take(600).collect();
        assert_eq!((reply.status, name.as_str()), (status, expected), "{what}: {said} {short}");
        assert!(said.len() < 2_000, "{what}: what is said is not as long as what was sent");
    }
    assert_eq!(
        served.request(&format!("GET /health HTTP/1.1\r\nhost: {}", served.address()), b"").status,
        200
    );
}

#[test]
fn what_is_signed_wrongly_or_at_another_time_is_refused() {
    let served = Served::open();
    let signer = Signer::of(&served);
    let head = |at| signer.head("ListPipelines", b"{}", at);
    let good = head(now_seconds());
    assert_eq!(served.request(&good, b"{}").status, 200);
    let signature = good.rsplit_once("Signature=").expect("it is signed").1.to_owned();
    let other = if signature.starts_with('0') { "1" } else { "0" };
    let forged = good.replace(&signature, &format!("{other}{}", &signature[1..]));
    for (what, head, body, expected) in [
        ("another signature", forged, "{}", "InvalidSignatureException"),
        ("half a signature", good.replace(&signature, &signature[..32]), "{}", "InvalidSignatureException"),
        (
            "no signature",
            good.replace(&format!(", Signature={signature}"), ""),
            "{}",
            "IncompleteSignatureException",
        ),
        ("another body", good.clone(), "{ }", "InvalidSignatureException"),
        (
            "another operation",
            good.replace("ListPipelines", "DeletePipeline"),
            "{}",
            "InvalidSignatureException",
        ),
        ("six minutes ago", head(now_seconds() - 360), "{}", "InvalidSignatureException"),
        ("in six minutes", head(now_seconds() + 360), "{}", "InvalidSignatureException"),
        ("yesterday", head(now_seconds() - 86_400), "{}", "InvalidSignatureException"),
        (
            "twice",
            format!("{good}\r\nauthorization: AWS4-HMAC-SHA256 x"),
            "{}",
            "IncompleteSignatureException",
        ),
        (
            "another date",
            good.replacen("x-amz-date: 2", "x-amz-date: 3", 1),
            "{}",
            "InvalidSignatureException",
        ),
    ] {
        let reply = served.request(&head, body.as_bytes());
        let (name, said) = exception(&reply);
        assert_eq!(name, expected, "{what}: {} {said} {}", reply.status, reply.text);
    }
}

#[test]
fn everything_that_is_wrong_is_in_one_message() {
    let served = Served::open();
    let signer = Signer::of(&served);
    let input = json!({
        "name": "no blanks",
        "clientRequestToken": "a_b",
        "variables": [{ "name": "", "value": "" }],
        "sourceRevisions": [{ "actionName": "", "revisionType": "TAG", "revisionValue": "" }],
    });
    let reply = signer.call(&served, "StartPipelineExecution", input.to_string().as_bytes());
    let (name, said) = exception(&reply);
    assert_eq!(name, "ValidationException", "{said}");
    for member in
        ["name", "clientRequestToken", "variables.1.member.name", "sourceRevisions.1.member.revisionType"]
    {
        assert!(said.contains(&format!("'{member}'")), "{member}: {said}");
    }
    let (count, _) = said.split_once(" validation errors detected: ").expect("how many there are");
    assert_eq!(
        count.parse::<usize>().expect("a number"),
        said.matches("failed to satisfy").count(),
        "{said}"
    );
}

/// Each is the next version, or is refused: no edit takes the place of another that nobody has seen.
#[tokio::test(flavor = "multi_thread")]
async fn of_edits_at_the_same_time_none_is_lost() {
    let served = tokio::task::block_in_place(|| Served::with([stage("Ask", [approval("Ask")])]));
    let client = client_of(&served.data(), "editor");
    let shown = client.get_pipeline().name(PIPELINE).send().await.expect("it is there");
    let declared = shown.pipeline().expect("a declaration").clone();
    let edits = (0..24).map(|number| {
        let mut edited = declared.clone();
        edited.stages[1].name = format!("Ask{number}");
        let client = client.clone();
        async move {
            let answer = client.update_pipeline().pipeline(edited).send().await;
            (
                format!("Ask{number}"),
                answer.map(|output| output.pipeline().and_then(|p| p.version()).unwrap_or_default()),
            )
        }
    });
    let answers = futures::future::join_all(edits).await;
    let mut versions = Vec::new();
    for (stage, answer) in answers {
        match answer {
            Ok(version) => versions.push((version, stage)),
            Err(refused) => {
                let (name, said) =
                    (refused.code().unwrap_or_default(), refused.message().unwrap_or_default());
                assert!(name == "ConcurrentModificationException", "{name}: {said}");
            }
        }
    }
    versions.sort();
    let numbers: Vec<_> = versions.iter().map(|(version, _)| *version).collect();
    assert_eq!(numbers, (2..).take(numbers.len()).collect::<Vec<_>>(), "each version was told to one editor");
    for (version, stage) in versions {
        let shown = client
            .get_pipeline()
            .name(PIPELINE)
            .version(version)
            .send()
            .await
            .expect("every version is there");
        let declared = shown.pipeline().expect("a declaration");
        assert_eq!(declared.stages()[1].name(), stage, "version {version}");
    }
}
