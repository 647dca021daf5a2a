//! Lists are read to their end, names are explained, errors have their exit status.

use expect_test::expect;
use serde_json::{Value, json};

use super::run::{run, run_at};
use super::service::{Answer, Service, connection_to};
use crate::exit::Exit;
use crate::terminal::Look;

/// Two pages of pipelines.
fn pipelines(input: &Value) -> Answer {
    let summary = |name: &str| {
        json!({ "name": name, "version": 3, "pipelineType": "V2", "executionMode": "QUEUED",
        "created": 1_795_000_000.0, "updated": 1_795_322_428.25 })
    };
    match input["nextToken"].as_str() {
        None => Answer::Of(json!({ "pipelines": [summary("demo"), summary("site")], "nextToken": "two" })),
        Some("two") => Answer::Of(json!({ "pipelines": [summary("release")] })),
        Some(other) => panic!("nobody gave the token {other}"),
    }
}

fn no_pipeline(input: &Value) -> Answer {
    let name = input["name"].as_str().or(input["pipelineName"].as_str()).unwrap_or_default();
    Answer::Exception(
        "PipelineNotFoundException",
        format!("Account does not have a pipeline with name '{name}'"),
    )
}

fn service() -> Service {
    Service::start(|operation, input| match operation {
        "ListPipelines" => pipelines(input),
        "ListPipelineExecutions" if input["pipelineName"] == "demo" => {
            Answer::Of(json!({ "pipelineExecutionSummaries": [
                { "pipelineExecutionId": super::answers::FIRST, "status": "Failed", "startTime": super::answers::at(0) },
            ] }))
        }
        "ListPipelineExecutions" if input["maxResults"] == 1 && input["pipelineName"] != "dmeo" => {
            Answer::Of(json!({ "pipelineExecutionSummaries": [] }))
        }
        _ => no_pipeline(input),
    })
}

#[tokio::test]
async fn no_list_stops_at_its_first_page() {
    let service = service();
    expect![[r#"
        PIPELINE  VERSION  TYPE  MODE    UPDATED
        demo      3        V2    QUEUED  2026-11-22 04:40:28Z
        site      3        V2    QUEUED  2026-11-22 04:40:28Z
        release   3        V2    QUEUED  2026-11-22 04:40:28Z
        exit 0
    "#]]
    .assert_eq(&run(&service, "list").await.seen());
    assert_eq!(run(&service, "list --quiet").await.output, "demo\nsite\nrelease\n");
    expect![[r#"
        PIPELINE  VERSION  STATUS         EXECUTION                             STARTED
        demo      3        ✘ failed       470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  2026-11-22 11:00:00Z
        site      3        ○ not started
        release   3        ○ not started
    "#]]
    .assert_eq(&run(&service, "list --status").await.output);
    let listed = run(&service, "list --status --json").await.json();
    assert_eq!(listed["pipelines"][0]["latestExecution"]["status"], "Failed");
    let listed = run(&service, "list --json").await.json();
    assert_eq!(listed["pipelines"].as_array().unwrap().len(), 3);
    assert_eq!(listed["pipelines"][2]["updated"], "2026-11-22T04:40:28.25Z");
}

#[tokio::test]
async fn a_history_is_read_as_far_as_was_asked() {
    let service = Service::start(|_, input| {
        let first: usize = input["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let size = usize::try_from(input["maxResults"].as_u64().unwrap()).unwrap();
        let last = (first + size).min(250);
        let summaries: Vec<_> = (first..last)
            .map(|number| json!({ "pipelineExecutionId": format!("execution-{number}"), "status": "Succeeded" }))
            .collect();
        let mut page = json!({ "pipelineExecutionSummaries": summaries });
        if last < 250 {
            page["nextToken"] = json!(last.to_string());
        }
        Answer::Of(page)
    });
    for (line, count) in [
        ("history demo --quiet", 20),
        ("history demo --quiet --limit 101", 101),
        ("history demo --quiet --all", 250),
    ] {
        let output = run(&service, line).await.output;
        let lines: Vec<_> = output.lines().collect();
        assert_eq!(lines.len(), count, "{line}");
        assert_eq!(
            (lines[0], *lines.last().unwrap()),
            ("execution-0", format!("execution-{}", count - 1).as_str())
        );
    }
}

#[tokio::test]
async fn an_unknown_pipeline_brings_the_one_that_was_meant() {
    let service = service();
    for command in
        ["state", "start", "history", "versions", "watch", "logs", "approve", "why", "stop", "delete"]
    {
        let ran = run(&service, &format!("{command} dmeo")).await;
        assert_eq!(ran.exit, Exit::NotFound, "{command}: {ran:?}");
        assert!(ran.errors.contains("did you mean 'demo'?"), "{command}: {ran:?}");
    }
    expect![[r#"
        error: there is no pipeline 'relaese'
        help: did you mean 'release'?
        (PipelineNotFoundException, request id request-7)
        exit 3
    "#]]
    .assert_eq(&run(&service, "diff relaese 1").await.seen());
    let error: Value = serde_json::from_str(&run(&service, "state dmeo --json").await.errors).unwrap();
    assert_eq!(error["error"]["code"], "PipelineNotFoundException");
    assert_eq!(error["error"]["exitStatus"], 3);
}

#[tokio::test]
async fn refusals_and_silence_have_their_exit_statuses() {
    for (code, exit) in [
        ("AccessDeniedException", Exit::NotAllowed),
        ("InvalidSignatureException", Exit::NotAllowed),
        ("ValidationException", Exit::Usage),
        ("ConcurrentModificationException", Exit::Failed),
    ] {
        let service = Service::start(move |_, _| Answer::Exception(code, "no".into()));
        let ran = run(&service, "list").await;
        assert_eq!(ran.exit, exit, "{code}: {ran:?}");
        assert!(ran.errors.starts_with("error: no\n"), "{ran:?}");
        assert!(ran.errors.contains(&format!("({code}, request id request-7)")), "{ran:?}");
    }
    // Nobody listens on the port of a listener that is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = run_at(connection_to(&format!("http://{gone}")), "list", Look::default()).await;
    assert_eq!(ran.exit, Exit::Unreachable, "{ran:?}");
    assert!(ran.errors.contains("pipewright up"), "{ran:?}");
}
