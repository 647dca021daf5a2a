//! Events and live state.

use serde_json::json;

use super::ground::Ground;

#[tokio::test]
async fn events_tell_each_phase_and_the_end() {
    let ground = Ground::new();
    let buildspec = "version: 0.2\nenv: {exported-variables: [A, NOT_SET]}\n\
                     phases: {build: {commands: ['export A=1', 'false']}, post_build: {commands: ['A=2']}}";
    let ended = ground.run(buildspec).await;
    assert_eq!((ended.exported("A"), ended.exported("NOT_SET")), (Some("2"), None));
    while ground.events.0.lock().unwrap().last().unwrap()["detail"]["build-status"] != "FAILED" {
        tokio::task::yield_now().await;
    }
    let events = ground.events.0.lock().unwrap();
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            let detail = &event["detail"];
            match event["detail-type"].as_str().unwrap() {
                "CodeBuild Build State Change" => {
                    format!("state {}", detail["build-status"].as_str().unwrap())
                }
                _ => format!(
                    "{} {}",
                    detail["completed-phase"].as_str().unwrap(),
                    detail["completed-phase-status"].as_str().unwrap()
                ),
            }
        })
        .collect();
    assert_eq!(
        told,
        [
            "state IN_PROGRESS",
            "SUBMITTED SUCCEEDED",
            "QUEUED SUCCEEDED",
            "PROVISIONING SUCCEEDED",
            "DOWNLOAD_SOURCE SUCCEEDED",
            "INSTALL SUCCEEDED",
            "PRE_BUILD SUCCEEDED",
            "BUILD FAILED",
            "POST_BUILD SUCCEEDED",
            "UPLOAD_ARTIFACTS SUCCEEDED",
            "FINALIZING SUCCEEDED",
            "COMPLETED FAILED",
            "state FAILED",
        ]
    );
    let last = events.last().unwrap();
    assert_eq!(last["source"], "aws.codebuild");
    assert_eq!(last["resources"][0], ended.build["arn"]);
    assert_eq!(last["detail"]["build-id"], ended.build["arn"]);
    let information = &last["detail"]["additional-information"];
    assert_eq!(information["build-complete"], true);
    assert_eq!(information["exported-environment-variables"], json!([{ "name": "A", "value": "2" }]));
    assert_eq!(information["phases"].as_array().unwrap().len(), 11);
    assert_eq!(information["logs"]["deep-link"], ended.build["logs"]["deepLink"]);
}

#[tokio::test]
async fn a_log_is_followed_while_the_build_runs() {
    let ground = Ground::new();
    let buildspec =
        "version: 0.2\nphases: {build: {commands: ['echo one', 'while [ ! -f go ]; do sleep 0.01; done']}}";
    let id = ground.start(buildspec, json!({})).await;
    ground.logged(&id, "one").await;
    let build = ground.build(&id).await;
    assert_eq!(build["currentPhase"], "BUILD");
    assert_eq!(build["buildComplete"], false);
    let work = ground.work_directories();
    std::fs::write(work[0].join("src/go"), "").unwrap();
    let ended = ground.ended(&id).await;
    assert_eq!(ended.status(), "SUCCEEDED");
    let file = std::fs::read_to_string(ended.build["logs"]["deepLink"].as_str().unwrap()).unwrap();
    assert_eq!(file, ended.log);
}

#[tokio::test]
async fn many_builds_run_at_once() {
    let ground = Ground::new();
    let buildspec = "version: 0.2\nphases: {build: {commands: ['sleep 0.2']}}";
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(ground.start(buildspec, json!({})).await);
    }
    for id in &ids {
        assert_eq!(ground.ended(id).await.status(), "SUCCEEDED");
    }
    let numbers: std::collections::BTreeSet<u64> = {
        let builds = ground.call("BatchGetBuilds", json!({ "ids": ids })).await.unwrap();
        let builds = builds["builds"].as_array().unwrap().clone();
        builds.iter().map(|build| build["buildNumber"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers, (1..=20).collect());
}
