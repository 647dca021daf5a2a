//! What goes wrong, and what is said about it.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::fixture::fixture;

#[tokio::test]
async fn a_failing_script_ends_the_deployment_with_its_last_lines() {
    let fixture = fixture();
    let appspec =
        "hooks:\n  BeforeInstall:\n    - location: fail\n  ApplicationStart:\n    - location: never\n";
    let never = "#!/bin/sh\ntouch \"$CODEDEPLOY_TARGET_ROOT/never\"\n";
    fixture.revision(
        "v1.zip",
        appspec,
        &[
            ("fail", "#!/bin/sh\nfor i in $(seq 500); do echo line $i; done\nsleep 0.3\necho the reason >&2\nexit 7\n"),
            ("never", never),
        ],
    );
    let info = fixture.deploy("v1.zip").await;
    assert_eq!(info["status"], "Failed");
    assert_eq!(info["errorInformation"]["code"], "HEALTH_CONSTRAINTS");
    assert_eq!(fixture.states(), ["START", "FAILURE"]);
    let (event, diagnostics) = fixture.failure(&info).await;
    assert_eq!(event, "BeforeInstall");
    assert_eq!(diagnostics["errorCode"], "ScriptFailed");
    assert_eq!(diagnostics["scriptName"], "fail");
    assert_eq!(diagnostics["message"], "Script at specified location: fail failed with exit code 7");
    let tail = diagnostics["logTail"].as_str().unwrap();
    assert!(tail.contains("[stderr]the reason") && tail.contains("[stdout]line 500"), "{tail}");
    assert!(tail.len() <= 2048);
    assert_eq!(
        fixture.lifecycle(&info, "web-1").await[3..],
        ["Install Skipped", "AfterInstall Skipped", "ApplicationStart Skipped", "ValidateService Skipped",]
    );
    assert!(!fixture.root().join("never").exists());
}

#[tokio::test]
async fn a_script_that_takes_too_long_is_ended() {
    let fixture = fixture();
    let appspec = "hooks:\n  ApplicationStart:\n    - location: sleep\n      timeout: 1\n";
    fixture.revision("v1.zip", appspec, &[("sleep", "#!/bin/sh\necho before\nsleep 60\n")]);
    let info = fixture.deploy("v1.zip").await;
    let (event, diagnostics) = fixture.failure(&info).await;
    assert_eq!((event.as_str(), &diagnostics["errorCode"]), ("ApplicationStart", &json!("ScriptTimedOut")));
    assert!(
        diagnostics["message"].as_str().unwrap().ends_with("failed to complete in 1 seconds"),
        "{diagnostics}"
    );
    assert!(diagnostics["logTail"].as_str().unwrap().contains("[stdout]before"));
}

#[tokio::test]
async fn a_failing_stop_script_can_be_ignored() {
    let fixture = fixture();
    let appspec = "hooks:\n  ApplicationStop:\n    - location: fail\n";
    fixture.revision("v1.zip", appspec, &[("fail", "#!/bin/sh\nexit 1\n")]);
    assert_eq!(fixture.deploy("v1.zip").await["status"], "Succeeded", "it is not installed yet");
    let failed = fixture.deploy("v1.zip").await;
    assert_eq!(failed["status"], "Failed");
    assert_eq!(fixture.failure(&failed).await.0, "ApplicationStop");
    let ignored = fixture.deploy_with("v1.zip", json!({ "ignoreApplicationStopFailures": true })).await;
    assert_eq!(ignored["status"], "Succeeded", "{ignored}");
    assert_eq!(fixture.lifecycle(&ignored, "web-1").await[0], "ApplicationStop Failed");
}

#[tokio::test]
async fn nothing_runs_when_the_revision_cannot_be_deployed() {
    let files = "files:\n  - source: site\n    destination: /var/www\n";
    let stop = "hooks:\n  ApplicationStop:\n    - location: stop\n";
    let script = ("stop", "#!/bin/sh\ntouch \"$CODEDEPLOY_TARGET_ROOT/stopped\"\n");
    let cases = [
        (
            "hooks:\n  ApplicationStart:\n    - location: missing.sh\n",
            "ScriptMissing",
            "location: missing.sh",
        ),
        ("files:\n  - source: nothing\n    destination: /a\n", "UnknownError", "in the revision: nothing"),
        ("hooks:\n  Deploy:\n    - location: stop\n", "UnknownError", "hooks.Deploy: is no lifecycle event"),
        (
            "Resources:\n  - TargetService:\n      Type: AWS::ECS::Service\n",
            "UnknownError",
            "Amazon ECS or AWS Lambda",
        ),
        ("hooks: [\n", "UnknownError", "appspec.yml: line "),
    ];
    for (appspec, code, message) in cases {
        let fixture = fixture();
        fixture.revision("v1.zip", &format!("{files}{stop}"), &[script, ("site/page", "1")]);
        fixture.revision("v2.zip", appspec, &[script]);
        assert_eq!(fixture.deploy("v1.zip").await["status"], "Succeeded");
        let info = fixture.deploy("v2.zip").await;
        let (event, diagnostics) = fixture.failure(&info).await;
        assert_eq!(
            (event.as_str(), &diagnostics["errorCode"]),
            ("DownloadBundle", &json!(code)),
            "{diagnostics}"
        );
        assert!(diagnostics["message"].as_str().unwrap().contains(message), "{diagnostics}");
        assert_eq!(fixture.lifecycle(&info, "web-1").await[0], "ApplicationStop Skipped");
        assert_eq!(fixture.read("var/www/page").as_deref(), Some("1"), "{appspec}");
        assert!(!fixture.root().join("stopped").exists(), "the running revision was stopped: {appspec}");
    }
}

#[tokio::test]
async fn a_revision_that_is_missing_or_no_zip_fails_in_download_bundle() {
    let fixture = fixture();
    fixture.put("page.html", b"<html>".to_vec());
    for (key, message) in
        [("nothing.zip", "s3://artifacts/nothing.zip cannot be fetched"), ("page.html", "not a readable zip")]
    {
        let info = fixture.deploy(key).await;
        let (event, diagnostics) = fixture.failure(&info).await;
        assert_eq!(event, "DownloadBundle");
        assert!(diagnostics["message"].as_str().unwrap().contains(message), "{diagnostics}");
    }
}

#[tokio::test]
async fn nothing_is_written_outside_of_the_root() {
    let fixture = fixture();
    let outside = fixture.directory.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(fixture.root().join("var")).unwrap();
    symlink(&outside, fixture.root().join("var/www")).unwrap();
    let appspec = "file_exists_behavior: OVERWRITE\nfiles:\n  - source: site\n    destination: /var/www\n";
    fixture.revision("v1.zip", appspec, &[("site/page", "1")]);
    let info = fixture.deploy("v1.zip").await;
    let (event, diagnostics) = fixture.failure(&info).await;
    assert_eq!(event, "Install");
    assert!(diagnostics["message"].as_str().unwrap().contains("/var/www"), "{diagnostics}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}
