//! Builds that do not end by themselves, and commands that behave badly.

use std::time::Duration;

use serde_json::json;

use super::ground::{Ground, project};
use crate::KeptWorkDirectories;

const IGNORES_SIGTERM: &str = "version: 0.2\nphases:\n  build:\n    commands: [\"trap '' TERM; echo ready; sleep 60 & wait; sleep 60\"]\n    \
     finally: [echo never]\n  post_build:\n    commands: [echo never]\n";

#[tokio::test]
async fn a_stopped_build_ends_in_its_phase_even_if_it_ignores_sigterm() {
    let ground = Ground::new();
    let id = ground.start(IGNORES_SIGTERM, json!({})).await;
    ground.logged(&id, "ready").await;
    ground.call("StopBuild", json!({ "id": id })).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), ground.ended(&id)).await.unwrap();
    assert_eq!(ended.status(), "STOPPED");
    assert!(ended.phases().ends_with("PRE_BUILD:SUCCEEDED BUILD:STOPPED"), "{}", ended.phases());
    assert_eq!(ended.output(), ["ready"]);
    ground.no_work_directories().await;
}

#[tokio::test]
async fn a_build_times_out_by_the_clock() {
    let ground = Ground::new();
    let id = ground.start(IGNORES_SIGTERM, json!({ "timeoutInMinutesOverride": 5 })).await;
    ground.logged(&id, "ready").await;
    ground.clock.advance(Duration::from_secs(4 * 60));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ground.build(&id).await["buildStatus"], "IN_PROGRESS");
    ground.clock.advance(Duration::from_secs(61));
    let ended = ground.ended(&id).await;
    assert_eq!(ended.status(), "TIMED_OUT");
    assert_eq!(ended.context(), "BUILD_TIMED_OUT: Build has timed out.");
    let events = ground.events.0.lock().unwrap();
    assert_eq!(events.last().unwrap()["detail"]["build-status"], "TIMED_OUT");
}

#[tokio::test]
async fn builds_past_the_limit_wait_in_their_order_or_time_out_in_the_queue() {
    let ground = Ground::with(|settings| settings.max_concurrent_builds = 1);
    let first = ground.start(IGNORES_SIGTERM, json!({})).await;
    ground.logged(&first, "ready").await;
    let second = ground.start(IGNORES_SIGTERM, json!({ "queuedTimeoutInMinutesOverride": 5 })).await;
    let third = ground.start("version: 0.2\nphases: {build: {commands: [echo third]}}", json!({})).await;
    while ground.build(&second).await["currentPhase"] != "QUEUED" {
        tokio::task::yield_now().await;
    }
    ground.clock.advance(Duration::from_secs(301));
    assert_eq!(ground.ended(&second).await.status(), "TIMED_OUT");
    ground.call("StopBuild", json!({ "id": first })).await.unwrap();
    assert_eq!(ground.ended(&third).await.output(), ["third"]);
}

#[tokio::test]
async fn a_build_that_is_stopped_while_it_stores_artifacts_is_stopped() {
    let ground = Ground::new();
    let buildspec = "version: 0.2\nphases: {build: {commands: ['touch x']}}\n\
                     artifacts: {files: ['$(echo expanding >&2; sleep 60)x']}\n";
    let artifacts = json!({ "type": "S3", "location": "b", "packaging": "ZIP" });
    let id = ground.start(buildspec, json!({ "artifactsOverride": artifacts })).await;
    ground.logged(&id, "expanding").await;
    ground.call("StopBuild", json!({ "id": id })).await.unwrap();
    let ended = ground.ended(&id).await;
    assert_eq!(ended.status(), "STOPPED");
    assert!(ended.phases().ends_with("UPLOAD_ARTIFACTS:STOPPED"), "{}", ended.phases());
}

#[tokio::test]
async fn a_queued_build_can_be_stopped() {
    let ground = Ground::with(|settings| settings.max_concurrent_builds = 0);
    let id = ground.start(IGNORES_SIGTERM, json!({})).await;
    ground.call("StopBuild", json!({ "id": id })).await.unwrap();
    let ended = ground.ended(&id).await;
    assert_eq!(ended.status(), "STOPPED");
    assert_eq!(ended.build["phases"][1]["phaseStatus"], "STOPPED");
    let again = ground.call("StopBuild", json!({ "id": id })).await.unwrap();
    assert_eq!(again["build"]["buildStatus"], "STOPPED");
}

#[tokio::test]
async fn a_shutdown_ends_all_builds_and_takes_no_new_ones() {
    let ground = Ground::new();
    let ids =
        [ground.start(IGNORES_SIGTERM, json!({})).await, ground.start(IGNORES_SIGTERM, json!({})).await];
    ground.logged(&ids[0], "ready").await;
    ground.service.shutdown().await;
    for id in ids {
        assert_eq!(ground.build(&id).await["buildStatus"], "FAULT");
    }
    let refused = ground.call("StartBuild", json!({ "projectName": "demo" })).await.unwrap_err();
    assert_eq!(refused.status, 500);
}

#[tokio::test]
async fn bad_output_is_bounded_and_readable() {
    let ground = Ground::with(|settings| settings.log_limit_bytes = 50_000);
    let buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - printf 'a\\377b\\n'\n      \
                     - head -c 100000000 /dev/zero | tr '\\0' x; echo\n      - (sleep 300; echo late) & echo early\n";
    let ended = ground.run(buildspec).await;
    assert_eq!(ended.status(), "SUCCEEDED");
    assert!(ended.log.len() < 60_000);
    assert_eq!(ended.output()[0], "a\u{fffd}b");
    assert!(ended.log.contains("[The log was cut here"));
    assert!(ended.log.contains("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED"));
}

#[tokio::test]
async fn a_gigabyte_of_output_is_read_to_its_end() {
    let ground = Ground::with(|settings| settings.log_limit_bytes = 100_000);
    let buildspec =
        "version: 0.2\nphases: {build: {commands: ['head -c 1000000000 /dev/zero', 'echo end >&2']}}";
    let ended = ground.run(buildspec).await;
    assert_eq!(ended.status(), "SUCCEEDED");
    assert!(ended.log.len() < 110_000, "{}", ended.log.len());
}

#[tokio::test]
async fn daemons_end_with_their_build() {
    let ground = Ground::new();
    let loud = "setsid sleep 300 & echo $! > ../loud";
    let silent = "setsid sleep 300 > /dev/null 2>&1 & echo $! > ../silent";
    let both = "until grep -q sleep /proc/$(cat ../loud)/comm && grep -q sleep /proc/$(cat ../silent)/comm; do :; done";
    let shown = "cat ../loud ../silent";
    let commands = format!("['{loud}', '{silent}', '{both}', '{shown}']");
    let buildspec = format!("version: 0.2\nphases: {{build: {{commands: {commands}}}}}");
    let ended = ground.run(&buildspec).await;
    assert_eq!(ended.output().len(), 2, "{}", ended.log);
    assert!(ended.log.contains("was still running and was ended: sleep 300"), "{}", ended.log);
    for pid in ended.output() {
        let stat = format!("/proc/{pid}/stat");
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn the_work_directory_of_a_failed_build_is_kept_if_wanted() {
    let ground =
        Ground::with(|settings| settings.kept_work_directories = KeptWorkDirectories::OfFailedBuilds);
    ground.run("version: 0.2\nphases: {build: {commands: ['true']}}").await;
    ground.no_work_directories().await;
    ground.run("version: 0.2\nphases: {build: {commands: ['touch here; false']}}").await;
    let kept = ground.work_directories();
    assert!(kept[0].join("src/here").exists(), "{kept:?}");
}

#[tokio::test]
async fn unfinished_builds_of_a_former_process_end_as_fault_with_their_event() {
    let ground = Ground::new();
    ground.call("CreateProject", project("demo")).await.unwrap();
    let id = ground.start(IGNORES_SIGTERM, json!({ "idempotencyToken": "t" })).await;
    ground.logged(&id, "ready").await;
    let (_, uuid) = id.split_once(':').unwrap();
    let record = ground.directory.path().join(format!("builds/demo/{uuid}.jsonl"));
    let mut crashed = std::fs::read(&record).unwrap();
    ground.call("StopBuild", json!({ "id": id })).await.unwrap();
    ground.ended(&id).await;
    crashed.extend_from_slice(b"{\"build\": a line that was not written to its en");
    std::fs::write(&record, crashed).unwrap();
    ground.events.0.lock().unwrap().clear();
    std::fs::create_dir_all(ground.directory.path().join(format!("work/{uuid}/src"))).unwrap();
    let arn = ground.build(&id).await["arn"].as_str().unwrap().to_owned();
    #[expect(clippy::disallowed_methods, reason = "a process that a crash left behind")]
    let mut orphan = std::process::Command::new("/bin/sleep");
    let mut orphan = orphan.arg("300").env("CODEBUILD_BUILD_ARN", arn).spawn().unwrap();

    let service = ground.reopened();
    let reopened = Ground { service, ..ground };
    let ended = reopened.ended(&id).await;
    assert_eq!(ended.status(), "FAULT");
    reopened.no_work_directories().await;
    assert!(ended.context().contains("The local service ended while the build was running"));
    assert!(ended.log.contains("The local service ended"), "{}", ended.log);
    assert!(ended.log.contains("was still running and was ended: /bin/sleep 300"), "{}", ended.log);
    assert_eq!(orphan.wait().unwrap().code(), None);
    assert_eq!(reopened.events.0.lock().unwrap()[0]["detail"]["build-status"], "FAULT");
    let again = reopened.start(IGNORES_SIGTERM, json!({ "idempotencyToken": "t" })).await;
    assert_eq!(again, id);
    let next = reopened.run("version: 0.2\nphases: {build: {commands: ['true']}}").await;
    assert_eq!(next.build["buildNumber"], 2);
}
