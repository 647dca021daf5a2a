//! What is told of a job: to a Lambda function by the event that it is invoked with, to a worker by the API.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html>

use engine::catalog::{CLIENT_ID, CLIENT_TOKEN};
use engine::decide::ArtifactLocation;
use serde_json::{Value, json};

use crate::Config;
use crate::store::{Invocation, OutsideWork, WorkerTask};

pub(super) fn job_event(
    job_id: &str,
    account_id: &str,
    work: &OutsideWork,
    invocation: &Invocation,
    artifact_credentials: &Value,
) -> Value {
    let artifacts = |artifacts: &[ArtifactLocation]| artifacts.iter().map(artifact).collect::<Vec<_>>();
    let mut data = json!({
        "actionConfiguration": { "configuration": invocation.configuration },
        "inputArtifacts": artifacts(&invocation.input_artifacts),
        "outputArtifacts": artifacts(&work.output_artifacts),
        "artifactCredentials": artifact_credentials,
    });
    if let Some(token) = &invocation.continuation_token {
        data["continuationToken"] = json!(token);
    }
    json!({ "CodePipeline.job": { "id": job_id, "accountId": account_id, "data": data } })
}

/// `JobData` of the API, for a worker.
pub(super) fn job_data(
    config: &Config,
    work: &OutsideWork,
    task: &WorkerTask,
    artifact_credentials: Option<Value>,
) -> Value {
    let artifacts = |artifacts: &[ArtifactLocation]| {
        let told = artifacts.iter().map(|one| json!({ "name": one.name, "location": location(one) }));
        told.collect::<Vec<_>>()
    };
    let (action, pipeline) = (&work.action, &work.action.key.pipeline_name);
    let mut context = json!({
        "pipelineName": pipeline,
        "stage": { "name": task.stage_name },
        "action": { "name": action.action_name, "actionExecutionId": action.action_execution_id },
    });
    let mut configuration = task.configuration.clone();
    // Providers are not told the ARN and the execution (service model, `PipelineContext`); who their client is they
    // know, or they would not have the job.
    if task.job.is_third_party() {
        configuration.retain(|key, _| ![CLIENT_ID, CLIENT_TOKEN].contains(&key.as_str()));
    } else {
        context["pipelineArn"] = json!(config.pipeline_arn(pipeline));
        context["pipelineExecutionId"] = json!(action.pipeline_execution_id);
    }
    let mut data = json!({
        "actionTypeId": task.job.action_type_id,
        "actionConfiguration": { "configuration": configuration },
        "pipelineContext": context,
        "inputArtifacts": artifacts(&task.input_artifacts),
        "outputArtifacts": artifacts(&work.output_artifacts),
    });
    if let Some(keys) = artifact_credentials {
        let key = |name: &str| keys[name].clone();
        data["artifactCredentials"] = json!({
            "accessKeyId": key("accessKeyId"),
            "secretAccessKey": key("secretAccessKey"),
            "sessionToken": key("sessionToken"),
        });
    }
    if let Some(token) = &task.job.continuation_token {
        data["continuationToken"] = json!(token);
    }
    data
}

fn artifact(artifact: &ArtifactLocation) -> Value {
    json!({ "location": location(artifact), "revision": null, "name": artifact.name })
}

fn location(artifact: &ArtifactLocation) -> Value {
    let place = json!({ "bucketName": artifact.bucket, "objectKey": artifact.key });
    json!({ "s3Location": place, "type": "S3" })
}

#[cfg(test)]
mod tests {
    use engine::execution::{ActionRef, PipelineExecutionId, StateKey, Timestamp};

    use super::*;
    use crate::store::Provider;

    fn place(name: &str) -> ArtifactLocation {
        ArtifactLocation {
            name: name.into(),
            bucket: "artifacts".into(),
            key: format!("shop/{name}/a1b2c3d"),
            sha256: String::new(),
            size_bytes: 0,
        }
    }

    #[test]
    fn the_event_has_the_fields_of_the_guide() {
        let action = ActionRef {
            key: StateKey::pipeline("shop"),
            pipeline_execution_id: PipelineExecutionId("e".into()),
            stage_index: 0,
            action_name: "Call".into(),
            action_execution_id: "a".into(),
            condition: None,
        };
        let configuration = [("FunctionName".to_owned(), "f".to_owned())];
        let mut invocation = Invocation {
            function_name: "f".into(),
            configuration: configuration.into(),
            input_artifacts: vec![place("In")],
            continuation_token: None,
            is_due: false,
            heard_at: Timestamp(0),
            timeout_seconds: None,
        };
        let work = OutsideWork {
            action,
            provider: Provider::Lambda,
            external_execution_id: None,
            output_artifacts: vec![place("Out")],
            started_at: Timestamp(0),
            invocation: None,
            task: None,
            window: None,
            alarm: None,
            stack: None,
            notification: None,
        };
        let keys = json!({ "accessKeyId": "A" });
        let artifact = |name: &str| {
            json!({
                "location": {
                    "s3Location": { "bucketName": "artifacts", "objectKey": format!("shop/{name}/a1b2c3d") },
                    "type": "S3",
                },
                "revision": null,
                "name": name,
            })
        };
        let mut expected = json!({ "CodePipeline.job": {
            "id": "j",
            "accountId": "111122223333",
            "data": {
                "actionConfiguration": { "configuration": { "FunctionName": "f" } },
                "inputArtifacts": [artifact("In")],
                "outputArtifacts": [artifact("Out")],
                "artifactCredentials": { "accessKeyId": "A" },
            },
        }});
        assert_eq!(job_event("j", "111122223333", &work, &invocation, &keys), expected);
        invocation.continuation_token = Some("later".into());
        expected["CodePipeline.job"]["data"]["continuationToken"] = json!("later");
        assert_eq!(job_event("j", "111122223333", &work, &invocation, &keys), expected);
    }
}
