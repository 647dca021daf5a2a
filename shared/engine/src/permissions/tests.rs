//! Every operation for every role, and on what.

use serde_json::{Value, json};

use super::*;

const ARNS: &str = "arn:aws:codepipeline:us-east-1:123456789012:";

fn statements(role: &str) -> Vec<Statement> {
    let policy = policy_of_role(role).expect("a role");
    policy_statements(&serde_json::from_str(policy).expect("JSON")).expect("a policy")
}

fn is_allowed(statements: &[Statement], operation: &str, input: &Value) -> bool {
    let needed = needed(operation, input, ARNS);
    assert!(!needed.is_empty(), "{operation}");
    needed.iter().all(|permission| evaluate(statements, permission) == Decision::Allowed)
}

/// Beside the administrator, who may do everything: operator, approver, reader, job-worker.
#[test]
fn every_operation_for_every_role() {
    const NOBODY: [bool; 4] = [false; 4];
    const READERS: [bool; 4] = [true, true, true, false];
    const OPERATOR: [bool; 4] = [true, false, false, false];
    const APPROVER: [bool; 4] = [false, true, false, false];
    const WORKER: [bool; 4] = [false, false, false, true];
    let table = [
        ("AcknowledgeJob", WORKER),
        ("AcknowledgeThirdPartyJob", WORKER),
        ("CreateCustomActionType", NOBODY),
        ("CreatePipeline", NOBODY),
        ("DeleteCustomActionType", NOBODY),
        ("DeletePipeline", NOBODY),
        ("DeleteWebhook", NOBODY),
        ("DeregisterWebhookWithThirdParty", NOBODY),
        ("DisableStageTransition", OPERATOR),
        ("EnableStageTransition", OPERATOR),
        ("GetActionType", READERS),
        ("GetJobDetails", WORKER),
        ("GetPipeline", READERS),
        ("GetPipelineExecution", READERS),
        ("GetPipelineState", READERS),
        ("GetThirdPartyJobDetails", WORKER),
        ("ListActionExecutions", READERS),
        ("ListActionTypes", READERS),
        ("ListDeployActionExecutionTargets", READERS),
        ("ListPipelineExecutions", READERS),
        ("ListPipelines", READERS),
        ("ListRuleExecutions", READERS),
        ("ListRuleTypes", READERS),
        ("ListTagsForResource", READERS),
        ("ListWebhooks", READERS),
        ("OverrideStageCondition", OPERATOR),
        ("PollForJobs", WORKER),
        ("PollForThirdPartyJobs", WORKER),
        ("PutActionRevision", OPERATOR),
        ("PutApprovalResult", APPROVER),
        ("PutJobFailureResult", WORKER),
        ("PutJobSuccessResult", WORKER),
        ("PutThirdPartyJobFailureResult", WORKER),
        ("PutThirdPartyJobSuccessResult", WORKER),
        ("PutWebhook", NOBODY),
        ("RegisterWebhookWithThirdParty", NOBODY),
        ("RetryStageExecution", OPERATOR),
        ("RollbackStage", OPERATOR),
        ("StartPipelineExecution", OPERATOR),
        ("StopPipelineExecution", OPERATOR),
        ("TagResource", NOBODY),
        ("UntagResource", NOBODY),
        ("UpdateActionType", NOBODY),
        ("UpdatePipeline", NOBODY),
    ];
    assert_eq!(table.iter().filter(|(operation, _)| needs(operation)).count(), 44);
    let roles = ["operator", "approver", "reader", "job-worker"];
    for (operation, expected) in table {
        assert!(is_allowed(&statements(ADMINISTRATOR), operation, &json!({})), "{operation}");
        for (role, expected) in roles.into_iter().zip(expected) {
            assert_eq!(is_allowed(&statements(role), operation, &json!({})), expected, "{role}: {operation}");
        }
    }
    let all = [&[ADMINISTRATOR][..], &roles, &[ARTIFACT_ACCESS]].concat();
    assert_eq!(ROLES.map(|(role, _)| role).to_vec(), all);
    let artifacts = statements(ARTIFACT_ACCESS);
    assert!(table.iter().all(|(operation, _)| !is_allowed(&artifacts, operation, &json!({}))));
    assert_eq!(policy_of_role("nobody"), None);
}

#[test]
fn a_permission_is_on_what_the_call_names() {
    let custom = json!({ "category": "Build", "provider": "Mine", "version": "1" });
    let id = json!({ "owner": "ThirdParty", "category": "Deploy", "provider": "Theirs", "version": "2" });
    let tag = json!([{ "key": "a", "value": "b" }]);
    for (operation, input, expected) in [
        ("GetPipeline", json!({ "name": "shop" }), vec!["GetPipeline on shop"]),
        ("StopPipelineExecution", json!({ "pipelineName": "shop" }), vec!["StopPipelineExecution on shop"]),
        ("UpdatePipeline", json!({ "pipeline": { "name": "shop" } }), vec!["UpdatePipeline on shop"]),
        (
            "CreatePipeline",
            json!({ "pipeline": { "name": "shop" }, "tags": tag }),
            vec!["CreatePipeline on shop", "TagResource on shop"],
        ),
        (
            "RetryStageExecution",
            json!({ "pipelineName": "shop", "stageName": "Build" }),
            vec!["RetryStageExecution on shop/Build"],
        ),
        (
            "PutApprovalResult",
            json!({ "pipelineName": "shop", "stageName": "Go", "actionName": "Ask" }),
            vec!["PutApprovalResult on shop/Go/Ask"],
        ),
        ("PutApprovalResult", json!({ "pipelineName": "shop" }), vec!["PutApprovalResult on shop/*/*"]),
        ("CreateCustomActionType", custom, vec!["CreateCustomActionType on actiontype:Custom/Build/Mine/1"]),
        (
            "PollForJobs",
            json!({ "actionTypeId": id }),
            vec!["PollForJobs on actiontype:ThirdParty/Deploy/Theirs/2"],
        ),
        (
            "UpdateActionType",
            json!({ "actionType": { "id": id } }),
            vec!["UpdateActionType on actiontype:ThirdParty/Deploy/Theirs/2"],
        ),
        ("DeleteWebhook", json!({ "name": "hook" }), vec!["DeleteWebhook on webhook:hook"]),
        (
            "PutWebhook",
            json!({ "webhook": { "name": "hook", "targetPipeline": "shop" }, "tags": tag }),
            vec!["PutWebhook on shop", "PutWebhook on webhook:hook", "TagResource on webhook:hook"],
        ),
        ("ListWebhooks", json!({}), vec!["ListWebhooks on webhook:*"]),
        ("TagResource", json!({ "resourceArn": format!("{ARNS}shop") }), vec!["TagResource on shop"]),
        ("ListPipelines", json!({}), vec!["ListPipelines on *"]),
        ("GetPipeline", json!({ "name": 3 }), vec!["GetPipeline on *"]),
        ("NoSuchOperation", json!({ "name": "shop" }), vec!["NoSuchOperation on *"]),
    ] {
        let needed = needed(operation, &input, ARNS);
        let needed: Vec<_> = needed
            .iter()
            .map(|permission| permission.to_string().replace(ARNS, "").replace("codepipeline:", ""))
            .collect();
        assert_eq!(needed, expected, "{operation} {input}");
    }
}

#[test]
fn a_policy_of_ones_own_allows_what_it_names_and_a_deny_wins() {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "codepipeline:*", "Resource": format!("{ARNS}shop-*") },
            { "Effect": "Deny", "Action": "codepipeline:PutApprovalResult", "Resource": format!("{ARNS}*/Live/*") },
        ],
    });
    let statements = policy_statements(&policy).expect("a policy");
    for (operation, input, expected) in [
        ("GetPipeline", json!({ "name": "shop-eu" }), true),
        ("GetPipeline", json!({ "name": "bank" }), false),
        ("GetPipeline", json!({}), false),
        ("ListPipelines", json!({}), false),
        (
            "PutApprovalResult",
            json!({ "pipelineName": "shop-eu", "stageName": "Test", "actionName": "Ask" }),
            true,
        ),
        (
            "PutApprovalResult",
            json!({ "pipelineName": "shop-eu", "stageName": "Live", "actionName": "Ask" }),
            false,
        ),
        ("NoSuchOperation", json!({}), false),
    ] {
        assert_eq!(is_allowed(&statements, operation, &input), expected, "{operation} {input}");
    }
}

#[test]
fn a_document_that_is_not_understood_is_refused() {
    let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    for (document, expected) in [
        (json!([]), "is an object"),
        (json!({ "Statement": [] }), "Version has to be"),
        (json!({ "Version": "2008-10-17", "Statement": [] }), "Version has to be"),
        (json!({ "Version": "2012-10-17" }), "Statement is missing"),
        (json!({ "Version": "2012-10-17", "Statements": [] }), "Statements is no field"),
        (
            json!({ "Version": "2012-10-17", "Statement": [statement, 3] }),
            "Statement[1]: a statement is an object",
        ),
        (
            json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {} } }),
            "Statement[0]: Condition is not supported",
        ),
    ] {
        let problem = policy_statements(&document).expect_err(expected);
        assert!(problem.contains(expected), "{problem}");
    }
}
