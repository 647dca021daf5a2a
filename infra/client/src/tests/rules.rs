//! What rules of conditions print, and which condition an execution of its own failed by.

use expect_test::expect;
use serde_json::{Value, json};

use super::answers::{FIRST, action, at, demo, execution};
use super::run::run;
use super::service::{Answer, Service};
use crate::exit::Exit;

/// The execution of a rule that runs commands, as ListRuleExecutions answers it.
fn ran(name: &str, provider: &str, status: &str, build: &str) -> Value {
    json!({
        "pipelineExecutionId": FIRST,
        "ruleExecutionId": format!("r-{name}"),
        "stageName": "Build",
        "ruleName": name,
        "startTime": at(3_420),
        "lastUpdateTime": at(3_430),
        "status": status,
        "input": {
            "ruleTypeId": { "category": "Rule", "provider": provider },
            "configuration": { "BatchEnabled": if build.starts_with("batch") { "true" } else { "false" } },
        },
        "output": { "executionResult": { "externalExecutionId": format!("app:{build}") } },
    })
}

/// Of `conditions`, by the member of the stage: names of rules.
fn service(
    conditions: &'static [(&'static str, &'static [&'static str])],
    rules: Value,
    status: &'static str,
) -> Service {
    Service::start(move |operation, input| match operation {
        "GetPipeline" => {
            let mut pipeline = demo(3);
            for (member, rules) in conditions {
                let rule_type = json!({ "category": "Rule", "owner": "AWS", "provider": "Commands" });
                let rule = |name: &&str| json!({ "name": name, "ruleTypeId": rule_type });
                let rules: Vec<_> = rules.iter().map(rule).collect();
                pipeline["stages"][1][*member] =
                    json!({ "conditions": [{ "result": "FAIL", "rules": rules }] });
            }
            Answer::Of(json!({ "pipeline": pipeline }))
        }
        // PARALLEL executions have no part in it.
        "GetPipelineState" => Answer::Of(json!({ "stageStates": [{ "stageName": "Build" }] })),
        "ListRuleExecutions" => Answer::Of(json!({ "ruleExecutionDetails": rules })),
        "ListActionExecutions" => {
            let mut compile = action("Build", "Compile", "Build", "Succeeded", (3_400, 3_410));
            compile["output"]["executionResult"]["externalExecutionId"] = json!("app:compile");
            Answer::Of(json!({ "actionExecutionDetails": [compile] }))
        }
        "BatchGetBuildBatches" => Answer::Of(json!({ "buildBatches": [{ "buildGroups": [
            { "identifier": "linux", "currentBuildSummary": { "arn": "arn:aws:codebuild:r:1:build/app:linux" } },
        ] }] })),
        "GetPipelineExecution" => {
            let mut described = execution(FIRST, status);
            described["pipelineExecution"]["executionMode"] = json!("PARALLEL");
            Answer::Of(described)
        }
        "ListPipelineExecutions" => Answer::Of(
            json!({ "pipelineExecutionSummaries": [{ "pipelineExecutionId": FIRST, "status": status }] }),
        ),
        "GetLogEvents" if input["nextToken"].is_null() => {
            let message = format!("of {}", input["logStreamName"].as_str().unwrap());
            let event = json!({ "timestamp": 1_795_348_800_000_i64, "message": message });
            Answer::Of(json!({ "events": [event], "nextForwardToken": "f/1" }))
        }
        "GetLogEvents" => Answer::Of(json!({ "events": [], "nextForwardToken": "f/1" })),
        other => panic!("nobody asks for {other}"),
    })
}

const BOTH: &[(&str, &[&str])] = &[("beforeEntry", &["Window"]), ("onSuccess", &["Smoke", "Load"])];

#[tokio::test]
async fn what_rules_print_is_shown_with_what_actions_print() {
    let service = || {
        let rules =
            json!([ran("Load", "CodeBuild", "Failed", "batch"), ran("Smoke", "Commands", "Failed", "smoke")]);
        service(BOTH, rules, "Failed")
    };
    expect![[r#"
        Compile | of compile
        rule Smoke | of smoke
        rule Load linux | of linux
        exit 0
    "#]]
    .assert_eq(&run(&service(), "logs demo").await.seen());
    expect![[r#"
        of smoke
        exit 0
    "#]]
    .assert_eq(&run(&service(), "logs demo Build/Smoke").await.seen());
    let line = run(&service(), "logs demo Smoke --json").await.json();
    assert_eq!((&line["ruleName"], &line["ruleExecutionId"]), (&json!("Smoke"), &json!("r-Smoke")));
    assert!(line["actionName"].is_null());
    let unknown = run(&service(), "logs demo Smok").await;
    assert_eq!(unknown.exit, Exit::NotFound);
    assert!(unknown.seen().contains("did you mean 'Smoke'?"), "{}", unknown.seen());
}

#[tokio::test]
async fn who_declares_no_rules_is_not_asked_for_them() {
    let service = service(&[], json!([ran("Smoke", "Commands", "Failed", "smoke")]), "Failed");
    assert_eq!(run(&service, "logs demo").await.output, "Compile | of compile\n");
    assert!(!service.calls().iter().any(|(operation, _)| operation == "ListRuleExecutions"));
}

#[tokio::test]
async fn the_declaration_tells_which_condition_a_parallel_execution_failed_by() {
    const SAME: &[(&str, &[&str])] = &[("beforeEntry", &["Smoke"]), ("onSuccess", &["Smoke", "Load"])];
    const AFTER: &[(&str, &[&str])] = &[("onFailure", &["Smoke"])];
    let mut text = String::new();
    for (conditions, status, rule_status) in [
        (BOTH, "Failed", "Failed"),
        (BOTH, "InProgress", "InProgress"),
        (AFTER, "Failed", "Failed"),
        (SAME, "Failed", "Failed"),
    ] {
        let service = service(conditions, json!([ran("Smoke", "Commands", rule_status, "smoke")]), status);
        text.push_str(&run(&service, "why demo").await.output);
    }
    expect![[r#"
        Execution 470c9a1e of demo failed because the rule Smoke of the success condition of stage Build failed; go on all the same with: pipewright override demo Build --execution 470c9a1e --condition on-success
        Execution 470c9a1e of demo waits for the rule Smoke of the success condition of stage Build since 3 min; go on without it with: pipewright override demo Build --execution 470c9a1e --condition on-success
        Execution 470c9a1e of demo failed because the rule Smoke of the failure condition of stage Build failed.
        Execution 470c9a1e of demo failed because the rule Smoke of a condition of stage Build failed.
    "#]]
    .assert_eq(&text);
}
