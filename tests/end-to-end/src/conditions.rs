//! Conditions of stages: checked before, after a success and after a failure, by rules of every kind that runs here.

use std::fs;
use std::time::Duration;

use local::ApiFailure;
use local_lambda::{Function, Runs};
use local_service::Clock;
use serde_json::{Value, json};

use crate::declare::{PIPELINE, commands, pipeline, stage, with};
use crate::shop::Shop;

pub fn rule(name: &str, provider: &str, more: Value) -> Value {
    let rule_type = json!({ "category": "Rule", "owner": "AWS", "provider": provider, "version": "1" });
    let mut rule = json!({ "name": name, "ruleTypeId": rule_type });
    for (member, value) in more.as_object().into_iter().flatten() {
        rule[member] = value.clone();
    }
    rule
}

pub fn condition(result: &str, rules: impl IntoIterator<Item = Value>) -> Value {
    json!({ "conditions": [{ "result": result, "rules": rules.into_iter().collect::<Vec<_>>() }] })
}

/// The variable `target` of the pipeline is compared with `value`.
fn target(operator: &str, value: &str) -> Value {
    let configuration = json!({ "Variable": "#{variables.target}", "Operator": operator, "Value": value });
    rule("Target", "VariableCheck", json!({ "configuration": configuration }))
}

/// A pipeline with the variable `target`, of the stage Deploy with these members and a stage after it.
pub fn deploying(shop: &Shop, members: &[(&str, Value)]) -> Value {
    let diary = shop.diary();
    let mut deploy = stage("Deploy", [commands("Deploy", [diary.write("deploy")])]);
    for (member, value) in members {
        deploy = with(deploy, member, value.clone());
    }
    let after = stage("After", [commands("After", [diary.write("after")])]);
    let variables = json!([{ "name": "target", "defaultValue": "test" }]);
    with(pipeline([deploy, after]), "variables", variables)
}

impl Shop {
    async fn start_for(&self, target: &str) -> String {
        let variables = json!([{ "name": "target", "value": target }]);
        self.start_with(json!({ "variables": variables })).await.expect("the execution starts")
    }

    pub async fn stage_state(&self, name: &str) -> Value {
        let state = self.developer("GetPipelineState", json!({ "name": PIPELINE })).await;
        let state = state.expect("the pipeline is there");
        let mut stages = state["stageStates"].as_array().expect("stages").iter();
        stages.find(|stage| stage["stageName"] == name).expect("the stage").clone()
    }

    async fn override_condition(&self, id: &str, condition: &str) -> Result<Value, ApiFailure> {
        let input = json!({
            "pipelineName": PIPELINE, "stageName": "Deploy", "pipelineExecutionId": id, "conditionType": condition,
        });
        self.developer("OverrideStageCondition", input).await
    }

    /// `name status` of each rule's execution, by name.
    pub async fn rules(&self, id: &str) -> Vec<String> {
        let input = json!({ "pipelineName": PIPELINE, "filter": { "pipelineExecutionId": id } });
        let answer = self.developer("ListRuleExecutions", input).await.expect("the execution is known");
        let rules = answer["ruleExecutionDetails"].as_array().cloned().unwrap_or_default();
        let text = |rule: &Value, member: &str| rule[member].as_str().unwrap_or_default().to_owned();
        let mut rules: Vec<_> =
            rules.iter().map(|rule| format!("{} {}", text(rule, "ruleName"), text(rule, "status"))).collect();
        rules.sort();
        rules
    }

    pub async fn until_rule(&self, id: &str, what: &str) {
        let seen = async || self.rules(id).await.iter().any(|rule| rule == what).then_some(());
        self.until(id, what, seen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_is_skipped_unless_a_variable_says_otherwise() {
    let shop = Shop::open().await;
    let skip = condition("SKIP", [target("EQ", "prod")]);
    shop.create(&deploying(&shop, &[("beforeEntry", skip)])).await.expect("the pipeline is fine");

    let skipping = shop.start().await;
    assert_eq!(shop.end(&skipping).await, "Succeeded");
    assert_eq!(shop.diary().lines(), ["after"]);
    let state = shop.stage_state("Deploy").await;
    assert_eq!(state["latestExecution"]["status"], "Skipped");
    let checked = &state["beforeEntryConditionState"];
    assert_eq!(checked["latestExecution"]["status"], "Failed");
    let rule = &checked["conditionStates"][0]["ruleStates"][0];
    assert_eq!((&rule["ruleName"], &rule["latestExecution"]["status"]), (&json!("Target"), &json!("Failed")));
    let message = &rule["latestExecution"]["errorDetails"]["message"];
    assert_eq!(message, "'test' is not equal to 'prod'.");
    let refused = shop.override_condition(&skipping, "BEFORE_ENTRY").await.expect_err("it went on");
    assert_eq!(refused.code, "NotLatestPipelineExecutionException");

    let running = shop.start_for("prod").await;
    assert_eq!(shop.end(&running).await, "Succeeded");
    assert_eq!(shop.diary().lines(), ["after", "deploy", "after"]);
    assert_eq!(shop.rules(&running).await, ["Target Succeeded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_that_is_kept_out_is_let_in_by_a_person() {
    let shop = Shop::open().await;
    let matching = condition("FAIL", [target("MATCHES", "(?!prod).*"), rule_window("* * * * * ?")]);
    shop.create(&deploying(&shop, &[("beforeEntry", matching)])).await.expect("the pipeline is fine");
    let id = shop.start_for("prod").await;
    assert_eq!(shop.end(&id).await, "Failed");
    assert_eq!(shop.rules(&id).await, ["Target Failed", "Window Succeeded"]);
    let unknown = shop.override_condition(&id, "ON_SUCCESS").await.expect_err("there is none");
    assert_eq!(unknown.code, "ConditionNotOverridableException");
    shop.override_condition(&id, "BEFORE_ENTRY").await.expect("it has failed");
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.diary().lines(), ["deploy", "after"]);
    assert_eq!(shop.story(&id).await.len(), 3, "rules are no actions");
}

fn rule_window(cron: &str) -> Value {
    rule(
        "Window",
        "DeploymentWindow",
        json!({ "configuration": { "Cron": cron, "TimeZone": "Europe/Berlin" } }),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_shut_is_waited_for() {
    let shop = Shop::open().await;
    let window = condition("FAIL", [rule_window("* * * * * ? 2199")]);
    shop.create(&deploying(&shop, &[("beforeEntry", window)])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    shop.until_rule(&id, "Window InProgress").await;
    let waiting = async || {
        let state = shop.stage_state("Deploy").await;
        let rule = &state["beforeEntryConditionState"]["conditionStates"][0]["ruleStates"][0];
        rule["latestExecution"]["summary"].as_str().map(str::to_owned)
    };
    let summary = shop.until(&id, "the window", waiting).await;
    assert_eq!(summary, "Waits for the deployment window * * * * * ? 2199");
    shop.override_condition(&id, "BEFORE_ENTRY").await.expect("it is being checked");
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.rules(&id).await, ["Window Abandoned"]);
    let state = shop.stage_state("Deploy").await;
    let overridden = &state["beforeEntryConditionState"]["latestExecution"];
    assert_eq!(overridden, &json!({ "status": "Overridden", "summary": "Overridden by developer" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_sees_that_a_window_has_opened() {
    const HOUR_MS: i64 = 3_600_000;
    let shop = Shop::open().await;
    let opens = (shop.stack().clock.now() / HOUR_MS + 2) % 24;
    let configuration = json!({ "Cron": format!("* * {opens} * * ?") });
    let window = rule("Window", "DeploymentWindow", json!({ "configuration": configuration }));
    let before_entry = condition("FAIL", [window]);
    shop.create(&deploying(&shop, &[("beforeEntry", before_entry)])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    shop.until_rule(&id, "Window InProgress").await;
    shop.stack().clock.advance(Duration::from_secs(2 * 3_600));
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(shop.rules(&id).await, ["Window Succeeded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_an_execution_waits_for_its_rules_or_abandons_them() {
    let shop = Shop::open().await;
    let window = condition("FAIL", [rule_window("* * * * * ? 2199")]);
    shop.create(&deploying(&shop, &[("beforeEntry", window)])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    shop.until_rule(&id, "Window InProgress").await;
    shop.stop(&id, false).await.expect("it runs");
    assert_eq!(shop.status(&id).await, "Stopping", "the rule is waited for, as an action is");
    shop.stop(&id, true).await.expect("and then abandoned");
    assert_eq!(shop.end(&id).await, "Stopped");
    let checked = shop.stage_state("Deploy").await["beforeEntryConditionState"]["latestExecution"].clone();
    assert_eq!(checked["status"], "Abandoned");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_functions_judge_a_stage_that_has_succeeded() {
    let shop = Shop::open().await;
    let healthy = shop.place().join("healthy");
    let ask = format!("test -e {}", healthy.display());
    let more = json!({ "commands": [ask], "inputArtifacts": [{ "name": "SourceOutput" }] });
    let call =
        json!({ "configuration": { "FunctionName": "judge", "UserParameters": "#{variables.target}" } });
    let judged = condition("FAIL", [rule("Health", "Commands", more), rule("Judge", "LambdaInvoke", call)]);
    shop.create(&deploying(&shop, &[("onSuccess", judged)])).await.expect("the pipeline is fine");
    let command = ["sh", "-c", "cat > judged; echo fine"].map(str::to_owned).to_vec();
    let runs = Runs::Command { command, directory: shop.place().to_owned() };
    let judge = Function { name: "judge".into(), runs, timeout_seconds: 60, environment: [].into() };
    shop.stack().lambda.define(judge).expect("it can be a function");

    let sick = shop.start().await;
    assert_eq!(shop.end(&sick).await, "Failed");
    assert_eq!(shop.rules(&sick).await, ["Health Failed", "Judge Succeeded"]);
    assert_eq!(shop.diary().lines(), ["deploy"]);
    let event: Value = serde_json::from_slice(&fs::read(shop.place().join("judged")).expect("it was asked"))
        .expect("an event is JSON");
    let configuration = &event["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"];
    assert_eq!(configuration["UserParameters"], "test");

    fs::write(&healthy, "").expect("it gets well");
    shop.retry(&sick, "Deploy", "ALL_ACTIONS").await.expect("nobody entered since");
    assert_eq!(shop.end(&sick).await, "Succeeded");
    assert_eq!(shop.diary().lines(), ["deploy", "deploy", "after"]);
    let retried = shop.stage_state("Deploy").await["retryStageMetadata"].clone();
    let expected = json!({ "manualStageRetryAttempt": 1, "latestRetryTrigger": "ManualStageRetry" });
    assert_eq!(retried, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_fails_is_tried_once_more_by_itself() {
    let shop = Shop::open().await;
    let diary = shop.diary();
    // Fails until it has run twice.
    let flaky =
        format!("{}; test $(grep -c deploy {}/diary) -ge 2", diary.write("deploy"), shop.place().display());
    let retried = json!({ "result": "RETRY", "retryConfiguration": { "retryMode": "FAILED_ACTIONS" } });
    let deploy = with(stage("Deploy", [commands("Deploy", [flaky])]), "onFailure", retried);
    shop.create(&pipeline([deploy])).await.expect("the pipeline is fine");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded");
    assert_eq!(
        shop.story(&id).await,
        ["Source/Source Succeeded", "Deploy/Deploy Failed", "Deploy/Deploy Succeeded"]
    );
    let retried = shop.stage_state("Deploy").await["retryStageMetadata"].clone();
    let expected = json!({ "autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry" });
    assert_eq!(retried, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_cannot_be_understood_says_why() {
    let shop = Shop::open().await;
    let broken = condition("FAIL", [target("MATCHES", "(test")]);
    let refused =
        shop.create(&deploying(&shop, &[("beforeEntry", broken)])).await.expect_err("it is no expression");
    assert_eq!(refused.code, "InvalidStageDeclarationException");
    let place =
        "StageName=[Deploy], Condition=[beforeEntry], RuleName=[Target], RuleConfigurationKey=[Value]";
    assert!(refused.message.ends_with(place), "{}", refused.message);

    let given = [("target", "test"), ("expression", "(test"), ("window", "0 * * * * ?")];
    let given = given.map(|(name, value)| json!({ "name": name, "defaultValue": value }));
    let broken =
        condition("FAIL", [target("MATCHES", "#{variables.expression}"), rule_window("#{variables.window}")]);
    let declared = with(deploying(&shop, &[("beforeEntry", broken)]), "variables", json!(given));
    shop.create(&declared).await.expect("what variables hold is not known yet");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let checked = shop.stage_state("Deploy").await["beforeEntryConditionState"].clone();
    assert_eq!(checked["latestExecution"]["status"], "Errored");
    let rules = checked["conditionStates"][0]["ruleStates"].as_array().cloned().unwrap_or_default();
    let why = |rule: &Value| {
        rule["latestExecution"]["errorDetails"]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert!(
        why(&rules[0]).starts_with("The regular expression '(test' could not be used"),
        "{}",
        why(&rules[0])
    );
    assert!(why(&rules[1]).contains("the seconds, must be *"), "{}", why(&rules[1]));
}
