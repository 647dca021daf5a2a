//! Pipeline declarations, short enough to stand in a scenario.

use serde_json::{Value, json};

/// The pipeline of every scenario.
pub const PIPELINE: &str = "release";
/// Where its source is.
pub const SOURCE_BUCKET: &str = "sources";
pub const SOURCE_KEY: &str = "app.zip";

/// A connection of a git source.
pub const CONNECTION: &str =
    "arn:aws:codeconnections:us-east-1:123456789012:connection/00000000-0000-4000-8000-000000000000";

/// A V2 pipeline in the mode SUPERSEDED, with an S3 source in front of `stages`.
pub fn pipeline(stages: impl IntoIterator<Item = Value>) -> Value {
    pipeline_from(source(), stages)
}

/// The same with a source of one's own.
pub fn pipeline_from(source: Value, stages: impl IntoIterator<Item = Value>) -> Value {
    let stages: Vec<_> = [stage("Source", [source])].into_iter().chain(stages).collect();
    json!({
        "name": PIPELINE,
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "pipelineType": "V2",
        "executionMode": "SUPERSEDED",
        "stages": stages,
    })
}

pub fn stage(name: &str, actions: impl IntoIterator<Item = Value>) -> Value {
    json!({ "name": name, "actions": actions.into_iter().collect::<Vec<_>>() })
}

/// Lines of shell in the unpacked source.
pub fn commands<S: AsRef<str>>(name: &str, lines: impl IntoIterator<Item = S>) -> Value {
    let lines: Vec<_> = lines.into_iter().map(|line| line.as_ref().to_owned()).collect();
    json!({
        "name": name,
        "actionTypeId": action_type("Compute", "Commands"),
        "commands": lines,
        "inputArtifacts": [{ "name": "SourceOutput" }],
    })
}

pub fn approval(name: &str) -> Value {
    json!({ "name": name, "actionTypeId": action_type("Approval", "Manual") })
}

/// A build of `project` that gives the artifact `<name>Output`.
pub fn build(name: &str, project: &str) -> Value {
    json!({
        "name": name,
        "actionTypeId": action_type("Build", "CodeBuild"),
        "configuration": { "ProjectName": project },
        "inputArtifacts": [{ "name": "SourceOutput" }],
        "outputArtifacts": [{ "name": format!("{name}Output") }],
    })
}

/// Puts the files of an artifact into a bucket.
pub fn deploy_to_s3(name: &str, bucket: &str, artifact: &str) -> Value {
    json!({
        "name": name,
        "actionTypeId": action_type("Deploy", "S3"),
        "configuration": { "BucketName": bucket, "Extract": "true", "ObjectKey": "site" },
        "inputArtifacts": [{ "name": artifact }],
    })
}

/// Deploys an artifact with an appspec to a deployment group.
pub fn deploy_to_codedeploy(name: &str, application: &str, group: &str, artifact: &str) -> Value {
    json!({
        "name": name,
        "actionTypeId": action_type("Deploy", "CodeDeploy"),
        "configuration": { "ApplicationName": application, "DeploymentGroupName": group },
        "inputArtifacts": [{ "name": artifact }],
    })
}

fn source() -> Value {
    json!({
        "name": "Source",
        "actionTypeId": action_type("Source", "S3"),
        "namespace": "SourceVariables",
        "configuration": { "S3Bucket": SOURCE_BUCKET, "S3ObjectKey": SOURCE_KEY, "PollForSourceChanges": "false" },
        "outputArtifacts": [{ "name": "SourceOutput" }],
    })
}

/// A git repository at the other end of [`CONNECTION`].
pub fn git_source() -> Value {
    json!({
        "name": "Source",
        "actionTypeId": action_type("Source", "CodeStarSourceConnection"),
        "namespace": "SourceVariables",
        "configuration": { "ConnectionArn": CONNECTION, "FullRepositoryId": "shop/app", "BranchName": "main" },
        "outputArtifacts": [{ "name": "SourceOutput" }],
    })
}

pub fn action_type(category: &str, provider: &str) -> Value {
    json!({ "category": category, "owner": "AWS", "provider": provider, "version": "1" })
}

/// `declaration` with a member set.
pub fn with(mut declaration: Value, member: &str, value: Value) -> Value {
    declaration[member] = value;
    declaration
}
