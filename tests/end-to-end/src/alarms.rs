//! Conditions that an alarm decides.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use local_cloudwatch::{Alarm, State, Tells};
use local_service::Service;
use serde_json::{Value, json};

use crate::conditions::{condition, deploying, rule};
use crate::declare::{CONNECTION, commands, pipeline, stage, with};
use crate::process::Workplace;
use crate::shop::Shop;

/// Of the alarm `errors`, with more configuration.
fn calm(more: Value) -> Value {
    let mut configuration = more;
    configuration["AlarmName"] = json!("errors");
    rule("Calm", "CloudWatchAlarm", json!({ "configuration": configuration }))
}

impl Shop {
    fn alarm(&self, tells: Tells) {
        let alarm = Alarm { name: "errors".into(), tells };
        self.stack().cloudwatch.define(alarm).expect("it can be an alarm");
    }

    async fn set_alarm(&self, state: &str, reason: &str) {
        let input = json!({ "AlarmName": "errors", "StateValue": state, "StateReason": reason });
        self.stack().cloudwatch.call("SetAlarmState", input).await.expect("the alarm is there");
    }

    /// Of the stage Deploy's condition: its status, and the status, message and code of its first rule.
    async fn checked(&self, condition: &str) -> (String, Value) {
        let state = self.stage_state("Deploy").await;
        let status = state[condition]["latestExecution"]["status"].as_str().unwrap_or_default().to_owned();
        (status, state[condition]["conditionStates"][0]["ruleStates"][0]["latestExecution"].clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calm_alarm_lets_an_execution_in_and_another_one_does_not() {
    let shop = Shop::open().await;
    shop.alarm(Tells::State(State::Ok));
    let entry = ("beforeEntry", condition("FAIL", [calm(json!({}))]));
    let success = ("onSuccess", condition("FAIL", [calm(json!({ "AlarmStates": "OK, INSUFFICIENT_DATA" }))]));
    shop.create(&deploying(&shop, &[entry, success])).await.expect("the pipeline is fine");
    let calm = shop.start().await;
    assert_eq!(shop.end(&calm).await, "Succeeded");
    assert_eq!(shop.rules(&calm).await, ["Calm Succeeded", "Calm Succeeded"]);

    shop.set_alarm("ALARM", "seven errors in a minute").await;
    let alarmed = shop.start().await;
    assert_eq!(shop.end(&alarmed).await, "Failed");
    assert_eq!(shop.diary().lines(), ["deploy", "after"], "it was not let in");
    let (status, rule) = shop.checked("beforeEntryConditionState").await;
    assert_eq!(status, "Failed");
    assert_eq!(
        rule["errorDetails"]["message"],
        "The alarm 'errors' is in the state ALARM, not in OK or INSUFFICIENT_DATA: seven errors in a minute"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_sees_that_an_alarm_has_calmed_down() {
    let shop = Shop::open().await;
    shop.alarm(Tells::State(State::Alarm));
    let entry = condition("FAIL", [calm(json!({ "WaitTime": "20" }))]);
    shop.create(&deploying(&shop, &[("beforeEntry", entry)])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    shop.until_rule(&id, "Calm InProgress").await;
    let waits =
        async || shop.checked("beforeEntryConditionState").await.1["summary"].as_str().map(str::to_owned);
    let summary = shop.until(&id, "the alarm", waits).await;
    assert_eq!(summary, "Waits for the alarm errors to be OK or INSUFFICIENT_DATA");
    shop.stack().clock.advance(Duration::from_secs(10 * 60));
    shop.set_alarm("OK", "none for ten minutes").await;
    shop.stack().clock.advance(Duration::from_secs(60));
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.rules(&id).await, ["Calm Succeeded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_does_not_calm_down_is_waited_for_no_longer_than_declared() {
    let shop = Shop::open().await;
    shop.alarm(Tells::State(State::Alarm));
    let entry = condition("FAIL", [calm(json!({ "WaitTime": "20" }))]);
    shop.create(&deploying(&shop, &[("beforeEntry", entry)])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    // Time that passes before the rule has looked is not waited.
    let waits =
        async || shop.checked("beforeEntryConditionState").await.1["summary"].as_str().map(str::to_owned);
    shop.until(&id, "the alarm", waits).await;
    shop.stack().clock.advance(Duration::from_secs(21 * 60));
    assert_eq!(shop.end(&id).await, "Failed");
    let (status, rule) = shop.checked("beforeEntryConditionState").await;
    let message = rule["errorDetails"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("The alarm 'errors' is in the state ALARM after 20 minutes"), "{message}");
    assert_eq!(status, "Failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_rolls_back_a_stage_that_has_failed() {
    let shop = Shop::open().await;
    shop.alarm(Tells::State(State::Ok));
    let diary = shop.diary();
    let deploy = commands("Deploy", [diary.write("$(cat hello.txt)"), "! grep broken hello.txt".into()]);
    let failure = condition("ROLLBACK", [calm(json!({}))]);
    let declared = pipeline([with(stage("Deploy", [deploy]), "onFailure", failure)]);
    shop.create(&declared).await.expect("the pipeline is fine");
    let good = shop.start().await;
    assert_eq!(shop.end(&good).await, "Succeeded");

    shop.deliver_source(&[("hello.txt", "broken")]).await;
    let quiet = shop.start().await;
    assert_eq!(shop.end(&quiet).await, "Failed");
    assert_eq!(shop.checked("onFailureConditionState").await.0, "Failed", "nobody was alarmed");
    shop.set_alarm("ALARM", "the shop is shut").await;
    let bad = shop.start().await;
    assert_eq!(shop.end(&bad).await, "Failed");
    let rolled_back = async || (shop.diary().lines().len() == 4).then_some(());
    shop.until(&bad, "the rollback", rolled_back).await;
    assert_eq!(shop.diary().lines(), ["hello", "broken", "broken", "hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_at_is_an_error_with_the_reason() {
    let shop = Shop::open().await;
    shop.create(&deploying(&shop, &[])).await.expect("the pipeline is fine");
    // What is written out would have been refused with the declaration.
    let given =
        json!([{ "name": "states", "defaultValue": "FINE" }, { "name": "wait", "defaultValue": "soon" }]);
    for (more, says) in [
        (json!({}), "There is no metric or composite alarm 'errors'"),
        (
            json!({ "AlarmStates": "#{variables.states}" }),
            "AlarmStates has 'FINE', which is no state of an alarm",
        ),
        (json!({ "WaitTime": "#{variables.wait}" }), "The WaitTime 'soon' is not understood"),
    ] {
        let declared = deploying(&shop, &[("beforeEntry", condition("FAIL", [calm(more)]))]);
        shop.edit(&with(declared, "variables", given.clone())).await;
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Failed", "{says}");
        let (status, rule) = shop.checked("beforeEntryConditionState").await;
        let message = rule["errorDetails"]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(says), "{message}");
        assert_eq!(status, "Errored", "{says}");
    }
}

#[test]
fn a_run_asks_the_command_of_an_alarm() {
    let entry = condition("FAIL", [calm(json!({}))]);
    let workplace =
        Workplace::with([with(stage("Deploy", [commands("Deploy", ["echo out"])]), "beforeEntry", entry)]);
    let missing = workplace.run(&[]);
    assert_eq!(missing.status, Some(2), "{}", missing.output);
    missing.assert_says(&["alarms:", "- name: errors"]);

    let resources = json!({
        "connections": [{ "arn": CONNECTION, "url": "{FullRepositoryId}" }],
        "alarms": [{ "name": "errors", "command": ["./healthy", "shop"] }],
    });
    workplace.write("local-resources.yaml", &resources.to_string());
    workplace.write("healthy", "#!/bin/sh\necho \"the $1 is shut\"; test -e open\n");
    let healthy = workplace.path().join("healthy");
    std::fs::set_permissions(healthy, PermissionsExt::from_mode(0o700)).expect("it can be run");
    let sick = workplace.run(&[]);
    assert_eq!(sick.status, Some(1), "{}", sick.output);
    workplace.write("open", "");
    let well = workplace.run(&[]);
    assert_eq!(well.status, Some(0), "{}", well.output);
    well.assert_says(&["Deploy / Deploy succeeded"]);
}
