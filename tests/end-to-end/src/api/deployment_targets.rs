//! The targets of a deploy action, as CodeDeploy tells of them.

use aws_sdk_codepipeline::types::{DeployActionExecutionTarget, TargetFilter, TargetFilterName};
use serde_json::{Value, json};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, SOURCE_BUCKET, action_type, stage};
use crate::deployments::{RESOURCES, declaration, deliver, have};
use crate::shop::Shop;

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// With a copy to S3 beside the deployment.
fn deploying() -> Value {
    let mut declared = declaration();
    let copy = json!({
        "name": "Copy",
        "actionTypeId": action_type("Deploy", "S3"),
        "configuration": { "BucketName": SOURCE_BUCKET, "Extract": "false", "ObjectKey": "copy.zip" },
        "inputArtifacts": [{ "name": "SourceOutput" }],
    });
    let deploy = declared["stages"][1]["actions"][0].clone();
    declared["stages"][1] = stage("Deploy", [deploy, copy]);
    declared
}

impl OfficialClient {
    async fn targets(
        &self,
        pipeline: Option<&str>,
        id: &str,
    ) -> Result<Vec<DeployActionExecutionTarget>, (String, String)> {
        let list = self.client.list_deploy_action_execution_targets().action_execution_id(id);
        match list.set_pipeline_name(pipeline.map(str::to_owned)).send().await {
            Ok(listed) => Ok(listed.targets.expect("a list")),
            refused => Err(code(refused)),
        }
    }
}

fn id_of(shop_action: &crate::shop::Action) -> String {
    shop_action.detail["actionExecutionId"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_has_its_machines_as_targets_with_what_happened_on_each() {
    let shop = Shop::with(&deploying()).await;
    have(&shop, RESOURCES).await;
    deliver(&shop, "good 1").await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.story(&id).await);
    let official = OfficialClient::of(&shop).await;
    let deployed = id_of(&shop.action(&id, "Deploy").await);
    let targets = official.targets(None, &deployed).await.expect("it is a deployment");
    let names: Vec<_> = targets.iter().map(|target| target.target_id.clone().expect("an id")).collect();
    assert_eq!((targets.len(), names.is_sorted()), (2, true));
    for target in &targets {
        assert_eq!(target.status.as_deref(), Some("Succeeded"), "{target:#?}");
        assert!(target.start_time.is_some() && target.end_time >= target.start_time, "{target:#?}");
        let mut events = target.events().iter().filter_map(|event| event.name.as_deref());
        assert!(events.any(|name| name == "ValidateService"), "{target:#?}");
    }
    assert_eq!(official.targets(Some(PIPELINE), &deployed).await.as_ref(), Ok(&targets));

    let pages = official.client.list_deploy_action_execution_targets().action_execution_id(&deployed);
    let first = pages.clone().max_results(1).send().await.expect("a page");
    assert_eq!(first.targets(), &targets[..1]);
    let second = pages.clone().max_results(1).set_next_token(first.next_token.clone()).send().await;
    let second = second.expect("a page");
    assert_eq!((second.targets(), second.next_token()), (&targets[1..], None));
    let filtered = |status: &str| {
        let filter = TargetFilter::builder().name(TargetFilterName::TargetStatus).values(status).build();
        pages.clone().filters(filter)
    };
    let failed = filtered("Failed").send().await.expect("a page");
    assert!(failed.targets().is_empty());
    assert_eq!(filtered("Succeeded").send().await.expect("a page").targets(), targets);
    let of_another_list = filtered("Failed").set_next_token(first.next_token).send().await;
    assert_eq!(code(of_another_list).0, "InvalidNextTokenException");

    deliver(&shop, "bad 2").await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let failed =
        official.targets(None, &id_of(&shop.action(&id, "Deploy").await)).await.expect("a deployment");
    let failed = failed.iter().find(|target| target.status.as_deref() == Some("Failed")).expect("one failed");
    let told = |event: &aws_sdk_codepipeline::types::DeployTargetEvent| {
        event.context.as_ref().is_some_and(|context| context.message.is_some())
    };
    assert!(failed.events().iter().any(told), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_actions_have_no_targets_or_are_not_found() {
    let shop = Shop::with(&deploying()).await;
    have(&shop, RESOURCES).await;
    deliver(&shop, "good 1").await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.story(&id).await);
    let official = OfficialClient::of(&shop).await;
    let copied = id_of(&shop.action(&id, "Copy").await);
    let source = id_of(&shop.action(&id, "Source").await);
    assert_eq!(official.targets(Some(PIPELINE), &copied).await, Ok(Vec::new()));
    for (pipeline, id, expected) in [
        (Some(PIPELINE), source.as_str(), "ValidationException"),
        (Some(PIPELINE), NOBODY, "ActionExecutionNotFoundException"),
        (None, NOBODY, "ActionExecutionNotFoundException"),
        (None, copied.as_str(), "ActionExecutionNotFoundException"),
        (Some("nowhere"), copied.as_str(), "PipelineNotFoundException"),
    ] {
        let refused = official.targets(pipeline, id).await.expect_err(expected);
        assert_eq!(refused.0, expected, "{pipeline:?} {id}");
    }
    let deployed = id_of(&shop.action(&id, "Deploy").await);
    shop.developer("DeletePipeline", json!({ "name": PIPELINE })).await.expect("it goes");
    let gone = official.targets(None, &deployed).await.expect_err("its pipeline is gone");
    assert_eq!(gone.0, "ActionExecutionNotFoundException");
}
