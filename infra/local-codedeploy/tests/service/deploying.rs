//! What a deployment does when it goes well.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use local_codedeploy::Settings;
use serde_json::json;

use crate::fixture::{fixture, fixture_with};

const SITE: &str = "files:\n  - source: site\n    destination: /var/www\n";
const ALL_SUCCEEDED: [&str; 7] = [
    "ApplicationStop Succeeded",
    "DownloadBundle Succeeded",
    "BeforeInstall Succeeded",
    "Install Succeeded",
    "AfterInstall Succeeded",
    "ApplicationStart Succeeded",
    "ValidateService Succeeded",
];

#[tokio::test]
async fn a_revision_is_installed_and_its_hooks_run_in_order() {
    let fixture = fixture();
    let hook = |name: &str| format!("  {name}:\n    - location: scripts/hook\n");
    let appspec = format!(
        "{SITE}permissions:\n  - object: /var/www\n    pattern: '*.cgi'\n    mode: 750\nhooks:\n{}{}{}{}{}",
        hook("ValidateService"),
        hook("BeforeInstall"),
        hook("ApplicationStart"),
        hook("AfterInstall"),
        hook("ApplicationStop"),
    );
    // Not executable in the zip: the agent makes it so.
    let script = "#!/bin/sh\n\
        echo \"$LIFECYCLE_EVENT $APPLICATION_NAME/$DEPLOYMENT_GROUP_NAME $BUNDLE_BUCKET/$BUNDLE_KEY\"\n\
        echo \"$DEPLOYMENT_ID in $(ls)\" >&2\n\
        echo \"$LIFECYCLE_EVENT: $(cat \"$CODEDEPLOY_TARGET_ROOT/var/www/index.html\" 2>/dev/null)\" \
            >> \"$CODEDEPLOY_TARGET_ROOT/../trace\"\n";
    fixture.revision(
        "v1.zip",
        &appspec,
        &[
            ("scripts/hook", script),
            ("site/index.html", "one"),
            ("site/deep/er/x.cgi", "x"),
            ("site/a.cgi", "a"),
        ],
    );
    let info = fixture.deploy("v1.zip").await;
    assert_eq!(info["status"], "Succeeded", "{info}");
    assert_eq!(info["deploymentOverview"]["Succeeded"], 1);
    assert!(info["completeTime"].as_f64() >= info["createTime"].as_f64());
    assert_eq!(fixture.lifecycle(&info, "web-1").await, ALL_SUCCEEDED);

    assert_eq!(fixture.read("var/www/index.html").as_deref(), Some("one"));
    let mode = |path: &str| fs::metadata(fixture.root().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("var/www/a.cgi"), mode("var/www/deep/er/x.cgi")), (0o750, 0o644));
    // ApplicationStop belongs to the previous revision, and there is none.
    let trace = fs::read_to_string(fixture.directory.path().join("hosts/trace")).unwrap();
    assert_eq!(trace, "BeforeInstall: \nAfterInstall: one\nApplicationStart: one\nValidateService: one\n");

    let id = info["deploymentId"].as_str().unwrap();
    assert!(id.starts_with("d-") && id.len() == 11, "{id}");
    let log = fixture.log(id);
    assert!(log.contains("LifecycleEvent - BeforeInstall\nScript - scripts/hook\n"), "{log}");
    assert!(log.contains("[stdout]BeforeInstall shop/production artifacts/v1.zip\n"), "{log}");
    assert!(log.contains(&format!("[stderr]{id} in appspec.yml")), "{log}");
    let events = fixture.events_of(&info, "web-1").await;
    assert_eq!(events[2]["diagnostics"]["errorCode"], "Success");
    assert!(events[2]["diagnostics"]["logTail"].as_str().unwrap().contains("[stdout]BeforeInstall"));
}

#[tokio::test]
async fn the_events_of_a_deployment_are_those_of_aws() {
    let fixture = fixture();
    fixture.revision("v1.zip", SITE, &[("site/a", "a")]);
    let info = fixture.deploy("v1.zip").await;
    assert_eq!(fixture.states(), ["START", "SUCCESS"]);
    let event = fixture.events.0.lock().unwrap()[1].clone();
    assert_eq!(event["source"], "aws.codedeploy");
    assert_eq!(event["detail-type"], "CodeDeploy Deployment State-change Notification");
    assert_eq!(
        event["resources"],
        json!([
            "arn:aws:codedeploy:us-east-1:000000000000:application:shop",
            "arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:shop/production",
        ])
    );
    let group = fixture
        .call(
            "GetDeploymentGroup",
            json!({
                "applicationName": "shop", "deploymentGroupName": "production",
            }),
        )
        .await
        .unwrap()["deploymentGroupInfo"]
        .clone();
    assert_eq!(
        event["detail"],
        json!({
            "region": "us-east-1",
            "deploymentId": info["deploymentId"],
            "instanceGroupId": group["deploymentGroupId"],
            "deploymentGroup": "production",
            "state": "SUCCESS",
            "application": "shop",
        })
    );
    assert_eq!(group["lastSuccessfulDeployment"]["deploymentId"], info["deploymentId"]);
}

#[tokio::test]
async fn a_new_revision_replaces_the_files_of_the_old_one_and_nothing_else() {
    let fixture = fixture();
    let stop = |number: u32| format!("{SITE}hooks:\n  ApplicationStop:\n    - location: stop-{number}\n");
    let script = "#!/bin/sh\nbasename \"$0\" >> \"$CODEDEPLOY_TARGET_ROOT/stopped\"\n";
    fixture.revision("v1.zip", &stop(1), &[("stop-1", script), ("site/old/page", "1"), ("site/both", "1")]);
    fixture.revision("v2.zip", &stop(2), &[("stop-2", script), ("site/new/page", "2"), ("site/both", "2")]);
    assert_eq!(fixture.deploy("v1.zip").await["status"], "Succeeded");
    fs::write(fixture.root().join("var/www/theirs"), "theirs").unwrap();
    fs::create_dir(fixture.root().join("var/www/new")).unwrap();

    let info = fixture.deploy("v2.zip").await;
    assert_eq!(info["status"], "Succeeded", "{info}");
    assert_eq!(fixture.read("stopped").as_deref(), Some("stop-1\n"), "the installed revision is stopped");
    assert_eq!(fixture.read("var/www/both").as_deref(), Some("2"));
    assert_eq!(fixture.read("var/www/new/page").as_deref(), Some("2"));
    assert!(!fixture.root().join("var/www/old").exists());
    assert_eq!(fixture.read("var/www/theirs").as_deref(), Some("theirs"));
    assert_eq!(info["previousRevision"]["s3Location"]["key"], "v1.zip");

    fixture.revision("v3.zip", "files: []\n", &[]);
    assert_eq!(fixture.deploy("v3.zip").await["status"], "Succeeded");
    let left: Vec<_> = fs::read_dir(fixture.root().join("var/www"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "what others put there stays, with its directories: {left:?}");
}

#[tokio::test]
async fn a_file_in_the_way_is_a_matter_of_file_exists_behavior() {
    for (behavior, status, contents) in [
        ("DISALLOW", "Failed", "theirs"),
        ("OVERWRITE", "Succeeded", "ours"),
        ("RETAIN", "Succeeded", "theirs"),
    ] {
        let fixture = fixture();
        fixture.revision("v1.zip", SITE, &[("site/other", "1")]);
        fixture.revision("v2.zip", SITE, &[("site/page", "ours")]);
        assert_eq!(fixture.deploy("v1.zip").await["status"], "Succeeded");
        fs::write(fixture.root().join("var/www/page"), "theirs").unwrap();
        let info = fixture.deploy_with("v2.zip", json!({ "fileExistsBehavior": behavior })).await;
        assert_eq!(info["status"], status, "{behavior}: {info}");
        assert_eq!(info["fileExistsBehavior"], behavior);
        assert_eq!(fixture.read("var/www/page").as_deref(), Some(contents), "{behavior}");
        let still_there = fixture.read("var/www/other").is_some();
        assert_eq!(still_there, status == "Failed", "{behavior}: a refused Install removes nothing");
    }
}

#[tokio::test]
async fn all_targets_get_the_revision_and_a_failure_keeps_it_from_the_next_ones() {
    let fixture = fixture_with(Settings::default(), &["web-1", "web-2", "web-3"]);
    let appspec = format!("{SITE}hooks:\n  ValidateService:\n    - location: check\n");
    let check = "#!/bin/sh\ntest ! -e \"$CODEDEPLOY_TARGET_ROOT/broken\"\n";
    fixture.revision("v1.zip", &appspec, &[("site/page", "1"), ("check", check)]);
    assert_eq!(fixture.deploy("v1.zip").await["deploymentOverview"]["Succeeded"], 3);

    let hosts = fixture.directory.path().join("hosts");
    fs::write(hosts.join("web-2/broken"), "").unwrap();
    fixture.revision("v2.zip", &appspec, &[("site/page", "2"), ("check", check)]);
    let info = fixture.deploy("v2.zip").await;
    assert_eq!(info["status"], "Failed");
    let message = info["errorInformation"]["message"].as_str().unwrap();
    assert!(message.contains("web-2: ValidateService: Script at specified location: check"), "{message}");
    let overview = &info["deploymentOverview"];
    assert_eq!(
        (&overview["Succeeded"], &overview["Failed"], &overview["Skipped"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let page = |host: &str| fs::read_to_string(hosts.join(host).join("var/www/page")).unwrap();
    assert_eq!((page("web-1"), page("web-2"), page("web-3")), ("2".into(), "2".into(), "1".into()));
}

#[tokio::test]
async fn users_are_refused_or_passed_over_with_a_line_in_the_log() {
    let appspec =
        format!("{SITE}hooks:\n  AfterInstall:\n    - location: site/run\n      runas: nobody-here\n");
    let files = [("site/run", "#!/bin/sh\n")];
    let strict = fixture();
    strict.revision("v1.zip", &appspec, &files);
    let info = strict.deploy("v1.zip").await;
    let (event, diagnostics) = strict.failure(&info).await;
    assert_eq!(event, "DownloadBundle");
    assert!(diagnostics["message"].as_str().unwrap().contains("is to run as nobody-here"), "{diagnostics}");
    assert!(!strict.root().join("var").exists());

    let lenient = fixture_with(Settings { as_current_user: true, ..Settings::default() }, &["web-1"]);
    lenient.revision("v1.zip", &appspec, &files);
    let info = lenient.deploy("v1.zip").await;
    assert_eq!(info["status"], "Succeeded", "{info}");
    assert!(
        lenient
            .log(info["deploymentId"].as_str().unwrap())
            .contains("runas, owner and group are passed over")
    );
}
