//! Answers of a pipeline with three stages, which several tests change a little.

use serde_json::{Value, json};

use super::fixtures::DEMO;

pub(super) const FIRST: &str = "470c9a1e-5a52-4d0c-8a4e-0a8d1a2b3c4d";
pub(super) const SECOND: &str = "5d21aaaa-0000-4000-8000-000000000000";

/// Seconds of an hour before the time at which tests run.
pub(super) fn at(seconds: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit a double exactly")]
    let time = (1_795_348_800 - 3_600 + seconds) as f64;
    time
}

/// The pipeline of the fixtures as GetPipeline answers it.
pub(super) fn demo(version: i32) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipeline.yaml");
    std::fs::write(&path, DEMO).unwrap();
    let declaration = crate::declaration::read(&path, false).unwrap().declaration;
    let mut pipeline = crate::json::to_json(&declaration);
    pipeline["version"] = json!(version);
    pipeline
}

/// An action execution as ListActionExecutions answers it.
pub(super) fn action(stage: &str, name: &str, category: &str, status: &str, times: (i64, i64)) -> Value {
    let provider = if category == "Approval" { "Manual" } else { "CodeBuild" };
    json!({
        "pipelineExecutionId": FIRST,
        "actionExecutionId": format!("{stage}-{name}-{}", times.0),
        "pipelineVersion": 3,
        "stageName": stage,
        "actionName": name,
        "startTime": at(times.0),
        "lastUpdateTime": at(times.1),
        "status": status,
        "input": { "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" } },
        "output": { "executionResult": {} },
    })
}

pub(super) fn execution(id: &str, status: &str) -> Value {
    json!({ "pipelineExecution": {
        "pipelineName": "demo",
        "pipelineVersion": 3,
        "pipelineExecutionId": id,
        "status": status,
        "artifactRevisions": [{
            "name": "source",
            "revisionId": "4f2a91c0d1e2f3a4b5c6d7e8f90123456789abcd",
            "revisionSummary": "Mend the build\n\nThe rest.",
            "revisionUrl": "https://example.org/commit/4f2a91c",
        }],
        "variables": [{ "name": "who", "resolvedValue": "world" }],
        "trigger": { "triggerType": "StartPipelineExecution", "triggerDetail": "arn:aws:iam::123456789012:user/anna" },
        "executionMode": "QUEUED",
    } })
}

/// The second execution waits before Release, in which the first waits for an approval.
pub(super) fn state() -> Value {
    let inside = |id: &str, status: &str| json!({ "pipelineExecutionId": id, "status": status });
    let open = json!({ "enabled": true });
    json!({
        "pipelineName": "demo",
        "pipelineVersion": 3,
        "stageStates": [
            { "stageName": "Source", "latestExecution": inside(SECOND, "Succeeded"), "actionStates": [
                { "actionName": "Checkout",
                  "currentRevision": { "revisionId": "4f2a91c", "revisionChangeId": "1", "created": at(0) },
                  "latestExecution": { "status": "Succeeded", "lastStatusChange": at(12), "summary": "Mend the build" } },
            ] },
            { "stageName": "Build", "inboundTransitionState": open, "latestExecution": inside(SECOND, "Failed"),
              "actionStates": [
                { "actionName": "Compile", "latestExecution": { "status": "Succeeded", "lastStatusChange": at(100) } },
                { "actionName": "Lint", "latestExecution": { "status": "Failed", "lastStatusChange": at(120),
                  "errorDetails": { "code": "JobFailed", "message": "Error while executing command: make lint" } } },
            ] },
            { "stageName": "Release", "inboundExecution": inside(SECOND, "InProgress"),
              "inboundExecutions": [inside(SECOND, "InProgress")],
              "inboundTransitionState": { "enabled": false, "lastChangedBy": "anna", "lastChangedAt": at(1_800),
                                          "disabledReason": "code freeze" },
              "latestExecution": inside(FIRST, "InProgress"), "actionStates": [
                { "actionName": "Approve", "entityUrl": "https://example.org/app",
                  "latestExecution": { "status": "InProgress", "lastStatusChange": at(3_420), "token": "token-1" } },
            ] },
        ],
    })
}
