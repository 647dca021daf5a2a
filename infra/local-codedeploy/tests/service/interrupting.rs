//! Stopping, restarting, and two at once.

use std::time::Duration;

use serde_json::json;

use crate::fixture::{Fixture, fixture};

fn slow(fixture: &Fixture) {
    let appspec = "hooks:\n  BeforeInstall:\n    - location: slow\n  AfterInstall:\n    - location: slow\n";
    let script = "#!/bin/sh\nmkdir -p \"$CODEDEPLOY_TARGET_ROOT\"\ntouch \"$CODEDEPLOY_TARGET_ROOT/begun\"\nexec sleep 60\n";
    fixture.revision("slow.zip", appspec, &[("slow", script)]);
}

async fn begun(fixture: &Fixture) {
    while !fixture.root().join("begun").exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_stopped_deployment_ends_its_script_and_says_so() {
    let fixture = fixture();
    slow(&fixture);
    let id = fixture.create("slow.zip", json!({})).await.unwrap();
    begun(&fixture).await;
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
    begun(&fixture).await;
    fixture.call("StopDeployment", json!({ "deploymentId": first })).await.unwrap();
    fixture.ended(&first).await;
    let third = fixture.create("slow.zip", json!({})).await.unwrap();
    fixture.call("StopDeployment", json!({ "deploymentId": third })).await.unwrap();
    assert_eq!(fixture.ended(&third).await["status"], "Stopped");
}

#[test]
fn a_deployment_that_was_in_progress_has_failed_after_a_restart() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let first = runtime();
    let (fixture, id) = first.block_on(async {
        let fixture = fixture();
        slow(&fixture);
        let id = fixture.create("slow.zip", json!({})).await.unwrap();
        begun(&fixture).await;
        (fixture, id)
    });
    // As a killed process: whatever was in progress is gone without a word.
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
