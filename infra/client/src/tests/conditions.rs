//! Conditions of stages and rollbacks: what is shown of them, and what is asked for.

use expect_test::expect;
use serde_json::{Value, json};

use super::answers::{FIRST, SECOND, action, at, demo, execution, state};
use super::run::run;
use super::service::{Answer, Service};
use crate::exit::Exit;

const THIRD: &str = "91b7c0de-0000-4000-8000-000000000000";

fn rule(id: &str, name: &str, status: &str, message: Option<&str>) -> Value {
    let mut latest = json!({ "ruleExecutionId": id, "status": status, "lastStatusChange": at(3_420) });
    if let Some(message) = message {
        latest["errorDetails"] = json!({ "code": "JobFailed", "message": message });
    }
    json!({ "ruleName": name, "latestExecution": latest })
}

fn condition(status: &str, summary: Option<&str>, rules: Value) -> Value {
    let latest = json!({ "status": status, "summary": summary });
    json!({ "latestExecution": latest, "conditionStates": [{ "latestExecution": latest, "ruleStates": rules }] })
}

/// The execution of a rule as ListRuleExecutions answers it.
fn ran(stage: &str, id: &str, name: &str, status: &str, message: Option<&str>) -> Value {
    let error = message.map(|message| json!({ "code": "JobFailed", "message": message }));
    json!({
        "pipelineExecutionId": FIRST,
        "ruleExecutionId": id,
        "stageName": stage,
        "ruleName": name,
        "startTime": at(3_420),
        "lastUpdateTime": at(3_430),
        "status": status,
        "input": { "ruleTypeId": { "category": "Rule", "provider": "VariableCheck" } },
        "output": { "executionResult": { "errorDetails": error } },
    })
}

/// The first execution is in Release, whose entry condition waits for a window; Build was skipped.
fn window() -> Value {
    let mut state = state();
    let stages = state["stageStates"].as_array_mut().unwrap();
    stages[1]["latestExecution"]["status"] = json!("Skipped");
    let differs = rule("r-1", "Target", "Failed", Some("'test' is not equal to 'prod'."));
    stages[1]["beforeEntryConditionState"] =
        condition("Failed", Some("The rule Target failed."), json!([differs]));
    stages[1]["actionStates"] = json!([{ "actionName": "Compile" }]);
    stages[2]["inboundTransitionState"] = json!({ "enabled": true });
    stages[2]["beforeEntryConditionState"] =
        condition("InProgress", None, json!([rule("r-2", "Window", "InProgress", None)]));
    stages[2]["actionStates"] = json!([{ "actionName": "Approve" }]);
    stages[2]["retryStageMetadata"] = json!({ "autoStageRetryAttempt": 1, "manualStageRetryAttempt": 2 });
    state
}

/// Release has failed by its success condition; its entry condition was overridden.
fn sick(stage_status: &str) -> Value {
    let mut state = state();
    let stage = &mut state["stageStates"][2];
    stage["latestExecution"]["status"] = json!(stage_status);
    let window = json!([rule("r-2", "Window", "Abandoned", None)]);
    stage["beforeEntryConditionState"] = condition("Overridden", Some("Overridden by anna"), window);
    let rules = json!([rule("r-3", "Health", "Failed", Some("exit status 1"))]);
    stage["onSuccessConditionState"] = condition("Failed", Some("The rule Health failed."), rules);
    state
}

fn service(state: Value, status: &'static str, rules: Value, actions: Value) -> Service {
    Service::start(move |operation, input| match operation {
        "GetPipeline" => {
            let mut pipeline = demo(3);
            let rule_type = json!({ "category": "Rule", "owner": "AWS", "provider": "VariableCheck" });
            let target = json!({ "name": "Target", "ruleTypeId": rule_type });
            pipeline["stages"][1]["beforeEntry"] =
                json!({ "conditions": [{ "result": "SKIP", "rules": [target] }] });
            Answer::Of(json!({ "pipeline": pipeline }))
        }
        "GetPipelineState" => Answer::Of(state.clone()),
        "ListRuleExecutions" => Answer::Of(json!({ "ruleExecutionDetails": rules })),
        "ListActionExecutions" => Answer::Of(json!({ "actionExecutionDetails": actions })),
        "GetPipelineExecution" => {
            let id = input["pipelineExecutionId"].as_str().unwrap();
            let mut described = execution(id, status);
            if id == THIRD {
                described["pipelineExecution"]["executionType"] = json!("ROLLBACK");
                described["pipelineExecution"]["rollbackMetadata"] =
                    json!({ "rollbackTargetPipelineExecutionId": SECOND });
            }
            Answer::Of(described)
        }
        "ListPipelineExecutions" if !input["filter"].is_null() => {
            assert_eq!(input["filter"], json!({ "succeededInStage": { "stageName": "Release" } }));
            Answer::Of(json!({ "pipelineExecutionSummaries": [{ "pipelineExecutionId": SECOND }] }))
        }
        "ListPipelineExecutions" => Answer::Of(json!({ "pipelineExecutionSummaries": executions(status) })),
        "RollbackStage" => Answer::Of(json!({ "pipelineExecutionId": THIRD })),
        "OverrideStageCondition" => Answer::Of(json!({})),
        other => panic!("nobody asks for {other}"),
    })
}

/// If the first has failed, the third rolls its stage back.
fn executions(status: &str) -> Value {
    let mut list = vec![json!({ "pipelineExecutionId": FIRST, "status": status, "startTime": at(0) })];
    if status == "Failed" {
        list.insert(
            0,
            json!({
                "pipelineExecutionId": THIRD, "status": "Succeeded", "executionType": "ROLLBACK",
                "startTime": at(3_500), "lastUpdateTime": at(3_510),
                "rollbackMetadata": { "rollbackTargetPipelineExecutionId": SECOND },
                "trigger": { "triggerType": "AutomatedRollback",
                             "triggerDetail": json!({ "FailedPipelineExecutionId": FIRST }).to_string() },
            }),
        );
        let mut by_hand = list[0].clone();
        by_hand["trigger"] = json!({ "triggerType": "ManualRollback", "triggerDetail": "anna" });
        by_hand["startTime"] = json!(at(3_000));
        by_hand["lastUpdateTime"] = json!(at(3_001));
        list.insert(1, by_hand);
    }
    json!(list)
}

fn waiting() -> Service {
    let rules = json!([
        ran("Release", "r-2", "Window", "InProgress", None),
        ran("Build", "r-1", "Target", "Failed", Some("'test' is not equal to 'prod'.")),
    ]);
    service(window(), "InProgress", rules, json!([]))
}

fn failed() -> Service {
    let rules = json!([ran("Release", "r-3", "Health", "Failed", Some("exit status 1"))]);
    let approve = action("Release", "Approve", "Approval", "Succeeded", (3_400, 3_410));
    service(sick("Failed"), "Failed", rules, json!([approve]))
}

#[tokio::test]
async fn the_state_shows_conditions_with_their_rules_and_who_overrode_them() {
    expect![[r#"
        demo version 3

        Source  ✔ succeeded  5d21aaaa
            Checkout  ✔ succeeded  59 min ago  4f2a91c  Mend the build

        Build  ○ skipped  5d21aaaa
            entry condition  ✘ failed
                Target  ✘ failed  3 min ago  'test' is not equal to 'prod'.
            Compile  ○ not started

        ▼ waits: 5d21aaaa
        Release  ● in progress  470c9a1e, tried again by itself, tried again by hand 2 times
            entry condition  ● in progress
                Window  ● in progress  3 min ago
            Approve  ○ not started
        exit 0
    "#]]
    .assert_eq(&run(&waiting(), "state demo").await.seen());
    let mut rolled_back = sick("Failed");
    rolled_back["stageStates"][2]["latestExecution"] =
        json!({ "pipelineExecutionId": THIRD, "status": "Failed", "type": "ROLLBACK" });
    let service = service(rolled_back, "Failed", json!([]), json!([]));
    let seen = run(&service, "state demo").await.seen();
    let (_, release) = seen.split_once("▼").unwrap();
    expect![[r#"
         waits: 5d21aaaa
        Release  ✘ failed  91b7c0de, a rollback to 5d21aaaa
            entry condition  » overridden  Overridden by anna
                Window  ■ abandoned  3 min ago
            Approve  ● in progress  3 min ago  waits for an approval
            success condition  ✘ failed
                Health  ✘ failed  3 min ago  exit status 1
        exit 0
    "#]]
    .assert_eq(release);
}

#[tokio::test]
async fn why_names_the_rule_and_what_can_be_done() {
    expect![[r#"
        Execution 470c9a1e of demo waits for the rule Window of the entry condition of stage Release since 3 min; go on without it with: pipewright override demo Release
        exit 0
    "#]].assert_eq(&run(&waiting(), "why demo").await.seen());
    let told = run(&waiting(), "why demo --json").await.json();
    assert_eq!((&told["reason"], &told["condition"]), (&json!("Condition"), &json!("beforeEntry")));
    assert_eq!(told["rules"][0]["ruleName"], "Window");

    let why = format!("why demo/{FIRST}");
    expect![[r#"
        Execution 470c9a1e of demo failed because the rule Health of the success condition of stage Release failed: exit status 1; Release is rolled back by execution 91b7c0de: pipewright watch 91b7c0de-0000-4000-8000-000000000000
        exit 0
    "#]].assert_eq(&run(&failed(), &why).await.seen());
    let told = run(&failed(), &format!("{why} --json")).await.json();
    assert_eq!((&told["reason"], &told["rolledBackBy"]), (&json!("Failed"), &json!(THIRD)));
}

#[tokio::test]
async fn a_watcher_is_told_of_rules_of_skipped_stages_and_of_the_rollback() {
    let rules = json!([
        ran("Release", "r-3", "Health", "Failed", Some("exit status 1")),
        ran("Build", "r-1", "Target", "Failed", Some("'test' is not equal to 'prod'.")),
    ]);
    let source = action("Source", "Checkout", "Source", "Succeeded", (3_300, 3_310));
    let service = service(sick("Failed"), "Failed", rules, json!([source]));
    expect![[r#"
        pipeline demo version 3 execution 470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d
        stage Source
          Source / Checkout started
          Source / Checkout succeeded in 10.0 s
        stage Build
          Build / rule Target started
          Build / rule Target failed in 10.0 s: 'test' is not equal to 'prod'.
          Build is skipped
        stage Release
          Release / rule Health started
          Release / rule Health failed in 10.0 s: exit status 1
        ✘ execution 470c9a1e of demo failed in 2 min 10 s
          Release is rolled back by execution 91b7c0de: pipewright watch 91b7c0de-0000-4000-8000-000000000000
        exit 1
    "#]]
    .assert_eq(&run(&service, &format!("watch demo/{FIRST}")).await.seen());
    let lines = run(&service, &format!("watch demo/{FIRST} --json")).await.output;
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    expect!["Watching StageEntered ActionStarted ActionEnded StageEntered RuleStarted RuleEnded StageSkipped StageEntered RuleStarted RuleEnded Ended"].assert_eq(&names.join(" "));
    assert_eq!(events.last().unwrap()["rolledBackBy"], THIRD);
    let seen = run(&service, &format!("watch demo/{THIRD}")).await.seen();
    assert!(seen.contains(&format!("execution {THIRD}, a rollback to 5d21aaaa\n")), "{seen}");
}

#[tokio::test]
async fn histories_tell_what_was_rolled_back_and_which_rules_ran() {
    expect![[r#"
        STATUS       EXECUTION                             STARTED               TOOK    REVISIONS  STARTED BY
        ✔ succeeded  91b7c0de-0000-4000-8000-000000000000  2026-11-22 11:58:20Z  10.0 s             rollback to 5d21aaaa, because 470c9a1e failed
        ✔ succeeded  91b7c0de-0000-4000-8000-000000000000  2026-11-22 11:50:00Z  1.0 s              rollback to 5d21aaaa by anna
        ✘ failed     470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  2026-11-22 11:00:00Z
    "#]].assert_eq(&run(&failed(), "history demo").await.output);
    expect![[r#"
        STATUS    RULE                   EXECUTION                             STARTED               TOOK    SAID
        ✘ failed  Release / rule Health  470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  2026-11-22 11:57:00Z  10.0 s  exit status 1
    "#]].assert_eq(&run(&failed(), "history demo --rules --execution 470c9a1e").await.output);
    assert_eq!(
        run(&failed(), "history demo --rules --json").await.json()["ruleExecutionDetails"][0]["ruleName"],
        "Health"
    );
}

#[tokio::test]
async fn a_stage_is_rolled_back_to_the_last_that_succeeded_in_it() {
    let service = failed();
    expect![[r#"
        Release runs again as in execution 5d21aaaa, with 4f2a91c0 Mend the build
        in it now: execution 470c9a1e, failed
        error: nobody can be asked: there is no terminal
        help: look at what would happen, then give --yes
        exit 2
    "#]]
    .assert_eq(&run(&service, "rollback demo Release").await.seen());
    assert!(!service.calls().iter().any(|(operation, _)| operation == "RollbackStage"));
    expect![[r#"
        execution 91b7c0de-0000-4000-8000-000000000000 rolls Release of demo back to 5d21aaaa
        Release runs again as in execution 5d21aaaa, with 4f2a91c0 Mend the build
        in it now: execution 470c9a1e, failed
        exit 0
    "#]]
    .assert_eq(&run(&service, "rollback demo Release --yes").await.seen());
    let asked =
        json!({ "pipelineName": "demo", "stageName": "Release", "targetPipelineExecutionId": SECOND });
    assert_eq!(service.input_of("RollbackStage"), asked);
    let named = run(&service, "rollback demo Release --to 470c9a1e --yes --json").await.json();
    assert_eq!(named["targetPipelineExecutionId"], FIRST);
}

#[tokio::test]
async fn the_condition_in_the_way_is_overridden() {
    let service = failed();
    expect![[r#"
        the success condition of Release, execution 470c9a1e
          Health  ✘ failed  exit status 1
        error: nobody can be asked: there is no terminal
        help: look at what would happen, then give --yes
        exit 2
    "#]]
    .assert_eq(&run(&service, "override demo Release").await.seen());
    assert!(!service.calls().iter().any(|(operation, _)| operation == "OverrideStageCondition"));
    for (service, line, condition) in [
        (failed(), "override demo Release --yes", "ON_SUCCESS"),
        (failed(), "override demo Release --yes --condition before-entry", "BEFORE_ENTRY"),
        (waiting(), "override demo Release --yes --execution 470c9a1e", "BEFORE_ENTRY"),
    ] {
        let ran = run(&service, line).await;
        assert_eq!(ran.exit, Exit::Succeeded, "{line}: {ran:?}");
        let asked = json!({
            "pipelineName": "demo", "stageName": "Release", "pipelineExecutionId": FIRST, "conditionType": condition,
        });
        assert_eq!(service.input_of("OverrideStageCondition"), asked, "{line}");
    }
    for (line, exit, said) in [
        ("override demo Build --yes", Exit::Failed, "Build of demo was skipped"),
        ("override demo Source --yes", Exit::NotFound, "no condition of Source holds execution 5d21aaaa up"),
        ("override demo Relaese --yes", Exit::NotFound, "did you mean 'Release'?"),
    ] {
        let ran = run(&waiting(), line).await;
        assert_eq!(ran.exit, exit, "{line}: {ran:?}");
        assert!(ran.errors.contains(said), "{line}: {ran:?}");
    }
}
