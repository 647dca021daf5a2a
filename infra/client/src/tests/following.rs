//! Watching and following: to the end, once each, and across a service that goes away and comes back.

use expect_test::expect;
use serde_json::{Value, json};

use super::answers::{FIRST, SECOND, action, at, execution, state};
use super::run::run;
use super::service::{Answer, Service};
use crate::exit::Exit;

/// An execution in five looks; the service is gone in one of them, and once while the log is read. The log has three
/// lines, the last of which comes after its action has ended.
struct Story {
    looks: usize,
    cut: usize,
    log_cut: usize,
}

impl Story {
    fn new() -> Self {
        Self { looks: 0, cut: 0, log_cut: 0 }
    }

    fn answer(&mut self, operation: &str, input: &Value) -> Answer {
        match operation {
            "GetPipelineExecution" => {
                self.looks += 1;
                // The SDK tries three times.
                if self.looks == 3 && self.cut < 3 {
                    self.looks -= 1;
                    self.cut += 1;
                    return Answer::Cut;
                }
                Answer::Of(execution(FIRST, if self.looks < 5 { "InProgress" } else { "Succeeded" }))
            }
            "ListActionExecutions" => Answer::Of(json!({ "actionExecutionDetails": self.actions() })),
            "ListPipelineExecutions" => Answer::Of(json!({ "pipelineExecutionSummaries": [
                { "pipelineExecutionId": FIRST, "status": "InProgress", "startTime": at(0) },
            ] })),
            "GetPipelineState" => {
                // The first execution is the one that waits.
                let text = state().to_string().replace(FIRST, "inside").replace(SECOND, FIRST);
                Answer::Of(serde_json::from_str(&text).unwrap())
            }
            "GetPipeline" => Answer::Of(json!({ "pipeline": super::answers::demo(3) })),
            "GetLogEvents" => self.log(input),
            other => panic!("nobody asks for {other}"),
        }
    }

    fn actions(&self) -> Vec<Value> {
        let mut compile = action("Build", "Compile", "Build", "InProgress", (0, 10));
        compile["output"]["executionResult"]["externalExecutionId"] = json!("app:build-1");
        if self.looks >= 4 {
            compile["status"] = json!("Succeeded");
            compile["lastUpdateTime"] = json!(at(40));
        }
        if self.looks < 2 { Vec::new() } else { vec![compile] }
    }

    /// The token is the number of lines that were read.
    fn log(&mut self, input: &Value) -> Answer {
        assert_eq!(input["logGroupName"], "/aws/codebuild/app");
        assert_eq!(input["logStreamName"], "build-1");
        assert_eq!(input["startFromHead"], true);
        let lines = ["one\n", "\u{1b}[2Jtwo \u{1b}[31mred\n", "three\n"];
        let there = if self.looks < 4 { self.looks.saturating_sub(1) } else { 3 };
        // It goes away once more when the action has ended and the last line was not read.
        if self.looks == 4 && self.log_cut < 3 {
            self.log_cut += 1;
            return Answer::Cut;
        }
        let from: usize = input["nextToken"].as_str().map_or(0, |token| token[2..].parse().unwrap());
        // A service that was started anew does not know its tokens.
        if from == 2 && self.cut == 3 {
            self.cut += 1;
            return Answer::Exception(
                "InvalidParameterException",
                "The specified nextToken is invalid.".into(),
            );
        }
        let to = (from + 1).min(there);
        let events: Vec<_> =
            (from..to).map(|n| json!({ "timestamp": 1_795_348_800_000_i64, "message": lines[n] })).collect();
        Answer::Of(json!({ "events": events, "nextForwardToken": format!("f/{to}") }))
    }
}

fn service() -> Service {
    let mut story = Story::new();
    Service::start(move |operation, input| story.answer(operation, input))
}

#[tokio::test]
async fn a_watcher_is_told_each_change_once_even_if_the_service_goes_away() {
    expect![[r#"
        pipeline demo version 3 execution 470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d
          waits before Release, whose transition was disabled by anna 30 min ago: code freeze; open it with: pipewright enable demo Release
        stage Build
          Build / Compile started
            Compile | one
            Compile | two red
            Compile | three
          Build / Compile succeeded in 40.0 s
          waits before Release, whose transition was disabled by anna 30 min ago: code freeze; open it with: pipewright enable demo Release
        ✔ execution 470c9a1e of demo succeeded in 40.0 s
          no service answers: connection closed before message completed; trying again
          the service answers again
          no service answers: connection closed before message completed; trying again
          the service answers again
        exit 0
    "#]]
    .assert_eq(&run(&service(), "watch demo --logs").await.seen());
}

#[tokio::test]
async fn a_followed_log_has_every_line_once_and_ends_by_itself() {
    expect![[r#"
        Compile | one
        Compile | two red
        Compile | three
        no service answers: connection closed before message completed; trying again
        the service answers again
        no service answers: connection closed before message completed; trying again
        the service answers again
        exit 0
    "#]]
    .assert_eq(&run(&service(), "logs -f demo").await.seen());
    let lines = run(&service(), "logs -f demo --json").await.output;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["one", "\u{1b}[2Jtwo \u{1b}[31mred", "three"]);
    assert_eq!(lines[0]["actionName"], "Compile");
}

#[tokio::test]
async fn changes_are_json_for_programs() {
    let ran = run(&service(), "watch demo --json").await;
    let events: Vec<Value> = ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["Watching", "Waits", "StageEntered", "ActionStarted", "ActionEnded", "Waits", "Ended"]
    );
    assert_eq!(events[1]["reason"], "TransitionDisabled");
    assert_eq!(events.last().unwrap()["exitStatus"], 0);
    assert_eq!(ran.exit, Exit::Succeeded);
}

#[tokio::test]
async fn the_end_of_an_execution_is_the_exit_status() {
    for (status, exit) in [
        ("Succeeded", Exit::Succeeded),
        ("Failed", Exit::Failed),
        ("Stopped", Exit::Stopped),
        ("Superseded", Exit::Stopped),
        ("Cancelled", Exit::Stopped),
    ] {
        let service = Service::start(move |operation, _| match operation {
            "ListActionExecutions" => Answer::Of(json!({ "actionExecutionDetails": [] })),
            "GetPipeline" => Answer::Exception("PipelineVersionNotFoundException", "it is gone".into()),
            _ => Answer::Of(execution(FIRST, status)),
        });
        let ran = run(&service, &format!("watch demo/{FIRST}")).await;
        assert_eq!(ran.exit, exit, "{status}: {ran:?}");
    }
}

#[tokio::test]
async fn a_failure_leads_to_its_log() {
    let service = Service::start(|operation, _| match operation {
        "ListActionExecutions" => {
            let mut lint = action("Build", "Lint", "Build", "Failed", (0, 10));
            lint["output"]["executionResult"] =
                json!({ "externalExecutionId": "lint:1", "errorDetails": { "message": "make lint failed" } });
            Answer::Of(json!({ "actionExecutionDetails": [lint] }))
        }
        "GetPipeline" => Answer::Of(json!({ "pipeline": super::answers::demo(3) })),
        _ => Answer::Of(execution(FIRST, "Failed")),
    });
    expect![[r#"
        pipeline demo version 3 execution 470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d
        stage Build
          Build / Lint started
          Build / Lint failed in 10.0 s: make lint failed
        ✘ execution 470c9a1e of demo failed in 10.0 s
          its log: pipewright logs demo Build/Lint --execution 470c9a1e
        exit 1
    "#]]
    .assert_eq(&run(&service, &format!("watch demo/{FIRST}")).await.seen());
}

#[tokio::test]
async fn a_watch_gives_up_in_time() {
    let service = Service::start(|operation, _| match operation {
        "ListActionExecutions" => Answer::Of(
            json!({ "actionExecutionDetails": [action("Build", "Compile", "Build", "InProgress", (0, 0))] }),
        ),
        _ => Answer::Of(execution(FIRST, "InProgress")),
    });
    let ran = run(&service, &format!("watch demo/{FIRST} --timeout 0")).await;
    assert_eq!(ran.exit, Exit::TimedOut, "{ran:?}");
}

#[tokio::test]
async fn a_batch_has_the_lines_of_its_builds() {
    let service = || {
        Service::start(|operation, input| match operation {
            "ListPipelineExecutions" => Answer::Of(json!({ "pipelineExecutionSummaries": [
                { "pipelineExecutionId": FIRST, "status": "Succeeded", "startTime": at(0) },
            ] })),
            "ListActionExecutions" => {
                let mut tests = action("Build", "Tests", "Build", "Succeeded", (0, 10));
                tests["input"]["configuration"] = json!({ "ProjectName": "app", "BatchEnabled": "true" });
                tests["output"]["executionResult"]["externalExecutionId"] = json!("app:batch-1");
                Answer::Of(json!({ "actionExecutionDetails": [tests] }))
            }
            "GetPipeline" => Answer::Of(json!({ "pipeline": super::answers::demo(3) })),
            "BatchGetBuildBatches" => {
                assert_eq!(input["ids"], json!(["app:batch-1"]));
                let build = |name: &str| {
                    let arn = format!("arn:aws:codebuild:eu-west-1:123456789012:build/app:{name}");
                    json!({ "identifier": name, "currentBuildSummary": { "arn": arn } })
                };
                let groups = [build("linux"), build("mac"), json!({ "identifier": "not-begun" })];
                Answer::Of(json!({ "buildBatches": [{ "buildGroups": groups }] }))
            }
            "GetLogEvents" => {
                assert_eq!(input["logGroupName"], "/aws/codebuild/app");
                let message = format!("tests of {}\n", input["logStreamName"].as_str().unwrap());
                let events = match input["nextToken"].is_null() {
                    true => vec![json!({ "timestamp": 1_795_348_800_000_i64, "message": message })],
                    false => vec![],
                };
                Answer::Of(json!({ "events": events, "nextForwardToken": "f/1" }))
            }
            _ => Answer::Of(execution(FIRST, "Succeeded")),
        })
    };
    expect![[r#"
        Tests linux | tests of linux
        Tests mac | tests of mac
        exit 0
    "#]]
    .assert_eq(&run(&service(), "logs demo").await.seen());
    expect![[r#"
        pipeline demo version 3 execution 470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d
        stage Build
          Build / Tests started
            Tests linux | tests of linux
            Tests mac | tests of mac
          Build / Tests succeeded in 10.0 s
        ✔ execution 470c9a1e of demo succeeded in 10.0 s
        exit 0
    "#]]
    .assert_eq(&run(&service(), "watch demo --logs").await.seen());
}
