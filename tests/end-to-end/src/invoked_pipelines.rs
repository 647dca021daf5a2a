//! A pipeline that starts another one.

use serde_json::{Value, json};

use crate::declare::{PIPELINE, action_type, commands, pipeline, stage};
use crate::shop::Shop;

fn invoke(name: &str, configuration: Value) -> Value {
    json!({
        "name": "Invoke",
        "namespace": "Invoked",
        "actionTypeId": action_type("Invoke", "CodePipeline"),
        "configuration": merged(json!({ "PipelineName": name }), configuration),
    })
}

fn merged(mut into: Value, more: Value) -> Value {
    for (key, value) in more.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
    into
}

/// Writes the value of its variable into the diary.
fn invoked(shop: &Shop) -> Value {
    let line = shop.diary().write("#{variables.who}");
    let mut declared = pipeline([stage("Say", [commands("Say", [line])])]);
    declared["name"] = json!("invoked");
    declared["variables"] = json!([{ "name": "who", "defaultValue": "nobody" }]);
    declared
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pipeline_starts_with_variables_and_a_revision_and_is_not_waited_for() {
    let shop = Shop::open().await;
    shop.create(&invoked(&shop)).await.expect("the pipeline is fine");
    let variables = json!([{ "name": "who", "value": "#{codepipeline.PipelineExecutionId}" }]).to_string();
    let revisions = json!([{
        "actionName": "Source",
        "revisionType": "S3_OBJECT_VERSION_ID",
        "revisionValue": "#{SourceVariables.VersionId}",
    }]);
    let configuration = json!({ "Variables": variables, "SourceRevisions": revisions.to_string() });
    let declared = pipeline([stage("Go", [invoke("invoked", configuration)])]);
    shop.create(&declared).await.expect("the pipeline is fine");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.actions(&id).await);
    let action = shop.action(&id, "Invoke").await;
    let other = action.variable("PipelineExecutionId").to_owned();
    assert_eq!(action.external_id(), other);
    let ended = async || (shop.status_of("invoked", &other).await == "Succeeded").then_some(());
    shop.until(&id, "the other execution", ended).await;
    assert_eq!(shop.diary().lines(), [id]);
    let input = json!({ "pipelineName": "invoked", "pipelineExecutionId": other });
    let execution = shop.developer("GetPipelineExecution", input).await.expect("it is known");
    let trigger = &execution["pipelineExecution"]["trigger"];
    assert_eq!(trigger["triggerType"], "StartPipelineExecution");
    let by = format!("arn:aws:codepipeline:us-east-1:123456789012:{PIPELINE}/Go/Invoke");
    assert_eq!(trigger["triggerDetail"], by.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_fails_the_action() {
    let shop = Shop::open().await;
    shop.create(&invoked(&shop)).await.expect("the pipeline is fine");
    let wrong = json!([{ "name": "what", "value": "x" }]).to_string();
    for (name, configuration, says) in [
        ("nowhere", json!({}), "does not have a pipeline with name 'nowhere'"),
        ("invoked", json!({ "Variables": wrong }), "what"),
        ("invoked", json!({ "Variables": "who=me" }), "Variables is not understood"),
    ] {
        let declared = pipeline([stage("Go", [invoke(name, configuration)])]);
        match name {
            "nowhere" => _ = shop.create(&declared).await.expect("the pipeline is fine"),
            _ => shop.edit(&declared).await,
        }
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Failed", "{says}");
        let action = shop.action(&id, "Invoke").await;
        assert_eq!(action.error_code(), "ConfigurationError");
        assert!(action.error().contains(says), "{}", action.error());
    }
    let input = json!({ "pipelineName": "invoked" });
    let listed = shop.developer("ListPipelineExecutions", input).await.expect("it is known");
    assert_eq!(listed["pipelineExecutionSummaries"], json!([]), "nothing was started");
}
