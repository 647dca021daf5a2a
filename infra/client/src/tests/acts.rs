//! Commands that change something: what they ask the service for, and what they say.

use serde_json::{Value, json};

use super::answers::{FIRST, SECOND, action, demo, execution, state};
use super::run::run;
use super::service::{Answer, Service};
use crate::exit::Exit;

fn service() -> Service {
    Service::start(|operation, _| match operation {
        "GetPipeline" => Answer::Of(json!({ "pipeline": demo(3) })),
        "GetPipelineState" => Answer::Of(state()),
        "StartPipelineExecution" | "StopPipelineExecution" | "RetryStageExecution" => {
            Answer::Of(json!({ "pipelineExecutionId": FIRST }))
        }
        "EnableStageTransition" | "DisableStageTransition" | "DeletePipeline" => Answer::Of(json!({})),
        "ListPipelineExecutions" => Answer::Of(json!({ "pipelineExecutionSummaries": [
            { "pipelineExecutionId": SECOND, "status": "InProgress" },
            { "pipelineExecutionId": FIRST, "status": "Failed" },
        ] })),
        other => panic!("nobody asks for {other}"),
    })
}

/// Each line, the operation that it ends in, and that operation's input.
#[tokio::test]
async fn commands_ask_for_what_was_written() {
    let in_stage = |stage: &str| json!({ "pipelineName": "demo", "stageName": stage });
    let with = |mut value: Value, name: &str, member: Value| {
        value[name] = member;
        value
    };
    let stopped = json!({ "pipelineName": "demo", "pipelineExecutionId": SECOND, "abandon": false });
    let retried = with(in_stage("Build"), "pipelineExecutionId", json!(SECOND));
    let inbound = |stage: &str| with(in_stage(stage), "transitionType", json!("Inbound"));
    for (line, operation, input) in [
        ("stop demo", "StopPipelineExecution", stopped.clone()),
        ("stop demo/5d21", "StopPipelineExecution", stopped.clone()),
        (
            "stop demo --abandon --reason enough",
            "StopPipelineExecution",
            with(with(stopped, "abandon", json!(true)), "reason", json!("enough")),
        ),
        (
            "retry demo Build",
            "RetryStageExecution",
            with(retried.clone(), "retryMode", json!("FAILED_ACTIONS")),
        ),
        (
            "retry demo Build --mode all --execution 470c",
            "RetryStageExecution",
            with(with(retried, "retryMode", json!("ALL_ACTIONS")), "pipelineExecutionId", json!(FIRST)),
        ),
        ("enable demo Release", "EnableStageTransition", inbound("Release")),
        (
            "disable demo Build --reason freeze",
            "DisableStageTransition",
            with(inbound("Build"), "reason", json!("freeze")),
        ),
        (
            "enable demo Build --outbound",
            "EnableStageTransition",
            with(inbound("Build"), "transitionType", json!("Outbound")),
        ),
        ("delete demo --yes", "DeletePipeline", json!({ "name": "demo" })),
        (
            "start demo --var who=tea --source-revision Checkout=4f2a91c --token once",
            "StartPipelineExecution",
            json!({
                "name": "demo",
                "variables": [{ "name": "who", "value": "tea" }],
                "sourceRevisions": [
                    { "actionName": "Checkout", "revisionType": "COMMIT_ID", "revisionValue": "4f2a91c" },
                ],
                "clientRequestToken": "once",
            }),
        ),
    ] {
        let service = service();
        let ran = run(&service, line).await;
        assert_eq!(ran.exit, Exit::Succeeded, "{line}: {ran:?}");
        assert_eq!(service.input_of(operation), input, "{line}");
    }
}

#[tokio::test]
async fn a_start_is_sent_with_a_token_so_that_trying_again_starts_nothing_twice() {
    let service = service();
    assert_eq!(run(&service, "start demo --quiet").await.output, format!("{FIRST}\n"));
    assert!(service.input_of("StartPipelineExecution")["clientRequestToken"].as_str().unwrap().len() > 10);
}

#[tokio::test]
async fn an_unknown_stage_brings_the_one_that_was_meant_and_nothing_is_done() {
    for line in ["retry demo Biuld", "enable demo Biuld", "disable demo Biuld"] {
        let service = service();
        let ran = run(&service, line).await;
        assert_eq!(ran.exit, Exit::NotFound, "{line}: {ran:?}");
        assert!(ran.errors.contains("did you mean 'Build'?"), "{line}: {ran:?}");
        let asked: Vec<_> = service.calls().into_iter().map(|(operation, _)| operation).collect();
        assert_eq!(asked, ["GetPipeline"], "{line}");
    }
    let ran = run(&service(), "start demo --source-revision Chekcout=1").await;
    assert!(ran.errors.contains("did you mean 'Checkout'?"), "{ran:?}");
}

#[tokio::test]
async fn nothing_is_deleted_without_a_yes() {
    let service = service();
    let ran = run(&service, "delete demo").await;
    assert_eq!(ran.exit, Exit::Usage, "{ran:?}");
    assert!(
        ran.errors.starts_with("demo, with 3 versions and 2 executions, 1 of them in progress\n"),
        "{ran:?}"
    );
    assert!(!service.calls().iter().any(|(operation, _)| operation == "DeletePipeline"));
}

#[tokio::test]
async fn of_a_stage_that_runs_again_only_what_is_new_is_told() {
    let service = Service::start(|operation, _| match operation {
        "GetPipeline" => Answer::Of(json!({ "pipeline": demo(3) })),
        "GetPipelineState" => Answer::Of(state()),
        "RetryStageExecution" => Answer::Of(json!({ "pipelineExecutionId": SECOND })),
        "GetPipelineExecution" => Answer::Of(execution(SECOND, "InProgress")),
        "ListActionExecutions" => Answer::Of(json!({ "actionExecutionDetails": [
            action("Build", "Lint", "Build", "InProgress", (300, 300)),
            action("Build", "Lint", "Build", "Failed", (100, 120)),
            action("Source", "Checkout", "Source", "Succeeded", (0, 10)),
        ] })),
        other => panic!("nobody asks for {other}"),
    });
    let ran = run(&service, "retry demo Build --wait --timeout 0").await;
    let expected = format!(
        "execution 5d21aaaa of demo runs Build again\n\
         pipeline demo version 3 execution {SECOND}\n  Build / Lint started again\n"
    );
    assert_eq!((ran.output.as_str(), ran.exit), (expected.as_str(), Exit::TimedOut));
}
