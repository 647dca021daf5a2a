//! How many targets are deployed to at a time, and how many have to succeed.

use std::fs;

use local_codedeploy::Settings;
use serde_json::{Value, json};

use crate::fixture::{Fixture, fixture, fixture_with};

const SITE: &str = "files:\n  - source: site\n    destination: /var/www\n";

/// Every target leaves its name while it is deployed to, waits until as many as are wanted were there at
/// once, and says how many there are.
const COUNT: &str = "#!/bin/sh\ncd \"$CODEDEPLOY_TARGET_ROOT/..\"\nmkdir -p now\n\
    me=now/$(basename \"$CODEDEPLOY_TARGET_ROOT\")\ntouch \"$me\"\n\
    while [ -e wanted ] && [ ! -e reached ]; do\n\
      if [ \"$(ls now | wc -l)\" -ge \"$(cat wanted)\" ]; then touch reached; else sleep 0.01; fi\ndone\n\
    ls now | wc -l >> counts\nrm \"$me\"\ntest ! -e \"$CODEDEPLOY_TARGET_ROOT/broken\"\n";

fn group(targets: &[&str]) -> Fixture {
    let fixture = fixture_with(Settings::default(), targets);
    let appspec = format!("{SITE}hooks:\n  ValidateService:\n    - location: count\n");
    fixture.revision("v1.zip", &appspec, &[("site/page", "1"), ("count", COUNT)]);
    fixture
}

async fn deploy(fixture: &Fixture, config: &str) -> Value {
    fixture.deploy_with("v1.zip", json!({ "deploymentConfigName": config })).await
}

/// Deploys to so many at once, and never to more.
async fn deploys_at_once(fixture: &Fixture, config: &str, at_once: usize) {
    let hosts = fixture.directory.path().join("hosts");
    fs::create_dir_all(&hosts).unwrap();
    fs::write(hosts.join("wanted"), at_once.to_string()).unwrap();
    let info = deploy(fixture, config).await;
    assert_eq!((&info["status"], &info["deploymentConfigName"]), (&json!("Succeeded"), &json!(config)));
    let counts = fs::read_to_string(hosts.join("counts")).unwrap();
    let max = counts.lines().map(|count| count.trim().parse::<usize>().unwrap()).max();
    assert!(max <= Some(at_once), "{config}: {counts}");
}

#[tokio::test]
async fn as_many_targets_at_a_time_as_the_configuration_allows() {
    for (config, at_once) in [
        ("CodeDeployDefault.AllAtOnce", 4),
        ("CodeDeployDefault.HalfAtATime", 2),
        ("CodeDeployDefault.OneAtATime", 1),
    ] {
        deploys_at_once(&group(&["a", "b", "c", "d"]), config, at_once).await;
    }
}

#[tokio::test]
async fn failures_count_against_the_healthy_targets() {
    for (config, broken, status, succeeded, skipped) in [
        ("CodeDeployDefault.AllAtOnce", &["a", "b", "c"][..], "Succeeded", 1, 0),
        ("CodeDeployDefault.AllAtOnce", &["a", "b", "c", "d"], "Failed", 0, 0),
        ("CodeDeployDefault.HalfAtATime", &["a", "d"], "Succeeded", 2, 0),
        ("CodeDeployDefault.HalfAtATime", &["a", "b"], "Failed", 0, 2),
        ("CodeDeployDefault.OneAtATime", &["b"], "Failed", 1, 2),
        ("CodeDeployDefault.OneAtATime", &["d"], "Succeeded", 3, 0),
    ] {
        let fixture = group(&["a", "b", "c", "d"]);
        for target in broken {
            let root = fixture.directory.path().join("hosts").join(target);
            fs::create_dir_all(&root).unwrap();
            fs::write(root.join("broken"), "").unwrap();
        }
        let info = deploy(&fixture, config).await;
        let overview = &info["deploymentOverview"];
        assert_eq!(
            (&info["status"], &overview["Succeeded"], &overview["Skipped"]),
            (&json!(status), &json!(succeeded), &json!(skipped)),
            "{config} with {broken:?}: {info}"
        );
    }
}

#[tokio::test]
async fn targets_that_are_deployed_to_at_once_are_told_apart_in_the_log() {
    let fixture = group(&["a", "b"]);
    let appspec = format!("{SITE}hooks:\n  ValidateService:\n    - location: who\n");
    let who = "#!/bin/sh\nsleep 0.1\necho \"I am $(basename \"$CODEDEPLOY_TARGET_ROOT\")\"\n";
    fixture.revision("v1.zip", &appspec, &[("site/page", "1"), ("who", who)]);
    let info = deploy(&fixture, "CodeDeployDefault.AllAtOnce").await;
    for target in ["a", "b"] {
        let events = fixture.events_of(&info, target).await;
        let tail = events[6]["diagnostics"]["logTail"].as_str().unwrap();
        assert_eq!(tail, format!("Script - who\n[stdout]I am {target}\n"));
        let log = fixture.log(info["deploymentId"].as_str().unwrap());
        assert!(log.contains(&format!("[{target}][stdout]I am {target}\n")), "{log}");
    }
}

#[tokio::test]
async fn a_configuration_that_leaves_nothing_to_deploy_to_says_so() {
    let fixture = group(&["only"]);
    let info = deploy(&fixture, "CodeDeployDefault.HalfAtATime").await;
    let error = &info["errorInformation"];
    assert_eq!((&info["status"], &error["code"]), (&json!("Failed"), &json!("HEALTH_CONSTRAINTS")), "{info}");
    assert!(error["message"].as_str().unwrap().contains("use CodeDeployDefault.OneAtATime"), "{error}");
    assert!(!fixture.directory.path().join("hosts/only").exists());
}

#[tokio::test]
async fn configurations_are_made_read_used_and_removed() {
    let fixture = group(&["a", "b", "c", "d"]);
    let named = json!({ "deploymentConfigName": "Three" });
    let with = |hosts: Value| json!({ "deploymentConfigName": "Three", "minimumHealthyHosts": hosts });
    for (hosts, code) in [
        (json!(null), "InvalidMinimumHealthyHostValueException"),
        (json!({ "type": "MOST_CONCURRENCY", "value": 1 }), "InvalidMinimumHealthyHostValueException"),
        (json!({ "type": "FLEET_PERCENT", "value": 100 }), "InvalidMinimumHealthyHostValueException"),
    ] {
        assert_eq!(fixture.call("CreateDeploymentConfig", with(hosts)).await.unwrap_err().code, code);
    }
    let hosts = json!({ "type": "HOST_COUNT", "value": 1 });
    fixture.call("CreateDeploymentConfig", with(hosts.clone())).await.unwrap();
    let again = fixture.call("CreateDeploymentConfig", with(hosts.clone())).await.unwrap_err();
    assert_eq!(again.code, "DeploymentConfigAlreadyExistsException");
    let fixture = fixture.reopened();
    let info = fixture.call("GetDeploymentConfig", named.clone()).await.unwrap();
    assert_eq!(info["deploymentConfigInfo"]["minimumHealthyHosts"], hosts);
    deploys_at_once(&fixture, "Three", 3).await;

    let listed = fixture.call("ListDeploymentConfigs", json!({})).await.unwrap();
    assert_eq!(listed["deploymentConfigsList"].as_array().unwrap().len(), 4);
    fixture.call("DeleteDeploymentConfig", named.clone()).await.unwrap();
    let gone = fixture.call("GetDeploymentConfig", named).await.unwrap_err();
    assert_eq!(gone.code, "DeploymentConfigDoesNotExistException");
    let default = json!({ "deploymentConfigName": "CodeDeployDefault.OneAtATime" });
    let kept = fixture.call("DeleteDeploymentConfig", default).await.unwrap_err();
    assert_eq!(kept.code, "InvalidOperationException");
}

#[tokio::test]
async fn a_rollback_that_nothing_triggers_is_refused() {
    let input = json!({
        "applicationName": "shop", "currentDeploymentGroupName": "production",
        "autoRollbackConfiguration": { "enabled": true, "events": [] },
    });
    let error = fixture().call("UpdateDeploymentGroup", input).await.unwrap_err();
    assert_eq!(error.code, "InvalidAutoRollbackConfigException");
}
