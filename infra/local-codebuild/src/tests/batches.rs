//! Batches of real builds.

use std::time::Duration;

use serde_json::{Value, json};

use super::ground::{Ground, project};

async fn start(ground: &Ground, buildspec: &str, overrides: Value) -> String {
    let _ = ground.call("CreateProject", project("demo")).await;
    let mut input = json!({ "projectName": "demo", "buildspecOverride": buildspec });
    for (name, value) in overrides.as_object().unwrap() {
        input[name] = value.clone();
    }
    let started = ground.call("StartBuildBatch", input).await.unwrap();
    started["buildBatch"]["id"].as_str().unwrap().to_owned()
}

async fn batch(ground: &Ground, id: &str) -> Value {
    ground.call("BatchGetBuildBatches", json!({ "ids": [id] })).await.unwrap()["buildBatches"][0].clone()
}

async fn ended(ground: &Ground, id: &str) -> Value {
    loop {
        let batch = batch(ground, id).await;
        if batch["complete"] == true {
            return batch;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// `identifier:STATUS` of each build, with `-` for one that was not started.
fn statuses(batch: &Value) -> String {
    let groups = batch["buildGroups"].as_array().unwrap().iter();
    let words = groups.map(|group| {
        let status = group["currentBuildSummary"]["buildStatus"].as_str().unwrap_or("-");
        format!("{}:{status}", group["identifier"].as_str().unwrap())
    });
    words.collect::<Vec<_>>().join(" ")
}

fn phases(batch: &Value) -> Vec<&str> {
    batch["phases"].as_array().unwrap().iter().map(|phase| phase["phaseType"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_graph_runs_in_its_order_with_the_variables_of_each_build() {
    let ground = Ground::new();
    let shared = tempfile::tempdir().unwrap();
    let buildspec = format!(
        r#"
version: 0.2
batch:
  build-graph:
    - {{identifier: last, depend-on: [one, two], env: {{variables: {{NAME: last}}}}}}
    - {{identifier: one, env: {{variables: {{NAME: one}}, image: other}}}}
    - {{identifier: two, env: {{variables: {{NAME: two}}}}, ignore-failure: true}}
phases: {{build: {{commands: ['echo $NAME $CODEBUILD_BATCH_BUILD_IDENTIFIER >> {}/order; [ $NAME != two ]']}}}}
"#,
        shared.path().display()
    );
    let id = start(&ground, &buildspec, json!({})).await;
    let batch = ended(&ground, &id).await;
    assert_eq!(batch["buildBatchStatus"], "SUCCEEDED", "{batch}");
    assert_eq!(statuses(&batch), "last:SUCCEEDED one:SUCCEEDED two:FAILED");
    assert_eq!(phases(&batch), ["SUBMITTED", "DOWNLOAD_BATCHSPEC", "IN_PROGRESS", "SUCCEEDED"]);
    let order = std::fs::read_to_string(shared.path().join("order")).unwrap();
    assert!(order.ends_with("last last\n") && order.lines().count() == 3, "{order}");
    let arn = batch["buildGroups"][1]["currentBuildSummary"]["arn"].as_str().unwrap();
    let build = ground.build(arn).await;
    assert_eq!(build["buildBatchArn"], batch["arn"]);
    assert_eq!(build["environment"]["image"], "other");
    let listed = ground.call("ListBuildBatchesForProject", json!({ "projectName": "demo" })).await.unwrap();
    assert_eq!(listed["ids"], json!([id]));
}

#[tokio::test]
async fn a_failure_holds_up_what_depends_on_it_and_stops_the_others_if_wanted() {
    let buildspec = |fast_fail: bool| {
        format!(
            r#"
version: 0.2
batch:
  fast-fail: {fast_fail}
  build-graph:
    - {{identifier: bad, env: {{variables: {{RUN: 'exit 1'}}}}}}
    - {{identifier: after, depend-on: [bad]}}
    - {{identifier: slow, env: {{variables: {{RUN: sleep {}}}}}}}
phases: {{build: {{commands: [$RUN]}}}}
"#,
            if fast_fail { 60 } else { 0 }
        )
    };
    for (fast_fail, expected) in
        [(false, "bad:FAILED after:- slow:SUCCEEDED"), (true, "bad:FAILED after:- slow:STOPPED")]
    {
        let ground = Ground::new();
        let id = start(&ground, &buildspec(fast_fail), json!({})).await;
        let batch = ended(&ground, &id).await;
        assert_eq!((statuses(&batch).as_str(), &batch["buildBatchStatus"]), (expected, &json!("FAILED")));
    }
}

#[tokio::test]
async fn artifacts_of_a_matrix_are_combined_with_a_folder_for_each_build() {
    let ground = Ground::new();
    let matrix = r#"
version: 0.2
batch:
  build-matrix:
    static: {ignore-failure: false}
    dynamic: {env: {variables: {VERSION: [1, 2]}}}
phases: {build: {commands: ['echo $VERSION > version']}}
artifacts: {files: [version]}
"#;
    ground.put_source("store/src", &[("specs/matrix.yml", matrix)]);
    let overrides = json!({
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "store/src",
        "artifactsOverride": { "type": "S3", "location": "store", "path": "p", "name": "out", "packaging": "ZIP" },
        "buildBatchConfigOverride": { "combineArtifacts": true, "restrictions": { "maximumBuildsAllowed": 2 } },
        "idempotencyToken": "t",
    });
    let id = start(&ground, "./specs/matrix.yml", overrides.clone()).await;
    assert_eq!(start(&ground, "./specs/matrix.yml", overrides.clone()).await, id);
    let batch = ended(&ground, &id).await;
    assert_eq!(batch["buildBatchStatus"], "SUCCEEDED", "{batch}");
    assert_eq!(phases(&batch)[3..], ["COMBINE_ARTIFACTS", "SUCCEEDED"]);
    assert_eq!(batch["artifacts"]["location"], "arn:aws:s3:::store/p/out");
    assert_eq!(batch["artifacts"]["sha256sum"].as_str().map(str::len), Some(64));
    let files = ground.stored_zip("store/p/out");
    assert_eq!((files["build0/version"].as_str(), files["build1/version"].as_str()), ("1\n", "2\n"));
    let mut too_many = overrides;
    too_many["buildBatchConfigOverride"]["restrictions"]["maximumBuildsAllowed"] = json!(1);
    too_many["idempotencyToken"] = json!("other");
    let id = start(&ground, "specs/matrix.yml", too_many).await;
    let refused = ended(&ground, &id).await;
    assert!(
        refused["phases"][1]["contexts"][0]["message"].as_str().unwrap().contains("the project allows 1")
    );
}

#[tokio::test]
async fn a_stopped_batch_stops_its_builds_and_starts_no_more() {
    let ground = Ground::new();
    let buildspec = "version: 0.2\nbatch:\n  build-graph:\n    - identifier: one\n    - {identifier: two, depend-on: [one]}\n\
                     phases: {build: {commands: [sleep 60]}}\n";
    let id = start(&ground, buildspec, json!({})).await;
    while statuses(&batch(&ground, &id).await) != "one:IN_PROGRESS two:-" {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    ground.call("StopBuildBatch", json!({ "id": id })).await.unwrap();
    let batch = ended(&ground, &id).await;
    assert_eq!(
        (batch["buildBatchStatus"].as_str(), statuses(&batch).as_str()),
        (Some("STOPPED"), "one:STOPPED two:-")
    );
    let reopened = Ground { service: ground.reopened(), ..ground };
    assert_eq!(ended(&reopened, &id).await, batch);
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_fails_and_says_why() {
    let ground = Ground::new();
    let cases = [
        ("version: 0.2\nphases: {build: {commands: [x]}}\n", "there is no batch in the buildspec"),
        ("version: 0.2\nbatch: {build-list: [{identifier: a}]}\n", "phases has no commands"),
        (
            "version: 0.2\nbatch: {build-graph: [{identifier: a, depend-on: [b]}, {identifier: b, depend-on: [a]}]}\n",
            "depend-on goes in a circle: a, b",
        ),
        ("version: 0.2\nbatch: {build-graph: [{identifier: a, depend-on: [c]}]}\n", "no build of the batch"),
        ("version: 0.2\nbatch: {build-list: [{env: {fleet: f}}]}\n", "env.fleet: is not supported here"),
        (
            "version: 0.2\nbatch: {build-list: [{identifier: a}, {identifier: a}]}\n",
            "two builds with the identifier a",
        ),
    ];
    for (buildspec, expected) in cases {
        let id = start(&ground, buildspec, json!({})).await;
        let batch = ended(&ground, &id).await;
        assert_eq!(batch["buildBatchStatus"], "FAILED");
        let message = batch["phases"][1]["contexts"][0]["message"].as_str().unwrap();
        assert!(message.contains(expected), "{buildspec}: {message}");
    }
    let missing = ground.call("StopBuildBatch", json!({ "id": "demo:x" })).await.unwrap_err();
    assert_eq!(missing.code, "ResourceNotFoundException");
}
