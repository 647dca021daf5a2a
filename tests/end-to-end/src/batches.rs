//! Batches of builds in a pipeline: which outputs they give, how they fail, how they are stopped, and that their end
//! is noticed although CodeBuild tells of no batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use local::Options;
use local::connector::{Fault, FaultInjection};
use local_service::{ObjectStore, Service};
use serde_json::{Value, json};

use crate::declare::{CONNECTION, PIPELINE, action_type, commands, deploy_to_s3, pipeline, stage};
use crate::process::{Running, command, pipewright};
use crate::served::Served;
use crate::shop::Shop;

/// A batch build of the project `app`, with these outputs.
fn batch(outputs: &[&str], combine: &str) -> Value {
    let outputs: Vec<_> = outputs.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "name": "Batch",
        "namespace": "batch",
        "actionTypeId": action_type("Build", "CodeBuild"),
        "configuration": { "ProjectName": "app", "BatchEnabled": "true", "CombineArtifacts": combine },
        "inputArtifacts": [{ "name": "SourceOutput" }],
        "outputArtifacts": outputs,
    })
}

/// A shop whose only stage before `then` is the batch of this buildspec.
async fn shop(buildspec: &Value, batch: Value, then: impl IntoIterator<Item = Value>) -> Shop {
    let shop = Shop::open().await;
    shop.bucket("site");
    shop.project("app", buildspec).await;
    let then =
        then.into_iter().map(|action| stage(action["name"].as_str().unwrap_or_default(), [action.clone()]));
    let stages: Vec<_> = [stage("Build", [batch])].into_iter().chain(then).collect();
    shop.create(&pipeline(stages)).await.expect("the pipeline is fine");
    shop
}

/// A shop with these faults, and an execution whose batch has one build.
async fn one_build_with(faults: FaultInjection) -> (Shop, String) {
    let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
    let buildspec = json!({
        "version": "0.2",
        "batch": { "build-list": [{ "identifier": "one" }] },
        "phases": { "build": { "commands": ["true"] } },
    });
    shop.project("app", &buildspec).await;
    shop.create(&pipeline([stage("Build", [batch(&[], "false")])])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    (shop, id)
}

async fn deployed(shop: &Shop, file: &str) -> String {
    let bytes = shop.stack().s3.get("site", &format!("site/{file}")).await;
    bytes
        .map(|bytes| String::from_utf8(bytes.to_vec()).expect("a text"))
        .unwrap_or_else(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_build_of_a_graph_gives_its_own_artifacts_and_variables() {
    let buildspec = json!({
        "version": "0.2",
        "batch": { "build-graph": [
            { "identifier": "linux" },
            { "identifier": "mac", "depend-on": ["linux"] },
            { "identifier": "odd", "ignore-failure": true, "env": { "variables": { "BREAK": "1" } } },
        ] },
        "env": { "exported-variables": ["BUILT", "SOURCE"] },
        "phases": { "build": { "commands": [
            "test -z \"$BREAK\"",
            "BUILT=$CODEBUILD_BATCH_BUILD_IDENTIFIER SOURCE=$(cat hello.txt)",
            "echo $BUILT > app; echo of $BUILT > manual",
        ] } },
        "artifacts": {
            "files": ["app"],
            "secondary-artifacts": { "docs": { "files": ["manual"] } },
        },
    });
    let outputs = ["linux", "linux_docs", "mac_docs", "odd"];
    let check = commands("Check", ["test #{batch.SOURCE} = hello", "test #{batch.mac_BUILT} = mac"]);
    let deploys = ["linux", "mac_docs"].map(|output| deploy_to_s3(output, "site", output));
    let shop = shop(&buildspec, batch(&outputs, "false"), deploys.into_iter().chain([check])).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.actions(&id).await);
    assert_eq!(deployed(&shop, "app").await, "linux\n");
    assert_eq!(deployed(&shop, "manual").await, "of mac\n");

    let batch = shop.action(&id, "Batch").await;
    assert!(batch.external_id().starts_with("app:"), "{batch:?}");
    assert_eq!((batch.variable("SOURCE"), batch.variable("BUILT")), ("hello", ""), "builds agree, or not");
    let made = batch.detail["output"]["outputArtifacts"].as_array().cloned().unwrap_or_default();
    let made: Vec<_> = made.iter().map(|artifact| artifact["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(made, ["linux", "linux_docs", "mac_docs"], "what failed has made nothing");
    let logs = shop.stack().logs_of(batch.external_id(), None);
    let builds: Vec<_> = logs.iter().filter_map(|log| log.build.as_deref()).collect();
    assert_eq!(builds, ["linux", "mac", "odd"]);
    assert!(logs.iter().all(|log| log.path.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artifacts_of_a_list_become_one() {
    let buildspec = json!({
        "version": "0.2",
        "batch": { "build-list": [{ "identifier": "one" }, { "identifier": "two" }] },
        "phases": { "build": { "commands": ["echo $CODEBUILD_BATCH_BUILD_IDENTIFIER > app"] } },
        "artifacts": { "files": ["app"] },
    });
    let deploy = deploy_to_s3("Publish", "site", "All");
    let shop = shop(&buildspec, batch(&["All"], "true"), [deploy]).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.actions(&id).await);
    assert_eq!(
        (deployed(&shop, "one/app").await, deployed(&shop, "two/app").await),
        ("one\n".into(), "two\n".into())
    );
    let sha256 = &shop.action(&id, "Batch").await.detail["output"]["outputArtifacts"][0]["sha256"];
    assert_eq!(sha256.as_str().map(str::len), Some(64), "{sha256}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_fails_with_the_build_that_failed_and_can_be_retried() {
    let place = tempfile::tempdir().expect("a directory");
    let mended = place.path().join("mended");
    let buildspec = json!({
        "version": "0.2",
        "batch": { "build-matrix": { "dynamic": { "env": { "variables": { "VERSION": ["1", "2"] } } } } },
        "phases": { "build": { "commands": [format!("test $VERSION = 1 || test -e {}", mended.display())] } },
    });
    let shop = shop(&buildspec, batch(&[], "false"), []).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Batch").await;
    let error = failed.error();
    assert!(error.starts_with("Build batch terminated with state: FAILED. Build build1: "), "{error}");
    assert!(error.contains("exit status 1"), "{error}");
    assert_eq!(failed.error_code(), "JobFailed");

    std::fs::write(mended, "").expect("a file");
    shop.retry(&id, "Build", "FAILED_ACTIONS").await.expect("it has failed here");
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_ne!(shop.action(&id, "Batch").await.external_id(), failed.external_id(), "a batch of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_somebody_stops_fails_its_action() {
    let shop = Shop::open().await;
    let gate = shop.gate("batch");
    let buildspec = json!({
        "version": "0.2",
        "batch": { "build-graph": [{ "identifier": "one" }, { "identifier": "two", "depend-on": ["one"] }] },
        "phases": { "build": { "commands": [gate.wait()] } },
    });
    shop.project("app", &buildspec).await;
    shop.create(&pipeline([stage("Build", [batch(&[], "false")])])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    shop.until(&id, "a build at its gate", async || (gate.arrivals() == 1).then_some(())).await;
    let running = shop.until_action(&id, "Batch", |action| !action.external_id().is_empty()).await;
    let input = json!({ "id": running.external_id() });
    shop.stack().codebuild.call("StopBuildBatch", input).await.expect("it runs");
    assert_eq!(shop.end(&id).await, "Failed");
    let error = shop.action(&id, "Batch").await.error().to_owned();
    assert!(error.starts_with("Build batch terminated with state: STOPPED."), "{error}");
    assert_eq!(gate.arrivals(), 1, "no further build begins");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_begin_says_so_at_once() {
    let plain = json!({ "version": "0.2", "phases": { "build": { "commands": ["true"] } } });
    let list = json!({
        "version": "0.2",
        "batch": { "build-list": [{ "identifier": "one" }] },
        "phases": { "build": { "commands": ["true"] } },
    });
    for (buildspec, outputs, combine, error, code) in [
        (&plain, &[][..], "false", "there is no batch in the buildspec", "JobFailed"),
        (&list, &["one", "two"], "true", "with CombineArtifacts there is only one", "ConfigurationError"),
        (&list, &["two"], "false", "The batch has no artifact for the output 'two'", "JobFailed"),
    ] {
        let shop = shop(buildspec, batch(outputs, combine), []).await;
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Failed");
        let action = shop.action(&id, "Batch").await;
        assert!(action.error().contains(error), "{}", action.error());
        assert_eq!(action.error_code(), code, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_asks_about_a_batch_whose_events_were_lost() {
    // Whatever the function of events asks for, it gets no answer.
    let lost: FaultInjection =
        Arc::new(|call| (call.caller == "ProviderEventsFunction").then_some(Fault::LoseReply));
    let (shop, id) = one_build_with(lost).await;
    let running = shop.until_action(&id, "Batch", |action| !action.external_id().is_empty()).await;
    let has_ended = async || {
        let input = json!({ "ids": [running.external_id()] });
        let batches = shop.stack().codebuild.call("BatchGetBuildBatches", input).await.expect("it is there");
        (batches["buildBatches"][0]["complete"] == true).then_some(())
    };
    shop.until(&id, "the end of the batch", has_ended).await;
    assert_eq!(shop.status(&id).await, "InProgress", "nobody has told of the end");
    shop.stack().clock.advance(Duration::from_secs(61));
    assert_eq!(shop.end(&id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_started_once_although_the_replies_to_its_start_are_lost() {
    // So often the SDK asks; then it is the function that is run again.
    const SDK_ATTEMPTS: usize = 3;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let faults: FaultInjection = Arc::new(move |call| {
        let is_start = call.action == "codebuild:StartBuildBatch";
        (is_start && counted.fetch_add(1, Ordering::SeqCst) < SDK_ATTEMPTS).then_some(Fault::LoseReply)
    });
    let (shop, id) = one_build_with(faults).await;
    shop.until(&id, "the last attempt", async || {
        (asked.load(Ordering::SeqCst) >= SDK_ATTEMPTS).then_some(())
    })
    .await;
    // Step Functions waits a little before it runs the function again.
    shop.stack().clock.advance(Duration::from_secs(30));
    assert_eq!(shop.end(&id).await, "Succeeded");
    let input = json!({ "projectName": "app" });
    let batches = shop.stack().codebuild.call("ListBuildBatchesForProject", input).await.expect("a list");
    assert_eq!(batches["ids"].as_array().map(Vec::len), Some(1), "{batches}");
}

#[test]
fn the_lines_of_each_build_are_told_with_its_identifier() {
    let mut served = Served::closed();
    let buildspec = json!({
        "version": "0.2",
        "batch": { "build-graph": [{ "identifier": "linux" }, { "identifier": "mac", "depend-on": ["linux"] }] },
        "phases": { "build": { "commands": ["echo tests of $CODEBUILD_BATCH_BUILD_IDENTIFIER"] } },
    });
    let project = json!({
        "name": "app",
        "source": { "type": "CODEPIPELINE", "buildspec": buildspec.to_string() },
        "artifacts": { "type": "CODEPIPELINE" },
        "environment": { "type": "LINUX_CONTAINER", "image": "standard", "computeType": "BUILD_GENERAL1_SMALL" },
    });
    let resources = json!({ "connections": [{ "arn": CONNECTION, "url": "app" }], "projects": [project] });
    served.workplace.write("local-resources.yaml", &resources.to_string());
    served.start(&["--resources", "local-resources.yaml"]);
    served.create([stage("Build", [batch(&[], "false")])]);
    assert_eq!(served.newest_end(), "Succeeded");
    let of_all = ["Batch linux | tests of linux", "Batch mac | tests of mac"];
    served.say(&["logs", PIPELINE]).assert_status(0).assert_says(&of_all);
    served.say(&["logs", PIPELINE, "Batch"]).assert_status(0).assert_says(&["mac | tests of mac"]);
    let lines = served.say(&["logs", PIPELINE, "--json"]).assert_status(0);
    assert!(lines.output.contains(r#""build":"mac""#), "{}", lines.output);

    // The same pipeline with `pipewright run`, on data of its own.
    let mut run = command(pipewright());
    run.current_dir(served.workplace.path()).args(["run", "pipeline.json", "--data", "other"]);
    let ended = Running::start(run, served.workplace.path().join("run.txt")).end();
    ended.assert_status(0).assert_says(&of_all);
}
