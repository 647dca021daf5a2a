//! The catalogue: which action types and rule types there are.

use std::collections::BTreeSet;

use aws_sdk_codepipeline::types::{
    ActionCategory, ActionConfigurationProperty, ActionConfigurationPropertyType, ActionOwner, ActionType,
    ArtifactDetails, RuleConfigurationPropertyType, RuleOwner,
};

use super::official_client::{OfficialClient, code};
use crate::shop::Shop;

async fn official() -> (Shop, OfficialClient) {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    (shop, official)
}

impl OfficialClient {
    async fn action_types(&self, owner: Option<ActionOwner>, region: Option<&str>) -> Vec<ActionType> {
        let list = self.client.list_action_types().set_action_owner_filter(owner);
        let list = list.set_region_filter(region.map(str::to_owned));
        let types = list.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        types.expect("every page")
    }
}

fn named(types: &[ActionType]) -> Vec<String> {
    let name = |id: &aws_sdk_codepipeline::types::ActionTypeId| {
        format!("{}/{}/{}/{}", id.owner, id.category, id.provider, id.version)
    };
    types.iter().map(|listed| name(listed.id.as_ref().expect("an id"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_action_type_is_listed_once_over_all_pages() {
    let (_shop, official) = official().await;
    let first = official.client.list_action_types().send().await.expect("a page");
    let token = first.next_token.expect("there are more than a page has");
    let all = named(&official.action_types(None, None).await);
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert!(all.starts_with(&named(&first.action_types)), "the first page comes first");
    for runs in
        ["AWS/Source/S3/1", "AWS/Build/CodeBuild/1", "AWS/Approval/Manual/1", "AWS/Deploy/CodeDeploy/1"]
    {
        assert!(all.iter().any(|name| name == runs), "{runs}");
    }

    let client = &official.client;
    let filtered = client.list_action_types().action_owner_filter(ActionOwner::Aws).next_token(&token);
    assert_eq!(code(filtered.send().await).0, "InvalidNextTokenException", "of another filter");
    let made_up = client.list_action_types().next_token("made-up").send().await;
    assert_eq!(code(made_up).0, "InvalidNextTokenException");
}

#[tokio::test(flavor = "multi_thread")]
async fn action_types_are_filtered_by_owner_and_region() {
    let (shop, official) = official().await;
    let all = named(&official.action_types(None, None).await);
    let aws = named(&official.action_types(Some(ActionOwner::Aws), None).await);
    let third_party = named(&official.action_types(Some(ActionOwner::ThirdParty), None).await);
    let expected =
        ["ThirdParty/Deploy/AlexaSkillsKit/1", "ThirdParty/Invoke/Snyk/1", "ThirdParty/Source/GitHub/1"];
    assert_eq!(third_party, expected);
    assert_eq!([aws, third_party].concat(), all);
    assert_eq!(named(&official.action_types(Some(ActionOwner::Custom), None).await), [""; 0]);
    assert_eq!(named(&official.action_types(None, Some(shop.stack().region())).await), all);
    assert_eq!(named(&official.action_types(None, Some("mars-north-1")).await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_account_created_is_listed_until_it_is_deleted() {
    let (_shop, official) = official().await;
    let all = named(&official.action_types(None, None).await);
    let artifacts = ArtifactDetails::builder().minimum_count(0).maximum_count(5).build();
    let property = ActionConfigurationProperty::builder().name("ProjectName").description("The job's name");
    let property = property.required(true).key(true).secret(false).queryable(true).build().expect("complete");
    let create = official.client.create_custom_action_type().category(ActionCategory::Build);
    let create = create.provider("Jenkins").version("1").configuration_properties(property);
    let create = create.input_artifact_details(artifacts.clone()).output_artifact_details(artifacts);
    let created = create.send().await.expect("it is fine").action_type.expect("an action type");

    assert_eq!(official.action_types(Some(ActionOwner::Custom), None).await, [created]);
    let with_it = named(&official.action_types(None, None).await);
    let expected: BTreeSet<_> = all.iter().cloned().chain(["Custom/Build/Jenkins/1".to_owned()]).collect();
    assert_eq!((with_it.len(), with_it.into_iter().collect()), (all.len() + 1, expected));
    let aws = named(&official.action_types(Some(ActionOwner::Aws), None).await);
    assert!(aws.iter().all(|name| name.starts_with("AWS/")), "{aws:?}");

    let delete = official.client.delete_custom_action_type().category(ActionCategory::Build);
    delete.provider("Jenkins").version("1").send().await.expect("it may be deleted");
    assert_eq!(named(&official.action_types(None, None).await), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_type_tells_what_it_takes() {
    let (_shop, official) = official().await;
    let types = official.action_types(Some(ActionOwner::Aws), None).await;
    let codebuild = types.iter().zip(named(&types)).find(|(_, name)| name == "AWS/Build/CodeBuild/1");
    let (codebuild, _) = codebuild.expect("it is listed");
    let counts = |details: &Option<aws_sdk_codepipeline::types::ArtifactDetails>| {
        details.as_ref().map(|details| (details.minimum_count, details.maximum_count))
    };
    assert_eq!(counts(&codebuild.input_artifact_details), Some((1, 5)));
    assert_eq!(counts(&codebuild.output_artifact_details), Some((0, 5)));
    let properties = codebuild.action_configuration_properties();
    let of = |name: &str| properties.iter().find(|property| property.name == name).expect(name);
    assert!(of("ProjectName").required && of("ProjectName").key);
    assert!(!of("PrimarySource").required && !of("PrimarySource").key);
    assert_eq!(of("BatchEnabled").r#type, Some(ActionConfigurationPropertyType::Boolean));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_types_are_the_six_of_the_guide() {
    let (shop, official) = official().await;
    let list = || official.client.list_rule_types();
    let listed = list().rule_owner_filter(RuleOwner::Aws).region_filter(shop.stack().region()).send().await;
    let types = listed.expect("a list").rule_types;
    let providers: Vec<_> =
        types.iter().filter_map(|listed| Some(listed.id.as_ref()?.provider.as_str())).collect();
    let expected =
        ["CloudWatchAlarm", "CodeBuild", "Commands", "DeploymentWindow", "LambdaInvoke", "VariableCheck"];
    assert_eq!(providers, expected);
    let batch = types[1].rule_configuration_properties().iter().find(|key| key.name == "BatchEnabled");
    let batch = batch.and_then(|property| property.r#type.clone());
    assert_eq!(batch, Some(RuleConfigurationPropertyType::Boolean));
    let elsewhere = list().region_filter("mars-north-1").send().await.expect("a list");
    assert_eq!(elsewhere.rule_types, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_break_the_model_are_refused() {
    let (_shop, official) = official().await;
    let (name, said) = code(official.client.list_action_types().region_filter("eu").send().await);
    assert_eq!(name, "ValidationException");
    assert!(said.contains("Value at 'regionFilter' failed to satisfy constraint"), "{said}");
    let owner = official.client.list_action_types().action_owner_filter("Mine".into()).send().await;
    let (name, said) = code(owner);
    assert_eq!(name, "ValidationException");
    assert!(said.contains("enum value set: [AWS, ThirdParty, Custom]"), "{said}");
    let owner = official.client.list_rule_types().rule_owner_filter("Custom".into()).send().await;
    assert_eq!(code(owner).0, "ValidationException");
}
