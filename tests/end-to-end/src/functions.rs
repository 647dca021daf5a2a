//! Lambda functions in a pipeline: scripts, what they report, and what becomes of those that say nothing.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use local_lambda::{Function, Runs};
use serde_json::{Value, json};

use crate::declare::{PIPELINE, action_type, commands, pipeline, stage};
use crate::shop::{Action, Shop};

const NOTIFY: &str = "notify";

/// An action that invokes the function, in the stage `Call`.
fn call(more: Value) -> Value {
    let mut action = json!({
        "name": "Call",
        "actionTypeId": action_type("Invoke", "Lambda"),
        "configuration": { "FunctionName": NOTIFY, "UserParameters": "to whom it may concern" },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        action[name] = value.clone();
    }
    stage("Call", [action])
}

/// The function is this script; it runs in the shop's place.
fn script(shop: &Shop, text: &str) {
    let command = vec!["sh".to_owned(), "-c".to_owned(), text.to_owned()];
    define(shop, Runs::Command { command, directory: shop.place().to_owned() });
}

fn define(shop: &Shop, runs: Runs) {
    let function = Function { name: NOTIFY.into(), runs, timeout_seconds: 60, environment: [].into() };
    shop.stack().lambda.define(function).expect("it can be a function");
}

/// The event that a script kept in `file`.
fn job(shop: &Shop, file: &str) -> Value {
    let event = fs::read(shop.place().join(file)).expect("the script kept its event");
    let event: Value = serde_json::from_slice(&event).expect("an event is JSON");
    event["CodePipeline.job"].clone()
}

/// Answers every request with this status, at an address of its own.
fn url_that_answers(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/", listener.local_addr().expect("it has an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut received = String::new();
            while !received.contains("CodePipeline.job") || !received.ends_with('}') {
                let mut chunk = [0; 4096];
                let size = stream.read(&mut chunk).unwrap_or(0);
                received.push_str(&String::from_utf8_lossy(&chunk[..size]));
                if size == 0 {
                    break;
                }
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

/// The function has been invoked, and the action waits for its report.
async fn invoked(shop: &Shop, id: &str) -> Action {
    shop.until_action(id, "Call", |action| !action.external_id().is_empty()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_script_is_a_function_and_its_last_line_has_the_output_variables() {
    let after = commands("Say", ["echo \"said $SAID\" > said; test \"$SAID\" = hello"]);
    let mut after = after;
    after["environmentVariables"] = json!([{ "name": "SAID", "value": "#{Answer.greeting}" }]);
    let declaration = pipeline([
        call(json!({
            "namespace": "Answer",
            "inputArtifacts": [{ "name": "SourceOutput" }],
            "outputArtifacts": [{ "name": "Report" }],
        })),
        stage("Say", [after]),
    ]);
    let shop = Shop::with(&declaration).await;
    script(&shop, "cat > event; echo working; echo '{\"outputVariables\": {\"greeting\": \"hello\"}}'");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.story(&id).await);
    assert_eq!(shop.action(&id, "Call").await.variable("greeting"), "hello");

    let job = job(&shop, "event");
    assert_eq!(job["accountId"], "123456789012");
    let configuration = &job["data"]["actionConfiguration"]["configuration"];
    assert_eq!(*configuration, json!({ "FunctionName": NOTIFY, "UserParameters": "to whom it may concern" }));
    let source = shop.action(&id, "Source").await;
    let made = &source.detail["output"]["outputArtifacts"][0]["s3location"];
    let given = &job["data"]["inputArtifacts"][0];
    assert_eq!((&given["name"], &given["location"]["type"]), (&json!("SourceOutput"), &json!("S3")));
    assert_eq!(
        given["location"]["s3Location"],
        json!({ "bucketName": made["bucket"], "objectKey": made["key"] })
    );
    let wanted = job["data"]["outputArtifacts"][0]["location"]["s3Location"]["objectKey"].as_str();
    assert!(wanted.is_some_and(|key| key.starts_with("release/Report/")), "{job}");
    assert!(job["data"]["continuationToken"].is_null());
    let keys = &job["data"]["artifactCredentials"];
    let key = |name: &str| keys[name].as_str().unwrap_or_default().to_owned();
    assert!(key("accessKeyId").starts_with("PW"), "they are of this service: {keys}");
    assert!(!key("secretAccessKey").is_empty() && !key("sessionToken").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_fails_fails_its_action_at_once_and_can_be_retried() {
    let shop = Shop::with(&pipeline([call(json!({}))])).await;
    script(&shop, "echo nobody is at home >&2; exit 3");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Call").await;
    assert_eq!(failed.error_code(), "JobFailed");
    assert!(failed.error().contains("exit status 3:\n[stderr] nobody is at home"), "{}", failed.error());

    script(&shop, "echo '{\"outputVariables\": {\"bad name\": \"x\"}}'");
    shop.retry(&id, "Call", "FAILED_ACTIONS").await.expect("it can be retried");
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Call").await;
    assert!(failed.error().contains("the last line of the function notify"), "{}", failed.error());

    script(&shop, "true");
    shop.retry(&id, "Call", "FAILED_ACTIONS").await.expect("it can be retried");
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_not_finished_is_invoked_again_with_its_token() {
    let shop = Shop::with(&pipeline([call(json!({}))])).await;
    let text = "cat > event; if grep -q continuationToken event; then mv event second; \
        else mv event first; echo '{\"continuationToken\": \"half\", \"executionDetails\": \
        {\"summary\": \"half way\", \"percentComplete\": 50}}'; fi";
    script(&shop, text);
    let id = shop.start().await;
    let is_half_way = |action: &Action| {
        action.detail["output"]["executionResult"]["externalExecutionSummary"] == "half way"
    };
    shop.until_action(&id, "Call", is_half_way).await;
    let state = shop.developer("GetPipelineState", json!({ "name": PIPELINE })).await.expect("it is known");
    let latest = &state["stageStates"][1]["actionStates"][0]["latestExecution"];
    assert_eq!(latest["percentComplete"], 50, "{latest}");
    assert!(!shop.place().join("second").exists(), "it is invoked again after a while");
    shop.stack().clock.advance(Duration::from_secs(60));
    assert_eq!(shop.end(&id).await, "Succeeded");
    let (first, second) = (job(&shop, "first"), job(&shop, "second"));
    assert_eq!(second["data"]["continuationToken"], "half");
    assert_ne!(first["id"], second["id"], "every invocation is a job of its own");

    let again = json!({ "jobId": first["id"] });
    let refused = shop.developer("PutJobSuccessResult", again).await.expect_err("it is over");
    assert_eq!(refused.code, "JobNotFoundException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_elsewhere_reports_its_job_itself() {
    let shop = Shop::with(&pipeline([call(json!({}))])).await;
    define(&shop, Runs::Url(url_that_answers("202 Accepted")));
    let id = shop.start().await;
    let job_id = invoked(&shop, &id).await.external_id().to_owned();

    let unknown = json!({ "jobId": "00000000-0000-4000-8000-000000000000" });
    let refused = shop.developer("PutJobSuccessResult", unknown).await.expect_err("no such job");
    assert_eq!(refused.code, "JobNotFoundException");
    let nonsense = json!({ "jobId": "x", "failureDetails": { "type": "Sad", "message": "" } });
    let refused = shop.developer("PutJobFailureResult", nonsense).await.expect_err("no such input");
    assert_eq!(refused.code, "ValidationException");

    let report = json!({
        "jobId": job_id,
        "executionDetails": { "summary": "told everybody", "externalExecutionId": "mail-7" },
        "outputVariables": { "count": "7" },
    });
    shop.developer("PutJobSuccessResult", report.clone()).await.expect("the job is in progress");
    assert_eq!(shop.end(&id).await, "Succeeded");
    let action = shop.action(&id, "Call").await;
    assert_eq!((action.variable("count"), action.external_id()), ("7", "mail-7"));
    assert!(shop.developer("PutJobSuccessResult", report).await.is_err(), "a job is reported once");

    let id = shop.start().await;
    let job_id = invoked(&shop, &id).await.external_id().to_owned();
    let details = json!({ "type": "RevisionUnavailable", "message": "it is gone" });
    let report = json!({ "jobId": job_id, "failureDetails": details });
    shop.developer("PutJobFailureResult", report).await.expect("the job is in progress");
    assert_eq!(shop.end(&id).await, "Failed");
    let action = shop.action(&id, "Call").await;
    assert_eq!((action.error_code(), action.error()), ("RevisionUnavailable", "it is gone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_says_nothing_has_failed_after_twenty_minutes() {
    let shop = Shop::with(&pipeline([call(json!({}))])).await;
    define(&shop, Runs::Url(url_that_answers("200 OK")));
    let id = shop.start().await;
    invoked(&shop, &id).await;
    shop.stack().clock.advance(Duration::from_secs(19 * 60));
    assert_eq!(shop.status(&id).await, "InProgress");
    shop.stack().clock.advance(Duration::from_secs(2 * 60));
    assert_eq!(shop.end(&id).await, "Failed");
    let error = shop.action(&id, "Call").await.error().to_owned();
    assert!(error.contains("failed to return a result"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_not_there_fails_its_action() {
    let shop = Shop::with(&pipeline([call(json!({}))])).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let action = shop.action(&id, "Call").await;
    assert_eq!(action.error_code(), "ConfigurationError");
    assert!(action.error().contains("Function not found"), "{}", action.error());
    // One of the stack's own is out of bounds for a pipeline.
    let mut declaration = pipeline([call(json!({}))]);
    declaration["stages"][1]["actions"][0]["configuration"]["FunctionName"] = json!("pipewright-api");
    shop.edit(&declaration).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    assert_eq!(shop.action(&id, "Call").await.error_code(), "PermissionError");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_a_power_failure_ended_fails_its_action_at_the_next_start() {
    let shop = Shop::with(&pipeline([call(json!({}))])).await;
    script(&shop, "touch begun; exec sleep 300");
    let id = shop.start().await;
    invoked(&shop, &id).await;
    let begun = async || shop.place().join("begun").exists().then_some(());
    shop.until(&id, "the script", begun).await;
    let later = shop.after_power_failure().await;
    assert_eq!(later.end(&id).await, "Failed");
    let error = later.action(&id, "Call").await.error().to_owned();
    assert!(error.contains("was interrupted"), "{error}");
    assert_eq!(shop.end(&id).await, "Failed", "the script itself was ended, wherever it came from");
}
