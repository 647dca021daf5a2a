//! Executions that nobody asked the API for: a push, an object, a schedule.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use local::Options;
use local::connector::{Fault, FaultInjection};
use local::events::{RuleState, RuleTarget, ScheduleRule};
use local_s3::BucketSettings;
use serde_json::{Value, json};

use crate::declare::{CONNECTION, PIPELINE, SOURCE_BUCKET, SOURCE_KEY, commands, pipeline, stage};
use crate::process::{Running, command};
use crate::served::Served;
use crate::shop::Shop;

/// Git, with what it printed.
fn git(place: &Path, arguments: &[&str]) -> String {
    let mut git = command("git");
    git.current_dir(place).env("GIT_CONFIG_GLOBAL", "/dev/null");
    git.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
    let said = git.output().expect("git starts");
    let output =
        format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "git {arguments:?}: {output}");
    output.trim().to_owned()
}

/// A service over a bare repository `app.git` that is told of pushes, and a clone `app` to push from.
fn with_a_bare_repository() -> Served {
    let mut served = Served::closed();
    let place = served.workplace.path().to_owned();
    git(&place, &["clone", "--quiet", "--bare", "app", "app.git"]);
    // What was there before is run before.
    let hook = place.join("app.git/hooks/post-receive");
    served.workplace.write("app.git/hooks/post-receive", "#!/bin/sh\ncat >> ../kept.txt\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    let resources = json!({ "connections": [{ "arn": CONNECTION, "url": "app.git" }] });
    served.workplace.write("local-resources.yaml", &resources.to_string());
    served.start(&["--resources", "local-resources.yaml"]);
    served.create([stage("Build", [commands("Compile", ["cat hello.txt"])])]);
    for _ in 0..2 {
        served.say(&["hook", "install", "app.git"]).assert_status(0).assert_says(&["app.git"]);
    }
    served
}

/// A new commit of `app`, pushed to a branch: its id, and what the push said.
fn push(served: &Served, text: &str, branch: &str) -> (String, String) {
    let app = served.workplace.path().join("app");
    served.workplace.write("app/hello.txt", text);
    git(&app, &["commit", "--quiet", "--all", "-m", text]);
    let said = git(&app, &["push", "../app.git", &format!("HEAD:refs/heads/{branch}")]);
    (git(&app, &["rev-parse", "HEAD"]), said)
}

/// Waits for the pipeline's newest execution to be of this commit; all executions, the newest first.
fn until_of(served: &Served, commit: &str) -> Vec<Value> {
    for _ in 0..600 {
        let executions = served.executions();
        if executions[0]["sourceRevisions"][0]["revisionId"] == commit {
            return executions;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("nothing of {commit}: {:#?}", served.executions());
}

#[test]
fn a_push_starts_the_pipelines_of_its_branch_at_its_commit_whenever_the_service_runs() {
    let mut served = with_a_bare_repository();
    assert_eq!(served.newest_end(), "Succeeded");

    let (commit, _) = push(&served, "one\n", "main");
    let executions = until_of(&served, &commit);
    assert_eq!(executions.len(), 2, "{executions:#?}");
    assert_eq!(executions[0]["trigger"]["triggerType"], "WebhookV2");
    assert_eq!(executions[0]["trigger"]["triggerDetail"], CONNECTION);
    assert_eq!(served.newest_end(), "Succeeded");

    // Nobody waits for that branch.
    push(&served, "two\n", "elsewhere");
    served.signal("INT");
    served.end().assert_status(0);
    let (commit, said) = push(&served, "three\n", "main");
    assert!(said.contains("no service runs"), "{said}");
    served.start(&[]);
    let executions = until_of(&served, &commit);
    assert_eq!(executions.len(), 3, "the other branch started nothing: {executions:#?}");
    assert_eq!(served.newest_end(), "Succeeded");
    let left: Vec<_> = fs::read_dir(served.data().join("pushes")).expect("it is there").flatten().collect();
    assert!(left.is_empty(), "{left:?}");

    let kept = fs::read_to_string(served.workplace.path().join("kept.txt")).expect("the hook before ran");
    assert_eq!(kept.lines().count(), 3, "once for each push: {kept}");
    let remove = || {
        let mut remove = command(crate::process::pipewright());
        remove.current_dir(served.workplace.path()).args(["hook", "remove", "app.git"]);
        Running::start(remove, served.workplace.path().join("remove.txt")).end().assert_status(0);
    };
    remove();
    remove();
    let (_, said) = push(&served, "four\n", "main");
    assert!(!said.contains("pipewright"), "{said}");
    let kept = fs::read_to_string(served.workplace.path().join("kept.txt")).expect("it is there");
    assert_eq!(kept.lines().count(), 4, "it is as it was before");
}

#[test]
fn a_push_is_never_refused_for_the_service() {
    let mut served = with_a_bare_repository();
    served.kill();
    fs::rename(served.data(), served.workplace.path().join("moved")).expect("it can be moved");
    let (_, said) = push(&served, "one\n", "main");
    assert!(said.contains("is not told of this"), "{said}");
    let nothing = served.say(&["hook", "install", "nowhere"]).assert_status(3);
    nothing.assert_says(&["nowhere is no git repository"]);
}

async fn executions(shop: &Shop) -> Vec<Value> {
    let input = json!({ "pipelineName": PIPELINE });
    let answer = shop.developer("ListPipelineExecutions", input).await.expect("the pipeline is known");
    answer["pipelineExecutionSummaries"].as_array().expect("a list").clone()
}

async fn until_there_are(shop: &Shop, count: usize) -> Vec<Value> {
    for _ in 0..600 {
        let executions = executions(shop).await;
        if executions.len() >= count {
            assert_eq!(executions.len(), count, "{executions:#?}");
            return executions;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited too long for {count} executions: {:#?}", executions(shop).await);
}

fn watching(poll: &str) -> Value {
    let mut declared = pipeline([stage("Build", [commands("Compile", ["echo hi"])])]);
    declared["stages"][0]["actions"][0]["configuration"]["PollForSourceChanges"] = json!(poll);
    declared
}

fn object_created(id: &str, key: &str) -> Value {
    json!({
        "id": id, "source": "aws.s3", "detail-type": "Object Created", "resources": ["arn:aws:s3:::sources"],
        "detail": { "bucket": { "name": SOURCE_BUCKET }, "object": { "key": key } },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_starts_the_pipelines_that_wait_for_it_and_an_event_that_comes_twice_starts_once() {
    let shop = Shop::with(&watching("true")).await;
    let settings = BucketSettings { versioned: true, event_bridge: true };
    shop.stack().s3.ensure_bucket(SOURCE_BUCKET, settings).expect("a bucket");
    shop.deliver_source(&[("hello.txt", "new\n")]).await;
    let seen = until_there_are(&shop, 1).await;
    assert_eq!(seen[0]["trigger"]["triggerType"], "CloudWatchEvent");
    assert_eq!(seen[0]["trigger"]["triggerDetail"], "arn:aws:s3:::sources");
    let id = seen[0]["pipelineExecutionId"].as_str().expect("an id");
    assert_eq!(shop.end(id).await, "Succeeded");

    let told = async |id: &str, key: &str| {
        shop.stack().put_event(&object_created(id, key)).await.expect("the function takes it");
        executions(&shop).await.len()
    };
    assert_eq!(told("e1", SOURCE_KEY).await, 2);
    assert_eq!(told("e1", SOURCE_KEY).await, 2, "the same event");
    assert_eq!(told("e2", "other.zip").await, 2, "nobody waits for it");
    assert_eq!(told("e3", SOURCE_KEY).await, 3);
    shop.edit(&watching("false")).await;
    assert_eq!(told("e4", SOURCE_KEY).await, 3, "the pipeline waits no more");
    shop.edit(&watching("true")).await;
    assert_eq!(told("e5", SOURCE_KEY).await, 4);
    shop.developer("DeletePipeline", json!({ "name": PIPELINE })).await.expect("it is deleted");
    shop.stack().put_event(&object_created("e6", SOURCE_KEY)).await.expect("nobody waits");
    shop.create(&watching("true")).await.expect("the name is free");
    assert_eq!(told("e7", SOURCE_KEY).await, 1, "a new pipeline has a history of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_starts_the_pipeline_when_its_time_comes_also_after_a_restart() {
    let shop = Shop::with(&watching("false")).await;
    let rule = |state| ScheduleRule {
        name: "hourly".to_owned(),
        schedule_expression: "rate(1 hour)".to_owned(),
        state,
        description: None,
        targets: vec![RuleTarget { id: None, arn: PIPELINE.to_owned() }],
    };
    shop.stack().rules.put(rule(RuleState::Enabled)).expect("the rule is fine");
    let an_hour = Duration::from_secs(3601);
    shop.stack().clock.advance(an_hour);
    let first = until_there_are(&shop, 1).await;
    assert_eq!(first[0]["trigger"]["triggerType"], "CloudWatchEvent");
    assert_eq!(first[0]["trigger"]["triggerDetail"], "arn:aws:events:us-east-1:123456789012:rule/hourly");

    // What came due while nothing ran is over.
    let shop = shop.after_power_failure().await;
    assert_eq!(executions(&shop).await.len(), 1);
    shop.stack().clock.advance(an_hour);
    until_there_are(&shop, 2).await;
    shop.stack().rules.put(rule(RuleState::Disabled)).expect("the rule is fine");
    shop.stack().clock.advance(an_hour);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(executions(&shop).await.len(), 2, "it is disabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_starts_its_pipeline_although_the_process_ended_before_it_could() {
    // The function that starts pipelines gets no answers.
    let lost: FaultInjection =
        Arc::new(|call| (call.caller == "TriggerSourceChangeFunction").then_some(Fault::LoseReply));
    let shop = Shop::open_with(Options { faults: Some(lost), ..Options::default() }).await;
    shop.create(&watching("true")).await.expect("the pipeline is fine");
    let settings = BucketSettings { versioned: true, event_bridge: true };
    shop.stack().s3.ensure_bucket(SOURCE_BUCKET, settings).expect("a bucket");
    shop.deliver_source(&[("hello.txt", "new\n")]).await;
    assert_eq!(executions(&shop).await.len(), 0);

    let shop = shop.after_losing(&[], Options::default()).await;
    let started = until_there_are(&shop, 1).await;
    assert_eq!(started[0]["trigger"]["triggerType"], "CloudWatchEvent");
    let id = started[0]["pipelineExecutionId"].as_str().expect("an id");
    assert_eq!(shop.end(id).await, "Succeeded");
    let kept = shop.place().join("data/events/kept");
    let is_empty = async || (fs::read_dir(&kept).expect("a directory").count() == 0).then_some(());
    shop.until(id, "nothing to be kept", is_empty).await;
}
