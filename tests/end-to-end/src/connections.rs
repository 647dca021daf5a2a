//! What hosts of repositories tell of a connection, as they tell it over HTTP: the filters of triggers, what they
//! start, and what can be asked about it afterwards.

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::Duration;

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::declare::{CONNECTION, PIPELINE, commands, git_source, pipeline_from, stage, with};
use crate::process::command;
use crate::served::{Reply, Served};

const SECRET: &str = "not to be guessed by anybody";
const NONE: &str = "0000000000000000000000000000000000000000";

/// A service whose connection is GitHub's, with a pipeline that has triggers; its first execution has ended.
fn served() -> Served {
    let mut served = Served::closed();
    let connection = json!({
        "arn": CONNECTION, "url": "app", "providerType": "GitHub", "secret": "pipewright/host",
    });
    let workplace = &served.workplace;
    workplace.write("local-resources.yaml", &json!({ "connections": [connection] }).to_string());
    let secrets = json!({ "secrets": { "pipewright/host": { "webhookSecret": SECRET } } });
    workplace.write("secrets.yaml", &secrets.to_string());
    let mut private = command("chmod");
    private.current_dir(workplace.path()).args(["600", "secrets.yaml"]);
    assert!(private.status().expect("chmod starts").success());
    served.start(&["--resources", "local-resources.yaml", "--secrets", "secrets.yaml"]);
    let show = commands("Show", ["echo \"branch is #{SourceVariables.BranchName}\""]);
    let declared = pipeline_from(git_source(), [stage("Build", [show])]);
    let triggers = json!([{
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {
            "sourceActionName": "Source",
            "push": [
                { "branches": { "includes": ["feature/*"] }, "filePaths": { "includes": ["src/**"] } },
                { "tags": { "includes": ["v*"] } },
            ],
            "pullRequest": [{ "events": ["OPEN"], "branches": { "includes": ["main"] } }],
        },
    }]);
    let declared = with(with(declared, "executionMode", json!("QUEUED")), "triggers", triggers);
    served.workplace.write("pipeline.json", &declared.to_string());
    served.say(&["create", "pipeline.json"]).assert_status(0);
    assert_eq!(served.newest_end(), "Succeeded");
    served
}

fn git(served: &Served, arguments: &[&str]) -> String {
    let mut git = command("git");
    git.current_dir(served.workplace.path().join("app")).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let said = git.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).output();
    let said = said.expect("git starts");
    assert!(said.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// A new commit on the branch that is checked out, which changes one file.
fn commit(served: &Served, file: &str) -> String {
    served
        .workplace
        .write(&format!("app/{file}"), &format!("{file} {}", git(served, &["rev-parse", "HEAD"])));
    git(served, &["add", "--all"]);
    git(served, &["commit", "--quiet", "-m", file]);
    git(served, &["rev-parse", "HEAD"])
}

fn webhook_url(served: &Served) -> String {
    let said = served.say(&["connections", "--json"]);
    let answer: Value = serde_json::from_str(&said.assert_status(0).output).expect("JSON");
    answer["connections"][0]["webhookUrl"].as_str().expect("a URL").to_owned()
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length will do");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes everything");
        text
    })
}

/// As GitHub delivers it, signed by whoever says so.
fn deliver(served: &Served, url: &str, (event, id): (&str, &str), body: &Value, signed: bool) -> Reply {
    let address = served.address();
    let body = body.to_string().into_bytes();
    let signature = if signed { signature(&body) } else { signature(b"something else") };
    let path = url.strip_prefix(&format!("http://{address}")).expect("a URL of the service");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nx-github-event: {event}\r\n\
         x-github-delivery: {id}\r\nx-hub-signature-256: {signature}"
    );
    served.request(&head, &body)
}

/// GitHub's push, forced, so that its commits are not all that changed.
fn push(reference: &str, before: &str, after: &str) -> Value {
    json!({
        "ref": reference, "before": before, "after": after, "deleted": false, "forced": true, "commits": [],
        "head_commit": { "id": after }, "repository": { "id": 1, "full_name": "Shop/App" },
    })
}

/// What became of an event, when it is known.
fn explained(served: &Served, id: &str) -> Value {
    for _ in 0..600 {
        let said = served.say(&["explain", id, "--json"]);
        if said.status == Some(0) {
            return serde_json::from_str(&said.output).expect("JSON");
        }
        sleep(Duration::from_millis(50));
    }
    panic!("nothing is known of {id}: {}", served.say(&["explain"]).output);
}

fn started(event: &Value) -> Option<&str> {
    event["pipelines"][0]["pipelineExecutionId"].as_str()
}

fn what_starts_nothing_says_why(served: &Served, url: &str, [main, source, docs]: [&str; 3]) {
    let nothing = |delivery: &str, event: &str, body: &Value, said: &str| {
        assert_eq!(deliver(served, url, (event, delivery), body, true).status / 100, 2);
        let explained = explained(served, delivery);
        assert_eq!(started(&explained), None, "{explained:#}");
        served.say(&["explain", delivery]).assert_status(0).assert_says(&[said]);
    };
    let of_docs = push("refs/heads/feature/x", source, docs);
    nothing("d-3", "push", &of_docs, "push[0].filePaths says no to each of 1 changed files");
    let elsewhere = push("refs/heads/main", main, source);
    nothing("d-4", "push", &elsewhere, "push[0].branches.includes says no: 'main' is none of 'feature/*'");
    let fresh = push("refs/heads/feature/x", NONE, docs);
    nothing("d-5", "push", &fresh, "the branch is new, and has no changed files");
    let mut of_others = push("refs/heads/feature/x", main, source);
    of_others["repository"]["full_name"] = json!("somebody/else");
    nothing("d-6", "push", &of_others, "no pipeline has a source action of this");
    nothing("d-7", "ping", &json!({ "zen": "Keep it logically awesome." }), "a ping starts nothing");
}

#[test]
fn a_host_starts_what_the_filters_of_triggers_let_through_and_every_event_can_be_explained() {
    let mut served = served();
    let url = webhook_url(&served);
    let main = git(&served, &["rev-parse", "HEAD"]);
    git(&served, &["checkout", "--quiet", "-b", "feature/x"]);
    let source = commit(&served, "src/a");
    let docs = commit(&served, "docs/a");

    // The files are found out from git.
    let pushed = push("refs/heads/feature/x", &main, &source);
    assert_eq!(deliver(&served, &url, ("push", "d-1"), &pushed, false).status, 403);
    let reply = deliver(&served, &url, ("push", "d-1"), &pushed, true);
    assert_eq!(reply.status, 202, "{}", reply.text);
    let event = explained(&served, "d-1");
    let id = started(&event).unwrap_or_else(|| panic!("it starts: {event:#}")).to_owned();
    assert_eq!((&event["changedFiles"], &event["source"]), (&json!(1), &json!(CONNECTION)));
    assert_eq!(served.newest_end(), "Succeeded");
    let newest = &served.executions()[0];
    assert_eq!(newest["pipelineExecutionId"], json!(id));
    assert_eq!(newest["sourceRevisions"][0]["revisionId"], json!(source), "not the newest");
    assert_eq!(newest["trigger"]["triggerType"], "WebhookV2");
    let detail = newest["trigger"]["triggerDetail"].as_str().expect("a detail");
    let detail: Value = serde_json::from_str(detail).expect("JSON");
    assert_eq!((&detail["branchName"], &detail["commitId"]), (&json!("feature/x"), &json!(source)));
    served.say(&["logs", PIPELINE]).assert_says(&["branch is feature/x"]);

    // The same again, by its id and under another one.
    let again = deliver(&served, &url, ("push", "d-1"), &pushed, true);
    assert!(again.status == 200 && again.text.contains("taken before"), "{}", again.text);
    assert_eq!(deliver(&served, &url, ("push", "d-2"), &pushed, true).status, 202);
    assert_eq!(started(&explained(&served, "d-2")), Some(id.as_str()), "it is the same start");
    assert_eq!(served.executions().len(), 2);

    what_starts_nothing_says_why(&served, &url, [&main, &source, &docs]);
    assert_eq!(served.executions().len(), 2);

    // A tag, and a pull request at the head of its branch.
    let tagged = push("refs/tags/v1", NONE, &main);
    assert_eq!(deliver(&served, &url, ("push", "d-8"), &tagged, true).status, 202);
    assert!(started(&explained(&served, "d-8")).is_some());
    assert_eq!(served.newest_end(), "Succeeded");
    let side =
        |branch: &str, sha: &str| json!({ "ref": branch, "sha": sha, "repo": { "full_name": "shop/app" } });
    let request = json!({
        "action": "opened", "number": 7, "repository": { "full_name": "shop/app" },
        "pull_request": { "head": side("feature/x", &docs), "base": side("main", &main) },
    });
    assert_eq!(deliver(&served, &url, ("pull_request", "d-9"), &request, true).status, 202);
    assert!(started(&explained(&served, "d-9")).is_some());
    assert_eq!(served.newest_end(), "Succeeded");
    let revisions: Vec<_> =
        served.executions().iter().map(|one| one["sourceRevisions"][0]["revisionId"].clone()).collect();
    assert_eq!(revisions, [&docs, &main, &source, &main].map(|commit| json!(commit)));
    assert_eq!(served.say(&["explain", "--quiet", "--last", "2"]).output, "d-9\nd-8\n");

    // The host was told that it is taken, so it is, whatever happens then; the rest of the URL stays.
    let later = commit(&served, "src/b");
    let last = push("refs/heads/feature/x", &docs, &later);
    assert_eq!(deliver(&served, &url, ("push", "d-10"), &last, true).status, 202);
    served.kill();
    served.start(&["--secrets", "secrets.yaml"]);
    assert!(started(&explained(&served, "d-10")).is_some());
    assert_eq!(served.newest_end(), "Succeeded");
    assert_eq!(webhook_url(&served).rsplit('/').next(), url.rsplit('/').next());
    let log = served.running.as_ref().expect("it runs").output();
    assert!(!log.contains(SECRET), "a secret is in the log");
}
