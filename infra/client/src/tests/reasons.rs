//! `why`: one sentence for every way in which an execution can be where it is.

use expect_test::expect;
use serde_json::{Value, json};

use super::answers::{FIRST, SECOND, action, execution, state};
use super::run::run;
use super::service::{Answer, Service};

/// The sentence about an execution of the pipeline `demo`.
async fn why(id: &'static str, status: &'static str, actions: Value, state: Value) -> String {
    let service = Service::start(move |operation, _| match operation {
        "ListPipelineExecutions" => Answer::Of(
            json!({ "pipelineExecutionSummaries": [{ "pipelineExecutionId": id, "status": status }] }),
        ),
        "GetPipelineExecution" => {
            let mut described = execution(id, status);
            if matches!(status, "Stopped" | "Superseded" | "Failed") {
                described["pipelineExecution"]["statusSummary"] = json!("because of something");
            }
            Answer::Of(described)
        }
        "ListActionExecutions" => Answer::Of(json!({ "actionExecutionDetails": actions })),
        "ListRuleExecutions" => Answer::Of(json!({ "ruleExecutionDetails": [] })),
        "GetPipelineState" => Answer::Of(state.clone()),
        other => panic!("nobody asks for {other}"),
    });
    run(&service, "why demo").await.output
}

#[tokio::test]
async fn what_an_execution_waits_for_is_one_sentence() {
    let mut open = state();
    open["stageStates"][2]["inboundTransitionState"]["enabled"] = json!(true);
    let mut empty = open.clone();
    empty["stageStates"][2]["latestExecution"]["status"] = json!("Succeeded");
    let mut condition = empty.clone();
    condition["stageStates"][2]["beforeEntryConditionState"] =
        json!({ "latestExecution": { "status": "InProgress", "summary": "alarm is quiet" } });
    let approval = json!([action("Release", "Approve", "Approval", "InProgress", (3_420, 3_420))]);
    let builds = json!([
        action("Build", "Lint", "Build", "InProgress", (3_590, 3_590)),
        action("Build", "Compile", "Build", "InProgress", (3_300, 3_300)),
    ]);
    let mut text = String::new();
    for (id, status, actions, state) in [
        (FIRST, "InProgress", approval, state()),
        (FIRST, "InProgress", builds.clone(), state()),
        (SECOND, "InProgress", json!([]), state()),
        (SECOND, "InProgress", json!([]), open),
        (SECOND, "InProgress", json!([]), condition),
        (SECOND, "InProgress", json!([]), empty),
        (FIRST, "InProgress", json!([]), state()),
        (FIRST, "Stopping", builds, state()),
    ] {
        text.push_str(&why(id, status, actions, state).await);
    }
    expect![[r#"
        Execution 470c9a1e of demo waits for the approval of Release/Approve since 3 min; approve with: pipewright approve demo Release/Approve
        Execution 470c9a1e of demo runs Build/Compile since 5 min and Build/Lint since 10 s.
        Execution 5d21aaaa of demo waits before Release, whose transition was disabled by anna 30 min ago: code freeze; open it with: pipewright enable demo Release
        Execution 5d21aaaa of demo waits before Release for execution 470c9a1e inside of it; what that one waits for: pipewright why 470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d
        Execution 5d21aaaa of demo waits for the entry condition of stage Release: alarm is quiet; go on without it with: pipewright override demo Release
        Execution 5d21aaaa of demo is about to enter Release.
        Execution 470c9a1e of demo goes on in a moment.
        Execution 470c9a1e of demo is stopping and waits for Build/Compile since 5 min and Build/Lint since 10 s to end; abandon it with: pipewright stop 470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d --abandon
    "#]].assert_eq(&text);
}

#[tokio::test]
async fn how_an_execution_ended_is_one_sentence() {
    let mut lint = action("Build", "Lint", "Build", "Failed", (100, 120));
    lint["output"]["executionResult"]["errorDetails"] =
        json!({ "code": "JobFailed", "message": "make lint failed\nand more" });
    let mut text = String::new();
    for (status, actions) in [
        ("Succeeded", json!([])),
        ("Failed", json!([lint])),
        ("Failed", json!([])),
        ("Stopped", json!([])),
        ("Superseded", json!([])),
    ] {
        text.push_str(&why(FIRST, status, actions, state()).await);
    }
    expect![[r#"
        Execution 470c9a1e of demo has succeeded.
        Execution 470c9a1e of demo failed because Build/Lint failed: make lint failed; try again with: pipewright retry demo Build
        Execution 470c9a1e of demo failed: because of something.
        Execution 470c9a1e of demo was stopped: because of something.
        Execution 470c9a1e of demo was superseded by a newer one: because of something.
    "#]].assert_eq(&text);
}

#[tokio::test]
async fn commands_in_answers_mean_the_service_that_was_meant() {
    let service = Service::start(|operation, _| match operation {
        "ListPipelineExecutions" => Answer::Of(json!({ "pipelineExecutionSummaries": [] })),
        "GetPipelineState" | "GetPipeline" => {
            Answer::Exception("PipelineNotFoundException", "there is none".into())
        }
        "ListActionExecutions" => {
            let mut lint = action("Build", "Lint", "Build", "Failed", (0, 10));
            lint["output"]["executionResult"]["externalExecutionId"] = json!("lint:1");
            Answer::Of(json!({ "actionExecutionDetails": [lint] }))
        }
        _ => Answer::Of(execution(FIRST, "Failed")),
    });
    for (line, said) in [
        (
            "why demo/470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d --data here",
            "pipewright retry --data here demo Build",
        ),
        (
            "watch demo/470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d --data here",
            "pipewright logs --data here demo Build/Lint",
        ),
        ("history demo --data here", "pipewright start --data here demo"),
        ("history demo", "pipewright start demo"),
    ] {
        let ran = run(&service, line).await;
        assert!(ran.seen().contains(said), "{line}: {}", ran.seen());
    }
}
