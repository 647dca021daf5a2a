//! Reading and writing a declaration changes nothing.

use serde_json::{Value, json};

use super::*;

/// Every member of the model, once.
pub(crate) fn full_document() -> Value {
    let rule = json!({
        "name": "calm", "configuration": {"AlarmName": "errors"}, "commands": ["true"],
        "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm", "version": "1"},
        "inputArtifacts": [{"name": "Source"}], "roleArn": "arn:aws:iam::111122223333:role/rule",
        "region": "eu-west-1", "timeoutInMinutes": 5
    });
    let conditions = json!([{"result": "FAIL", "rules": [rule]}]);
    let criteria = json!({"includes": ["main"], "excludes": ["wip/**"]});
    let store = json!({"type": "S3", "location": "artifacts", "encryptionKey": {"id": "key", "type": "KMS"}});
    json!({
        "name": "release", "roleArn": "arn:aws:iam::111122223333:role/release", "version": 3,
        "executionMode": "QUEUED", "pipelineType": "V2",
        "artifactStore": store, "artifactStores": {"eu-west-1": store},
        "variables": [{"name": "target", "defaultValue": "test", "description": "where to"}, {"name": "who"}],
        "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {
            "sourceActionName": "Fetch",
            "push": [{"tags": criteria}, {"branches": criteria, "filePaths": criteria}],
            "pullRequest": [{"events": ["OPEN", "UPDATED", "CLOSED"], "branches": criteria, "filePaths": criteria}]
        }}],
        "stages": [{
            "name": "Source", "blockers": [{"name": "later", "type": "Schedule"}],
            "beforeEntry": {"conditions": conditions}, "onSuccess": {"conditions": conditions},
            "onFailure": {"result": "RETRY", "conditions": conditions,
                          "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
            "actions": [{
                "name": "Fetch", "runOrder": 2, "configuration": {"S3Bucket": "b"}, "commands": ["make"],
                "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
                "inputArtifacts": [], "outputArtifacts": [{"name": "Source", "files": ["**/*"]}],
                "outputVariables": ["COMMIT"], "roleArn": "arn:aws:iam::111122223333:role/action",
                "region": "eu-west-1", "namespace": "fetch", "timeoutInMinutes": 10,
                "environmentVariables": [{"name": "A", "value": "b", "type": "SECRETS_MANAGER"}]
            }]
        }]
    })
}

#[test]
fn a_document_with_every_member_of_the_model_is_written_as_it_was_read() {
    let document = full_document();
    let declaration: PipelineDeclaration = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&declaration).unwrap(), document);
}

#[test]
fn what_is_omitted_stays_omitted_and_has_a_default() {
    let document = json!({"name": "p", "roleArn": "r", "stages": [{"name": "s", "actions": [{"name": "a",
        "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}]}]});
    let declaration: PipelineDeclaration = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&declaration).unwrap(), document);
    assert_eq!(declaration.execution_mode(), ExecutionMode::Superseded);
    assert_eq!(declaration.stages[0].actions[0].run_order(), 1);
    assert!(declaration.stages[0].actions[0].input_artifacts().is_empty());
}

#[test]
fn the_groups_of_a_stage_are_its_distinct_run_orders_ascending() {
    let action = |name: &str, run_order| ActionDeclaration {
        name: name.to_string(),
        run_order,
        ..ActionDeclaration::default()
    };
    let stage = StageDeclaration {
        actions: vec![action("a", Some(7)), action("b", None), action("c", Some(7))],
        ..StageDeclaration::default()
    };
    assert_eq!(stage.run_orders(), [1, 7]);
    assert_eq!(stage.group(7).map(|action| action.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
}
