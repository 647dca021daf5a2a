//! Approvals: what is approved is shown, nothing is answered without a yes, and the answer goes to the right token.

use expect_test::expect;
use serde_json::json;

use super::answers::{FIRST, SECOND, action, demo, execution, state};
use super::run::run;
use super::service::{Answer, Service};
use crate::exit::Exit;

fn service() -> Service {
    Service::start(|operation, _| match operation {
        "GetPipeline" => Answer::Of(json!({ "pipeline": demo(3) })),
        "GetPipelineState" => Answer::Of(state()),
        "GetPipelineExecution" => Answer::Of(execution(FIRST, "InProgress")),
        "PutApprovalResult" => Answer::Of(json!({ "approvedAt": 1_795_348_800.0 })),
        other => panic!("nobody asks for {other}"),
    })
}

#[tokio::test]
async fn what_is_approved_is_shown_before_the_answer() {
    let service = service();
    expect![[r#"
        Release / Approve of demo is approved
        Release / Approve of demo version 3, execution 470c9a1e, asked 3 min ago
          Look at the app of #{checkout.CommitId}
          see https://example.org/app
          source: 4f2a91c0d1e2f3a4b5c6d7e8f90123456789abcd  Mend the build  https://example.org/commit/4f2a91c
          variable who = world
          started by StartPipelineExecution arn:aws:iam::123456789012:user/anna
        exit 0
    "#]]
    .assert_eq(&run(&service, "approve demo --yes --comment fine").await.seen());
    let given = service.input_of("PutApprovalResult");
    assert_eq!(
        given,
        json!({ "pipelineName": "demo", "stageName": "Release", "actionName": "Approve", "token": "token-1",
                "result": { "status": "Approved", "summary": "fine" } })
    );
    let rejected = run(&service, "reject demo Release/Approve --yes --json").await;
    assert_eq!(rejected.json()["status"], "Rejected");
    assert_eq!(rejected.json()["artifactRevisions"][0]["name"], "source");
    assert_eq!(service.input_of("PutApprovalResult")["result"]["status"], "Rejected");
}

#[tokio::test]
async fn nothing_is_answered_without_a_yes() {
    let service = service();
    let ran = run(&service, "approve demo").await;
    assert_eq!(ran.exit, Exit::Usage, "{ran:?}");
    assert!(ran.errors.contains("--yes"), "{ran:?}");
    assert!(!service.calls().iter().any(|(operation, _)| operation == "PutApprovalResult"));
}

#[tokio::test]
async fn parallel_executions_have_approvals_of_their_own() {
    let service = Service::start(|operation, input| match operation {
        "GetPipeline" => {
            let mut pipeline = demo(3);
            pipeline["executionMode"] = json!("PARALLEL");
            Answer::Of(json!({ "pipeline": pipeline }))
        }
        "ListPipelineExecutions" => Answer::Of(json!({ "pipelineExecutionSummaries": [
            { "pipelineExecutionId": SECOND, "status": "InProgress" },
            { "pipelineExecutionId": FIRST, "status": "InProgress" },
            { "pipelineExecutionId": "over", "status": "Succeeded" },
        ] })),
        "ListActionExecutions" => {
            let mut approval = action("Release", "Approve", "Approval", "InProgress", (3_420, 3_420));
            let id = input["filter"]["pipelineExecutionId"].as_str().unwrap();
            approval["output"]["executionResult"]["externalExecutionId"] = json!(format!("token of {id}"));
            Answer::Of(json!({ "actionExecutionDetails": [approval] }))
        }
        "GetPipelineExecution" => Answer::Of(execution(SECOND, "InProgress")),
        "PutApprovalResult" => Answer::Of(json!({})),
        other => panic!("nobody asks for {other}"),
    });
    let ran = run(&service, "approve demo --yes").await;
    assert_eq!(ran.exit, Exit::Usage, "{ran:?}");
    assert!(ran.errors.contains("Release/Approve --execution 470c9a1e"), "{ran:?}");
    let ran = run(&service, "approve demo --execution 5d21 --yes").await;
    assert_eq!(ran.exit, Exit::Succeeded, "{ran:?}");
    assert_eq!(service.input_of("PutApprovalResult")["token"], format!("token of {SECOND}"));
}
