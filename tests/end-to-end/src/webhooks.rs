//! Webhooks of a service that runs: requests as GitHub and others send them, over HTTP.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{
    ListWebhookItem, WebhookAuthConfiguration, WebhookAuthenticationType, WebhookDefinition,
    WebhookFilterRule,
};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::declare::{PIPELINE, commands, stage};
use crate::process::command;
use crate::served::{Reply, Served, client_of};

const SECRET: &str = "not to be guessed";
const ARN: &str = "arn:aws:codepipeline:us-east-1:123456789012:webhook:push";

/// A service with a pipeline whose first execution has ended.
fn served(options: &[&str]) -> Served {
    let mut served = Served::closed();
    served.start(&[&["--resources", "local-resources.yaml"], options].concat());
    served.create([stage("Build", [commands("Show", ["cat hello.txt"])])]);
    assert_eq!(served.newest_end(), "Succeeded");
    served
}

fn call<T>(call: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(call)
}

fn client(served: &Served) -> Client {
    client_of(&served.data(), "alice")
}

fn definition(
    authentication: WebhookAuthenticationType,
    configuration: WebhookAuthConfiguration,
) -> WebhookDefinition {
    let filter =
        WebhookFilterRule::builder().json_path("$.ref").match_equals("refs/heads/{BranchName}").build();
    WebhookDefinition::builder()
        .name("push")
        .target_pipeline(PIPELINE)
        .target_action("Source")
        .filters(filter.expect("complete"))
        .authentication(authentication)
        .authentication_configuration(configuration)
        .build()
        .expect("complete")
}

fn signed() -> WebhookDefinition {
    let configuration = WebhookAuthConfiguration::builder().secret_token(SECRET).build();
    definition(WebhookAuthenticationType::GithubHmac, configuration)
}

fn put(served: &Served, definition: WebhookDefinition) -> ListWebhookItem {
    let put = client(served).put_webhook().webhook(definition);
    call(put.send()).expect("it is fine").webhook.expect("a webhook")
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length will do");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes everything");
        text
    })
}

/// Posts a body with headers to a URL of the service.
fn post(served: &Served, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let address = served.address();
    let path = url.strip_prefix(&format!("http://{address}")).expect("a URL of the service");
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json");
    for (name, value) in headers {
        write!(head, "\r\n{name}: {value}").expect("text takes everything");
    }
    served.request(&head, body)
}

/// As GitHub delivers it.
fn deliver(served: &Served, url: &str, event: &str, id: &str, body: &[u8]) -> Reply {
    let signature = signature(body);
    let headers = [("x-github-event", event), ("x-github-delivery", id), ("x-hub-signature-256", &signature)];
    post(served, url, &headers, body)
}

fn json_of(reply: &Reply) -> Value {
    let (_, body) = reply.text.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {}", reply.text))
}

/// A new commit of the source.
fn commit(served: &Served, text: &str) -> String {
    let git = |arguments: &[&str]| {
        let mut git = command("git");
        git.current_dir(served.workplace.path().join("app")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let said = git.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).output();
        let said = said.expect("git starts");
        assert!(said.status.success(), "git {arguments:?}");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    };
    served.workplace.write("app/hello.txt", text);
    git(&["commit", "--quiet", "--all", "-m", text]);
    git(&["rev-parse", "HEAD"])
}

/// The members of GitHub's push that say something here.
fn push(reference: &str, after: &str) -> Value {
    json!({
        "ref": reference, "before": "0000000000000000000000000000000000000000", "after": after,
        "deleted": after.starts_with("0000"), "repository": { "full_name": "shop/app" },
    })
}

#[test]
fn a_signed_push_starts_an_execution_at_its_commit_once_also_after_a_restart() {
    let mut served = served(&[]);
    let webhook = put(&served, signed());
    let pushed = commit(&served, "one\n");
    let newer = commit(&served, "two\n");
    assert_ne!(pushed, newer);
    let body = push("refs/heads/main", &pushed).to_string().into_bytes();
    let reply = deliver(&served, &webhook.url, "push", "d-1", &body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let id = json_of(&reply)["pipelineExecutionId"].clone();
    assert_eq!(served.newest_end(), "Succeeded");
    let executions = served.executions();
    assert_eq!((executions.len(), &executions[0]["pipelineExecutionId"]), (2, &id), "{executions:#?}");
    assert_eq!(executions[0]["sourceRevisions"][0]["revisionId"], json!(pushed), "not the newest");
    assert_eq!(executions[0]["trigger"], json!({ "triggerType": "Webhook", "triggerDetail": ARN }));
    let listed = call(client(&served).list_webhooks().send()).expect("it is listed");
    let listed = listed.webhooks.expect("a list").remove(0);
    assert!(listed.last_triggered.is_some() && listed.error_code.is_none(), "{listed:?}");

    let again = |served: &Served, url: &str, delivery: &str, count: usize| {
        let reply = deliver(served, url, "push", delivery, &body);
        assert_eq!((reply.status, &json_of(&reply)["pipelineExecutionId"]), (200, &id), "{}", reply.text);
        assert_eq!(served.executions().len(), count, "a replay starts nothing");
    };
    again(&served, &webhook.url, "d-1", 2);
    again(&served, &webhook.url, "d-2", 2);
    let at_once = push("refs/heads/main", &newer).to_string().into_bytes();
    let ids: BTreeSet<_> = std::thread::scope(|scope| {
        let one = || {
            json_of(&deliver(&served, &webhook.url, "push", "d-9", &at_once))["pipelineExecutionId"]
                .to_string()
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().expect("it is answered")).collect()
    });
    assert_eq!(ids.len(), 1, "one start, whoever is first: {ids:?}");
    assert_eq!(served.newest_end(), "Succeeded");
    served.signal("KILL");
    served.end();
    served.start(&[]);
    // The port is another one, the rest of the URL is the same.
    let listed = call(client(&served).list_webhooks().send()).expect("it is listed");
    let listed = listed.webhooks.expect("a list").remove(0);
    assert_eq!(listed.url.rsplit('/').next(), webhook.url.rsplit('/').next());
    again(&served, &listed.url, "d-1", 3);

    // Of another repository: the branch is what it is.
    let mut elsewhere = push("refs/heads/main", &pushed);
    elsewhere["repository"]["full_name"] = json!("somebody/else");
    let elsewhere = elsewhere.to_string().into_bytes();
    assert_eq!(deliver(&served, &listed.url, "push", "d-3", &elsewhere).status, 200);
    assert_eq!(served.newest_end(), "Succeeded");
    assert_eq!(served.executions()[0]["sourceRevisions"][0]["revisionId"], json!(newer));
}

#[test]
fn what_does_not_fit_is_told_so_and_starts_nothing() {
    let served = served(&[]);
    let webhook = put(&served, signed());
    let main = push("refs/heads/main", &"a".repeat(40)).to_string().into_bytes();
    let sign = |body: &[u8]| vec![("x-hub-signature-256".to_owned(), signature(body))];
    let other = push("refs/heads/other", &"a".repeat(40)).to_string().into_bytes();
    let gone = push("refs/heads/main", &"0".repeat(40)).to_string().into_bytes();
    let event =
        |name: &str, body: &[u8]| [sign(body), vec![("x-github-event".to_owned(), name.to_owned())]].concat();
    let (not_json, not_text) = (b"{\"ref\":".to_vec(), b"{\"ref\":\"refs/heads/main\xff\"}".to_vec());
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let (large, too_large) = (vec![b' '; 4 * 1024 * 1024 + 1], vec![b' '; 7 * 1024 * 1024]);
    let unknown = format!("{}x", webhook.url);
    let (place, _) = webhook.url.rsplit_once('/').expect("a path");
    let nobody = format!("{place}/pull.{}", "x".repeat(32));
    let nothing = format!("{place}/push");
    let url = &webhook.url;
    let table = [
        (url, vec![], &main, 403, "X-Hub-Signature-256"),
        (url, sign(&other), &main, 403, "is not that of the body"),
        (url, vec![("x-hub-signature".to_owned(), format!("sha1={}", "0".repeat(40)))], &main, 403, "SHA-1"),
        (url, sign(&not_json), &not_json, 400, "The body is not JSON"),
        (url, sign(&not_text), &not_text, 400, "The body is not JSON"),
        (url, sign(&deep), &deep, 400, "recursion limit"),
        (url, sign(&large), &large, 413, "are allowed"),
        (url, sign(&too_large), &too_large, 413, "RequestEntityTooLarge"),
        (url, sign(&other), &other, 200, "The value at $.ref is not 'refs/heads/{BranchName}'."),
        (url, sign(b"{}"), &b"{}".to_vec(), 200, "The body has nothing at $.ref."),
        (url, event("push", &gone), &gone, 200, "The push deleted"),
        (url, event("ping", b"{}"), &b"{}".to_vec(), 200, "A ping starts nothing"),
        (&unknown, sign(&main), &main, 404, "WebhookNotFoundException"),
        (&nobody, sign(&main), &main, 404, "WebhookNotFoundException"),
        (&nothing, sign(&main), &main, 404, "WebhookNotFoundException"),
    ];
    for (url, headers, body, status, said) in table {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = post(&served, url, &headers, body);
        assert_eq!(reply.status, status, "{headers:?}: {}", reply.text);
        assert!(reply.text.contains(said), "{said} is not in {}", reply.text);
        assert!(!reply.text.contains(SECRET), "{}", reply.text);
    }
    let of_page = [("origin", "http://elsewhere.example"), ("x-hub-signature-256", &signature(&main))];
    assert_eq!(post(&served, url, &of_page, &main).status, 403, "a web page");
    assert_eq!(served.executions().len(), 1, "that of the creation");

    call(client(&served).delete_webhook().name("push").send()).expect("it is deleted");
    assert_eq!(deliver(&served, url, "push", "d", &main).status, 404);
    let anew = put(&served, signed());
    assert_ne!(&anew.url, url);
    assert_eq!(deliver(&served, url, "push", "d", &main).status, 404, "the old URL stays dead");
    call(client(&served).delete_pipeline().name(PIPELINE).send()).expect("it is deleted");
    let reply = deliver(&served, &anew.url, "push", "d", &main);
    assert_eq!((reply.status, &json_of(&reply)["__type"]), (404, &json!("PipelineNotFoundException")));
    let listed = call(client(&served).list_webhooks().send()).expect("it is listed");
    let listed = &listed.webhooks.expect("a list")[0];
    assert_eq!(listed.error_code.as_deref(), Some("PipelineNotFoundException"), "{listed:?}");
    assert!(listed.error_message.as_ref().is_some_and(|said| said.contains("delete the webhook")));
    let log = served.running.as_ref().expect("it runs").output();
    assert!(!log.contains(SECRET), "a secret is in the log");
}

#[test]
fn addresses_and_webhooks_that_let_everybody_in() {
    let main = push("refs/heads/main", &"a".repeat(40)).to_string().into_bytes();
    let of_range = |range: &str| {
        let configuration = WebhookAuthConfiguration::builder().allowed_ip_range(range).build();
        definition(WebhookAuthenticationType::Ip, configuration)
    };
    let open = || {
        definition(WebhookAuthenticationType::Unauthenticated, WebhookAuthConfiguration::builder().build())
    };
    let mut served = served(&[]);
    let refused = call(client(&served).put_webhook().webhook(open()).send()).expect_err("it is not allowed");
    let refused = refused.into_service_error();
    assert!(refused.is_invalid_webhook_authentication_parameters_exception(), "{refused:?}");

    let elsewhere = put(&served, of_range("192.0.2.0/24"));
    let forged = [("x-forwarded-for", "192.0.2.1")];
    assert_eq!(post(&served, &elsewhere.url, &forged, &main).status, 403, "a header is no address");
    let here = put(&served, of_range("127.0.0.0/8"));
    assert_eq!(here.url, elsewhere.url, "a webhook that is put again keeps its URL");
    let ids: Vec<_> = ["d-1", "d-1", "d-2"]
        .iter()
        .map(|delivery| {
            let reply = post(&served, &here.url, &[("x-github-delivery", delivery)], &main);
            assert_eq!(reply.status, 200, "{}", reply.text);
            json_of(&reply)["pipelineExecutionId"].clone()
        })
        .collect();
    assert_eq!((ids[0] == ids[1], ids[1] == ids[2]), (true, false), "{ids:?}");
    assert_eq!(served.newest_end(), "Succeeded", "who does not sign names no commit");

    served.signal("INT");
    served.end().assert_status(0);
    served.start(&["--allow-unauthenticated-webhooks"]);
    let everybody = put(&served, open());
    let reply = post(&served, &everybody.url, &[], &main);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(json_of(&reply)["pipelineExecutionId"].is_string(), "{}", reply.text);
    served.signal("INT");
    served.end().assert_status(0);
    served.start(&[]);
    let listed = call(client(&served).list_webhooks().send()).expect("it is listed");
    let url = &listed.webhooks.expect("a list")[0].url;
    assert_eq!(post(&served, url, &[], &main).status, 403, "the service was started without the option");
}
