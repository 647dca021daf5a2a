//! What a pipeline and its history look like, at several widths, with colours and without.

use expect_test::expect;
use serde_json::json;

use super::answers::{FIRST, SECOND, action, at, state};
use super::run::{run, run_at};
use super::service::{Answer, Service};
use crate::terminal::Look;
use crate::text::harmless;

fn service() -> Service {
    Service::start(|operation, _| match operation {
        "GetPipelineState" => Answer::Of(state()),
        "ListPipelineExecutions" => {
            let execution = |id: &str, status: &str, from: i64, to: i64| {
                json!({
                    "pipelineExecutionId": id,
                    "status": status,
                    "startTime": at(from),
                    "lastUpdateTime": at(to),
                    "sourceRevisions": [{ "actionName": "Checkout",
                        "revisionId": "4f2a91c0d1e2f3a4b5c6d7e8f90123456789abcd", "revisionSummary": "Mend the build" }],
                    "trigger": { "triggerType": "StartPipelineExecution",
                                 "triggerDetail": "arn:aws:iam::123456789012:user/anna" },
                })
            };
            let newest = execution(SECOND, "InProgress", 3_000, 3_100);
            Answer::Of(json!({ "pipelineExecutionSummaries": [newest, execution(FIRST, "Failed", 0, 130)] }))
        }
        "ListActionExecutions" => {
            let mut lint = action("Build", "Lint", "Build", "Failed", (100, 120));
            lint["output"]["executionResult"]["errorDetails"] = json!({ "code": "JobFailed",
                "message": "Error while executing command: make lint. Reason: exit status 2" });
            let compile = action("Build", "Compile", "Build", "InProgress", (3_000, 3_010));
            Answer::Of(json!({ "actionExecutionDetails": [compile, lint] }))
        }
        other => panic!("nobody asks for {other}"),
    })
}

#[tokio::test]
async fn the_state_of_a_pipeline_is_read_from_top_to_bottom() {
    let service = service();
    expect![[r#"
        demo version 3

        Source  ✔ succeeded  5d21aaaa
            Checkout  ✔ succeeded  59 min ago  4f2a91c  Mend the build

        Build  ✘ failed  5d21aaaa
            Compile  ✔ succeeded  58 min ago
            Lint     ✘ failed  58 min ago  Error while executing command: make lint

        ■ transition disabled by anna 30 min ago: code freeze
        ▼ waits: 5d21aaaa
        Release  ● in progress  470c9a1e
            Approve  ● in progress  3 min ago  waits for an approval
        exit 0
    "#]]
    .assert_eq(&run(&service, "state demo").await.seen());
    expect![[r#"
        Source	Succeeded
        Build	Failed
        Release	InProgress
        exit 0
    "#]]
    .assert_eq(&run(&service, "state demo --quiet").await.seen());
    assert_eq!(run(&service, "state demo --json").await.json()["stageStates"][2]["stageName"], "Release");
}

#[tokio::test]
async fn colours_add_nothing_that_words_do_not_say() {
    let service = service();
    for line in ["state demo", "history demo", "history demo --actions"] {
        let plain = run(&service, line).await.output;
        let coloured = run_at(service.connection(), line, Look { colour: true, width: None }).await.output;
        assert!(coloured.contains("\u{1b}[3"), "{line}: {coloured:?}");
        let stripped: Vec<_> =
            coloured.lines().map(|line| harmless(line, false).trim_end().to_owned()).collect();
        assert_eq!(stripped.join("\n"), plain.trim_end(), "{line}");
    }
}

#[tokio::test]
async fn histories_fit_the_width() {
    let service = service();
    let at_width = async |line: &str, width: Option<usize>| {
        run_at(service.connection(), line, Look { colour: false, width }).await.output
    };
    expect![[r#"
        STATUS         EXECUTION                             STARTED               TOOK        REVISIONS               STARTED BY
        ● in progress  5d21aaaa-0000-4000-8000-000000000000  2026-11-22 11:50:00Z  10 min 0 s  4f2a91c Mend the build  anna
        ✘ failed       470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  2026-11-22 11:00:00Z  2 min 10 s  4f2a91c Mend the build  anna
    "#]].assert_eq(&at_width("history demo", None).await);
    expect![[r#"
        STATUS         EXECUTION                             STARTED     TOOK        REVISIONS               STARTED BY
        ● in progress  5d21aaaa-0000-4000-8000-000000000000  10 min ago  10 min 0 s  4f2a91c Mend the build  anna
        ✘ failed       470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  1 h ago     2 min 10 s  4f2a91c Mend the build  anna
    "#]].assert_eq(&at_width("history demo", Some(200)).await);
    expect![[r#"
        STATUS         EXECUTION  STARTED     TOOK        REVISIONS           STARTED BY
        ● in progress  5d21aaaa   10 min ago  10 min 0 s  4f2a91c Mend the …  anna
        ✘ failed       470c9a1e   1 h ago     2 min 10 s  4f2a91c Mend the …  anna
    "#]]
    .assert_eq(&at_width("history demo", Some(80)).await);
    expect![[r#"
        STATUS         EXECUTION  STARTED     TOOK        REVISIONS
        ● in progress  5d21aaaa   10 min ago  10 min 0 s  4f2a91c M…
        ✘ failed       470c9a1e   1 h ago     2 min 10 s  4f2a91c M…
    "#]]
    .assert_eq(&at_width("history demo", Some(60)).await);
    expect![[r#"
        STATUS         ACTION           EXECUTION                             STARTED               TOOK        SAID
        ● in progress  Build / Compile  470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  2026-11-22 11:50:00Z  10 min 0 s
        ✘ failed       Build / Lint     470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d  2026-11-22 11:01:40Z  20.0 s      Error while executing command: make lint. Reason: exit status 2
    "#]].assert_eq(&at_width("history demo --actions", None).await);
    expect![[r#"
        STATUS         ACTION           EXECUTION  STARTED     TOOK        SAID
        ● in progress  Build / Compile  470c9a1e   10 min ago  10 min 0 s
        ✘ failed       Build / Lint     470c9a1e   58 min ago  20.0 s      Error while …
    "#]]
    .assert_eq(&at_width("history demo --actions", Some(80)).await);
}
