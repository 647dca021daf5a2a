//! Stopping, restarting, and two at once.

use serde_json::json;

use crate::fixture::{Fixture, fixture};

fn slow(fixture: &Fixture) {
    let appspec = "hooks:\n  BeforeInstall:\n    - location: slow\n  AfterInstall:\n    - location: slow\n";
    let script = "#!/bin/sh\nmkdir -p \"$CODEDEPLOY_TARGET_ROOT\"\ntouch \"$CODEDEPLOY_TARGET_ROOT/begun\"\nexec sleep 60\n";
    fixture.revision("slow.zip", appspec, &[("slow", script)]);
}

#[tokio::test]
async fn a_stopped_deployment_ends_its_script_and_says_so() {
    let fixture = fixture();
    slow(&fixture);
    let id = fixture.create("slow.zip", json!({})).await.unwrap();
    fixture.appears("begun").await;
    let stopped = fixture.call("StopDeployment", json!({ "deploymentId": id })).await.unwrap();
    assert_eq!(stopped["status"], "Pending");
    let info = fixture.ended(&id).await;
    assert_eq!(
        (&info["status"], &info["errorInformation"]["code"]),
        (&json!("Stopped"), &json!("MANUAL_STOP"))
    );
    assert_eq!(fixture.states(), ["START", "STOP"]);
    assert_eq!(
        fixture.lifecycle(&info, "web-1").await[2..5],
        ["BeforeInstall Failed", "Install Skipped", "AfterInstall Skipped",]
    );
    let again = fixture.call("StopDeployment", json!({ "deploymentId": id })).await.unwrap_err();
    assert_eq!(again.code, "DeploymentAlreadyCompletedException");
}

#[tokio::test]
async fn a_group_has_one_deployment_at_a_time() {
    let fixture = fixture();
    slow(&fixture);
    let first = fixture.create("slow.zip", json!({})).await.unwrap();
    let second = fixture.create("slow.zip", json!({})).await.unwrap_err();
    assert_eq!(second.code, "DeploymentLimitExceededException");
    assert!(second.message.contains(&format!("already has an active Deployment '{first}'")), "{second}");
    fixture.appears("begun").await;
    fixture.call("StopDeployment", json!({ "deploymentId": first })).await.unwrap();
    fixture.ended(&first).await;
    let third = fixture.create("slow.zip", json!({})).await.unwrap();
    fixture.call("StopDeployment", json!({ "deploymentId": third })).await.unwrap();
    assert_eq!(fixture.ended(&third).await["status"], "Stopped");
}

/// As a process: when it is dropped, whatever was in progress is gone without a word.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

#[test]
fn a_deployment_that_was_in_progress_has_failed_after_a_restart() {
    let first = runtime();
    let (fixture, id) = first.block_on(async {
        let fixture = fixture();
        slow(&fixture);
        let id = fixture.create("slow.zip", json!({})).await.unwrap();
        fixture.appears("begun").await;
        (fixture, id)
    });
    drop(first);
    let fixture = fixture.reopened();
    runtime().block_on(async {
        let info = fixture.info(&id).await;
        assert_eq!(
            (&info["status"], &info["errorInformation"]["code"]),
            (&json!("Failed"), &json!("AGENT_ISSUE"))
        );
        assert_eq!(fixture.states(), ["START", "FAILURE"]);
        assert_eq!(fixture.lifecycle(&info, "web-1").await[2], "BeforeInstall Failed");

        fixture.revision("v1.zip", "files:\n  - source: page\n    destination: /\n", &[("page", "1")]);
        assert_eq!(fixture.deploy("v1.zip").await["status"], "Succeeded", "the group is free again");
        let listed = fixture.call("ListDeployments", json!({
            "applicationName": "shop", "deploymentGroupName": "production", "includeOnlyStatuses": ["Failed"],
        }));
        assert_eq!(listed.await.unwrap()["deployments"], json!([id]));
    });
}

/// Whether a process runs; one that nobody has reaped yet has no command line any more.
fn runs(pid: &str) -> bool {
    std::fs::read(format!("/proc/{}/cmdline", pid.trim())).is_ok_and(|command| !command.is_empty())
}

#[test]
fn what_an_interrupted_script_left_running_is_ended_and_a_server_is_not() {
    let first = runtime();
    let fixture = first.block_on(async {
        let fixture = fixture();
        let appspec =
            "hooks:\n  BeforeInstall:\n    - location: server\n  AfterInstall:\n    - location: slow\n";
        let escaped = |name: &str| {
            format!(
                "setsid sh -c 'echo $$ > \"$CODEDEPLOY_TARGET_ROOT/{name}.new\"; \
                 mv \"$CODEDEPLOY_TARGET_ROOT/{name}.new\" \"$CODEDEPLOY_TARGET_ROOT/{name}\"; exec sleep 300' \
                 > /dev/null 2>&1 &\n"
            )
        };
        let server = format!("#!/bin/sh\n{}", escaped("server"));
        let slow = format!("#!/bin/sh\n{}exec sleep 300\n", escaped("slow"));
        fixture.revision("v1.zip", appspec, &[("server", &server), ("slow", &slow)]);
        fixture.create("v1.zip", json!({})).await.unwrap();
        fixture.appears("server").await;
        fixture.appears("slow").await;
        fixture
    });
    drop(first);
    let (server, slow) = (fixture.read("server").unwrap(), fixture.read("slow").unwrap());
    assert!(runs(&server) && runs(&slow), "both have left their groups");
    let _fixture = fixture.reopened();
    // A signal takes a moment.
    let mut attempts = 0..500;
    while runs(&slow) && attempts.next().is_some() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(!runs(&slow), "it belonged to the event that was interrupted");
    assert!(runs(&server), "the event that started it had ended");
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(server.trim().parse().unwrap()).unwrap(),
        rustix::process::Signal::KILL,
    )
    .unwrap();
}

/// A deployment that is rolled back if it fails, while it runs; what was deployed before it succeeded.
async fn begun_after_a_good_one(fixture: &Fixture) -> String {
    fixture.revision("v1.zip", "files:\n  - source: page\n    destination: /\n", &[("page", "1")]);
    assert_eq!(fixture.deploy("v1.zip").await["status"], "Succeeded");
    slow(fixture);
    let rollback = json!({ "enabled": true, "events": ["DEPLOYMENT_FAILURE"] });
    let id = fixture.create("slow.zip", json!({ "autoRollbackConfiguration": rollback })).await.unwrap();
    fixture.appears("begun").await;
    id
}

#[test]
fn an_interrupted_deployment_is_rolled_back_at_the_next_start() {
    let first = runtime();
    let (fixture, id) = first.block_on(async {
        let fixture = fixture();
        let id = begun_after_a_good_one(&fixture).await;
        (fixture, id)
    });
    drop(first);
    runtime().block_on(async {
        let fixture = fixture.reopened();
        let info = fixture.info(&id).await;
        assert_eq!(info["status"], "Failed");
        let rollback = info["rollbackInfo"]["rollbackDeploymentId"].as_str().unwrap();
        assert_eq!(fixture.ended(rollback).await["status"], "Succeeded");
    });
}

#[tokio::test]
async fn a_deployment_that_ended_with_its_service_is_rolled_back_at_the_next_start() {
    let fixture = fixture();
    let id = begun_after_a_good_one(&fixture).await;
    fixture.service.shutdown().await;
    let info = fixture.info(&id).await;
    assert_eq!((&info["status"], &info["rollbackInfo"]), (&json!("Failed"), &json!(null)));

    let fixture = fixture.reopened();
    let info = fixture.info(&id).await;
    let rollback = info["rollbackInfo"]["rollbackDeploymentId"].as_str().unwrap();
    let rolled_back = fixture.ended(rollback).await;
    assert_eq!(rolled_back["status"], "Succeeded", "{rolled_back}");
    assert_eq!(fixture.reopened().info(&id).await, info, "once");
}

#[test]
fn a_directory_belongs_to_one_process() {
    let fixture = fixture();
    let directory = fixture.directory.path().join("codedeploy");
    let clock = std::sync::Arc::new(local_service::AdjustableClock::default());
    let second = local_codedeploy::LocalCodeDeploy::open(
        &directory,
        clock,
        fixture.revisions.clone(),
        local_codedeploy::Settings::default(),
    );
    assert!(matches!(second.map(|_| ()), Err(local_codedeploy::OpenError::InUse(path)) if path == directory));
}
