//! A deployment that did not succeed, and the one that brings the last good revision back.

use serde_json::{Value, json};

use crate::fixture::{Fixture, fixture};

const SITE: &str = "files:\n  - source: site\n    destination: /var/www\n";
/// Fails where somebody put a file in its way, and waits where somebody asked for it.
const CHECK: &str = "#!/bin/sh\ntouch \"$CODEDEPLOY_TARGET_ROOT/begun\"\n\
    if [ -e site/slow ]; then sleep 60; fi\ntest ! -e site/broken\n";

fn revisions(fixture: &Fixture) {
    let appspec = format!("{SITE}hooks:\n  ValidateService:\n    - location: check\n");
    fixture.revision("good.zip", &appspec, &[("site/page", "good"), ("check", CHECK)]);
    fixture.revision(
        "broken.zip",
        &appspec,
        &[("site/page", "broken"), ("site/broken", "x"), ("check", CHECK)],
    );
    fixture.revision("slow.zip", &appspec, &[("site/page", "slow"), ("site/slow", "x"), ("check", CHECK)]);
}

fn on(events: &[&str]) -> Value {
    json!({ "autoRollbackConfiguration": { "enabled": true, "events": events } })
}

/// The deployment that rolled `failed` back, when it has ended.
async fn rollback_of(fixture: &Fixture, failed: &Value) -> Value {
    let id = failed["rollbackInfo"]["rollbackDeploymentId"].as_str();
    fixture.ended(id.unwrap_or_else(|| panic!("no rollback: {failed}"))).await
}

#[tokio::test]
async fn a_failure_brings_the_last_good_revision_back_as_a_new_deployment() {
    let fixture = fixture();
    revisions(&fixture);
    let good = fixture.deploy("good.zip").await;
    assert_eq!(good["status"], "Succeeded", "{good}");
    let failed = fixture.deploy_with("broken.zip", on(&["DEPLOYMENT_FAILURE"])).await;
    assert_eq!((&failed["status"], &failed["creator"]), (&json!("Failed"), &json!("user")));

    let rollback = rollback_of(&fixture, &failed).await;
    assert_eq!(rollback["status"], "Succeeded", "{rollback}");
    assert_eq!(rollback["creator"], "codeDeployRollback");
    assert_eq!(rollback["revision"], good["revision"]);
    assert_eq!(rollback["rollbackInfo"]["rollbackTriggeringDeploymentId"], failed["deploymentId"]);
    assert!(rollback["description"].is_null(), "what the caller wrote belongs to its own deployment");
    assert_eq!(fixture.read("var/www/page").as_deref(), Some("good"));
    assert_eq!(fixture.read("var/www/broken"), None, "nothing of the broken revision is left");
    assert_eq!(fixture.states(), ["START", "SUCCESS", "START", "FAILURE", "START", "SUCCESS"]);
}

#[tokio::test]
async fn a_group_rolls_back_unless_its_deployment_says_otherwise() {
    let fixture = fixture();
    revisions(&fixture);
    let mut input = on(&["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]);
    input["applicationName"] = json!("shop");
    input["currentDeploymentGroupName"] = json!("production");
    fixture.call("UpdateDeploymentGroup", input).await.unwrap();
    let first = fixture.deploy("broken.zip").await;
    let message = first["rollbackInfo"]["rollbackMessage"].as_str().unwrap();
    assert!(message.contains("no deployment of the group production has succeeded"), "{message}");

    assert_eq!(fixture.deploy("good.zip").await["status"], "Succeeded");
    let off = json!({ "autoRollbackConfiguration": { "enabled": false } });
    let kept = fixture.deploy_with("broken.zip", off).await;
    assert!(kept["rollbackInfo"].is_null(), "{kept}");
    assert_eq!(fixture.read("var/www/page").as_deref(), Some("broken"));

    let failed = fixture.deploy("broken.zip").await;
    assert_eq!(rollback_of(&fixture, &failed).await["status"], "Succeeded");
    assert_eq!(fixture.read("var/www/page").as_deref(), Some("good"));

    let input = json!({
        "applicationName": "shop", "currentDeploymentGroupName": "production",
        "autoRollbackConfiguration": { "enabled": false },
    });
    fixture.call("UpdateDeploymentGroup", input).await.unwrap();
    assert!(fixture.deploy("broken.zip").await["rollbackInfo"].is_null(), "the group does so no more");
}

#[tokio::test]
async fn whoever_stops_a_deployment_may_ask_for_its_rollback() {
    let fixture = fixture();
    revisions(&fixture);
    assert_eq!(fixture.deploy("good.zip").await["status"], "Succeeded");
    std::fs::remove_file(fixture.root().join("begun")).unwrap();
    let id = fixture.create("slow.zip", json!({})).await.unwrap();
    fixture.appears("begun").await;
    let stop = json!({ "deploymentId": id, "autoRollbackEnabled": true });
    fixture.call("StopDeployment", stop).await.unwrap();
    let stopped = fixture.ended(&id).await;
    assert_eq!(stopped["status"], "Stopped");
    assert_eq!(rollback_of(&fixture, &stopped).await["status"], "Succeeded");
    assert_eq!(fixture.read("var/www/page").as_deref(), Some("good"));
}

#[tokio::test]
async fn a_rollback_that_fails_is_not_rolled_back() {
    let fixture = fixture();
    revisions(&fixture);
    assert_eq!(fixture.deploy("good.zip").await["status"], "Succeeded");
    fixture.put("good.zip", b"no zip any more".to_vec());
    let failed = fixture.deploy_with("broken.zip", on(&["DEPLOYMENT_FAILURE"])).await;
    let rollback = rollback_of(&fixture, &failed).await;
    assert_eq!(rollback["status"], "Failed");
    assert!(rollback["rollbackInfo"]["rollbackDeploymentId"].is_null(), "{rollback}");
    assert_eq!(fixture.deploy("broken.zip").await["status"], "Failed", "the group takes deployments again");
}
