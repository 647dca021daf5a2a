//! Alarms through the API, with real commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use local_cloudwatch::{Alarm, LocalCloudWatch, Settings, State, Tells};
use local_service::{AdjustableClock, Service};
use serde_json::{Value, json};

fn open(directory: &Path) -> LocalCloudWatch {
    let settings = Settings {
        region: "eu-west-1".into(),
        account_id: "123456789012".into(),
        environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
        clock: Arc::new(AdjustableClock::default()),
    };
    LocalCloudWatch::open(&directory.join("cloudwatch"), settings).unwrap()
}

fn declared(name: &str, state: State) -> Alarm {
    Alarm { name: name.into(), tells: Tells::State(state) }
}

fn checked(name: &str, directory: &Path, script: &str) -> Alarm {
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    Alarm { name: name.into(), tells: Tells::Command { command, directory: directory.to_owned() } }
}

/// `name state`, and the reasons.
async fn described(cloudwatch: &LocalCloudWatch, input: Value) -> (Vec<String>, Vec<String>) {
    let answer = cloudwatch.call("DescribeAlarms", input).await.unwrap();
    let text = |alarm: &Value, member: &str| alarm[member].as_str().unwrap().to_owned();
    let alarms = answer["MetricAlarms"].as_array().unwrap().iter();
    alarms
        .map(|alarm| {
            let line = format!("{} {}", text(alarm, "AlarmName"), text(alarm, "StateValue"));
            (line, text(alarm, "StateReason"))
        })
        .unzip()
}

#[tokio::test]
async fn alarms_are_found_by_name_prefix_type_and_state() {
    let place = tempfile::tempdir().unwrap();
    let cloudwatch = open(place.path());
    for (name, state) in
        [("errors", State::Ok), ("errors-late", State::InsufficientData), ("latency", State::Alarm)]
    {
        cloudwatch.define(declared(name, state)).unwrap();
    }
    let both = ["errors OK", "errors-late INSUFFICIENT_DATA"];
    for (input, expected) in [
        (json!({}), &["errors OK", "errors-late INSUFFICIENT_DATA", "latency ALARM"][..]),
        (json!({ "AlarmNames": ["latency", "nobody"] }), &["latency ALARM"]),
        (json!({ "AlarmNames": ["nobody"] }), &[]),
        (json!({ "AlarmNamePrefix": "errors" }), &both),
        (
            json!({ "AlarmNames": ["errors"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] }),
            &["errors OK"],
        ),
        (json!({ "AlarmNames": ["errors"], "AlarmTypes": ["CompositeAlarm"] }), &[]),
        (json!({ "StateValue": "ALARM" }), &["latency ALARM"]),
    ] {
        assert_eq!(described(&cloudwatch, input.clone()).await.0, expected, "{input}");
    }
    let answer = cloudwatch.call("DescribeAlarms", json!({ "AlarmNames": ["errors"] })).await.unwrap();
    let arn = &answer["MetricAlarms"][0]["AlarmArn"];
    assert_eq!(arn, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors");
}

#[tokio::test]
async fn a_state_that_is_set_outlives_the_process_until_it_is_declared_again() {
    let place = tempfile::tempdir().unwrap();
    let set = json!({ "AlarmName": "errors", "StateValue": "ALARM", "StateReason": "a try" });
    {
        let cloudwatch = open(place.path());
        cloudwatch.define(declared("errors", State::Ok)).unwrap();
        cloudwatch.call("SetAlarmState", set).await.unwrap();
    }
    let cloudwatch = open(place.path());
    let expected = (vec!["errors ALARM".to_owned()], vec!["a try".to_owned()]);
    assert_eq!(described(&cloudwatch, json!({})).await, expected);
    cloudwatch.define(declared("errors", State::Ok)).unwrap();
    assert_eq!(described(&cloudwatch, json!({})).await.0, ["errors OK"]);
}

#[tokio::test]
async fn a_command_is_asked_whenever_the_alarm_is() {
    let place = tempfile::tempdir().unwrap();
    let cloudwatch = open(place.path());
    let script = "echo looking; test -e healthy";
    cloudwatch.define(checked("health", place.path(), script)).unwrap();
    let (states, reasons) = described(&cloudwatch, json!({})).await;
    assert_eq!(
        (states[0].as_str(), reasons[0].as_str()),
        ("health ALARM", "The command ended with exit status 1:\nlooking")
    );
    fs::write(place.path().join("healthy"), "").unwrap();
    assert_eq!(described(&cloudwatch, json!({})).await.0, ["health OK"]);
    let logs = fs::read_dir(place.path().join("cloudwatch/logs")).unwrap();
    assert_eq!(logs.count(), 0, "what was printed is in the reason");
}

#[tokio::test]
async fn a_command_that_cannot_tell_is_an_alarm() {
    let place = tempfile::tempdir().unwrap();
    let cloudwatch = open(place.path());
    let missing = Tells::Command { command: vec!["./missing".into()], directory: place.path().to_owned() };
    for (alarm, says) in [
        (Alarm { name: "missing".into(), tells: missing }, "exit status 127"),
        (checked("killed", place.path(), "kill -9 $$"), "signal 9"),
        (checked("nowhere", &place.path().join("nowhere"), "true"), "there is no directory"),
        (checked("slow", place.path(), "sleep 60"), "took more than 10 seconds"),
    ] {
        let name = alarm.name.clone();
        cloudwatch.define(alarm).unwrap();
        let (states, reasons) = described(&cloudwatch, json!({ "AlarmNames": [name] })).await;
        assert_eq!(states, [format!("{name} ALARM")]);
        assert!(reasons[0].contains(says), "{name}: {}", reasons[0]);
    }
}

#[tokio::test]
async fn what_is_not_here_is_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let cloudwatch = open(place.path());
    cloudwatch.define(checked("health", place.path(), "true")).unwrap();
    let set = |name: &str, state: &str| json!({ "AlarmName": name, "StateValue": state, "StateReason": "r" });
    for (operation, input, code, says) in [
        ("PutMetricAlarm", json!({}), "UnsupportedOperation", "CloudWatch PutMetricAlarm"),
        (
            "DescribeAlarms",
            json!({ "ChildrenOfAlarmName": "a" }),
            "UnsupportedOperation",
            "ChildrenOfAlarmName",
        ),
        ("DescribeAlarms", json!({ "AlarmNames": "a" }), "ValidationError", "a sequence"),
        ("DescribeAlarms", json!({ "StateValue": "ok" }), "ValidationError", "ok"),
        (
            "DescribeAlarms",
            json!({ "AlarmNames": [], "AlarmNamePrefix": "a" }),
            "ValidationError",
            "together",
        ),
        ("SetAlarmState", set("nobody", "OK"), "ResourceNotFound", "'nobody'"),
        ("SetAlarmState", set("health", "OK"), "UnsupportedOperation", "'health'"),
        ("SetAlarmState", json!({ "AlarmName": "health" }), "ValidationError", "StateValue"),
    ] {
        let error = cloudwatch.call(operation, input.clone()).await.unwrap_err();
        assert_eq!(error.code, code, "{operation} {input}");
        assert!(error.message.contains(says), "{error}");
    }
}
