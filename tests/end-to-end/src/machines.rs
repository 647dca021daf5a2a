//! State machines of the user's that a pipeline starts, in the embedded Step Functions.

use local_service::Service;
use serde_json::{Value, json};

use crate::declare::{action_type, commands, pipeline, stage};
use crate::shop::Shop;

fn machine_arn(name: &str) -> String {
    format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}")
}

impl Shop {
    async fn machine(&self, name: &str, definition: &Value) {
        let input = json!({
            "name": name,
            "definition": definition.to_string(),
            "roleArn": "arn:aws:iam::123456789012:role/machine",
        });
        self.stack().stepfunctions.call("CreateStateMachine", input).await.expect("the machine is fine");
    }
}

fn invoke(machine: &str, more: Value) -> Value {
    let mut configuration = more;
    configuration["StateMachineArn"] = json!(machine_arn(machine));
    json!({
        "name": "Machine",
        "namespace": "Machine",
        "actionTypeId": action_type("Invoke", "StepFunctions"),
        "configuration": configuration,
        "inputArtifacts": [{ "name": "SourceOutput" }],
        "outputArtifacts": [{ "name": "Returned" }],
    })
}

fn ending(state: Value) -> Value {
    json!({ "StartAt": "End", "States": { "End": state } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_gets_its_input_and_its_output_is_an_artifact() {
    let shop = Shop::open().await;
    shop.machine("echo", &ending(json!({ "Type": "Pass", "End": true }))).await;
    let literal = json!({ "Input": r##"{"who":"#{codepipeline.PipelineExecutionId}"}"##, "ExecutionNamePrefix": "shop" });
    let file = json!({ "InputType": "FilePath", "Input": "events/release.json" });
    shop.deliver_source(&[("events/release.json", r#"{"who":"a file"}"#)]).await;
    let diary = shop.diary();
    let mut show =
        commands("Show", [diary.write("$(cat output.json)"), diary.write("#{Machine.ExecutionArn}")]);
    show["inputArtifacts"] = json!([{ "name": "Returned" }]);
    for (configuration, prefix) in [(literal, "shop-"), (file, "")] {
        let declared =
            pipeline([stage("Run", [invoke("echo", configuration)]), stage("Show", [show.clone()])]);
        match prefix {
            "shop-" => _ = shop.create(&declared).await.expect("the pipeline is fine"),
            _ => shop.edit(&declared).await,
        }
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.actions(&id).await);
        let action = shop.action(&id, "Machine").await;
        let own = action.detail["actionExecutionId"].as_str().expect("an id").to_owned();
        let execution = format!("arn:aws:states:us-east-1:123456789012:execution:echo:{prefix}{own}");
        let who = if prefix.is_empty() { "a file" } else { id.as_str() };
        let lines = shop.diary().lines();
        assert_eq!(lines[lines.len() - 2..], [format!(r#"{{"who":"{who}"}}"#), execution.clone()]);
        assert_eq!(
            (action.external_id(), action.variable("StateMachineArn")),
            (execution.as_str(), machine_arn("echo").as_str())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_fails_fails_its_action_with_error_and_cause() {
    let shop = Shop::open().await;
    let fail = json!({ "Type": "Fail", "Error": "OutOfStock", "Cause": "no apples" });
    shop.machine("broken", &ending(fail)).await;
    let stage_machine = "pipewright-stage-execution";
    for (machine, code, says) in [
        ("broken", "JobFailed", "ended as FAILED: OutOfStock: no apples"),
        ("nowhere", "ConfigurationError", "Error calling StartExecution"),
        (stage_machine, "ConfigurationError", "which pipelines cannot start"),
    ] {
        let declared = pipeline([stage("Run", [invoke(machine, json!({}))])]);
        match machine {
            "broken" => _ = shop.create(&declared).await.expect("the pipeline is fine"),
            _ => shop.edit(&declared).await,
        }
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Failed", "{machine}");
        let action = shop.action(&id, "Machine").await;
        assert_eq!(action.error_code(), code, "{machine}");
        assert!(action.error().contains(says), "{}", action.error());
    }
}
