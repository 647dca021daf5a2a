//! Stacks of CloudFormation, which an emulator has: what it is asked, and what becomes of the action.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::declare::{action_type, commands, pipeline, stage};
use crate::emulator::{Answer, Emulator, Form, answer, refusal};
use crate::shop::{Action, Shop};

const ID: &str = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1f2e3d4c";
const ROLE: &str = "arn:aws:iam::123456789012:role/stacks";

/// The one stack of the emulator.
#[derive(Default)]
struct Stack {
    /// None when there is no such stack.
    status: Option<&'static str>,
    /// What UpdateStack and the like leave it in.
    becomes: Option<&'static str>,
    token: String,
    /// Refuses updates: there is nothing to change.
    is_up_to_date: bool,
    /// A resource that failed, and why.
    failed: Option<(&'static str, &'static str)>,
}

type Shared = Arc<Mutex<Stack>>;

fn set(stack: &Shared, change: impl FnOnce(&mut Stack)) {
    change(&mut stack.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Answers for the stack as CloudFormation does (API reference, examples of each operation).
fn cloudformation(stack: &Shared) -> impl Fn(&Form) -> Answer + Send + Sync + 'static + use<> {
    let stack = stack.clone();
    move |form| {
        let mut stack = stack.lock().unwrap_or_else(PoisonError::into_inner);
        let operation = form["Action"].as_str();
        match (operation, stack.status) {
            ("DescribeStacks", None) => refusal(400, "ValidationError", "Stack with id shop does not exist"),
            ("DescribeStacks", Some(status)) => answer(operation, &described(status)),
            ("DescribeStackEvents", Some(status)) => answer(operation, &events(&stack, status)),
            ("UpdateStack", Some(_)) if stack.is_up_to_date => {
                refusal(400, "ValidationError", "No updates are to be performed.")
            }
            ("CreateStack" | "UpdateStack" | "DeleteStack" | "ExecuteChangeSet", _) => {
                stack.token = form["ClientRequestToken"].clone();
                stack.status = stack.becomes.or(stack.status);
                answer(operation, &format!("<StackId>{ID}</StackId>"))
            }
            ("DeleteChangeSet", _) => answer(operation, ""),
            ("CreateChangeSet", _) => {
                answer(operation, &format!("<Id>{ID}-changes</Id><StackId>{ID}</StackId>"))
            }
            ("DescribeChangeSet", _) if stack.is_up_to_date => {
                let reason =
                    "The submitted information didn't contain changes. Submit different information.";
                answer(operation, &format!("<Status>FAILED</Status><StatusReason>{reason}</StatusReason>"))
            }
            ("DescribeChangeSet", _) => answer(operation, "<Status>CREATE_COMPLETE</Status>"),
            (operation, status) => refusal(400, "ValidationError", &format!("{operation} of {status:?}")),
        }
    }
}

fn described(status: &str) -> String {
    let outputs = "<Outputs><member><OutputKey>Url</OutputKey><OutputValue>https://shop.example</OutputValue></member>\
                   </Outputs>";
    format!(
        "<Stacks><member><StackName>shop</StackName><StackId>{ID}</StackId><CreationTime>2020-01-01T00:00:00Z\
         </CreationTime><StackStatus>{status}</StackStatus>{outputs}</member></Stacks>"
    )
}

fn events(stack: &Stack, status: &str) -> String {
    let event = |logical: &str, physical: &str, status: &str, reason: &str| {
        format!(
            "<member><EventId>{logical}-{status}</EventId><StackId>{ID}</StackId><StackName>shop</StackName>\
             <LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>\
             <Timestamp>2026-11-22T00:00:00Z</Timestamp><ResourceStatus>{status}</ResourceStatus>\
             <ResourceStatusReason>{reason}</ResourceStatusReason><ClientRequestToken>{}</ClientRequestToken></member>",
            stack.token
        )
    };
    let mut members = event("shop", ID, status, "");
    if let Some((resource, reason)) = stack.failed {
        members += &event("Other", "o", "CREATE_FAILED", "Resource creation cancelled");
        members += &event(resource, "r", "CREATE_FAILED", reason);
    }
    format!("<StackEvents>{members}</StackEvents>")
}

/// "CloudFormation Stack Status Change", as CloudFormation's user guide shows it (page "Stack Status Change event
/// detail").
fn told(token: &str, status: &str) -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "CloudFormation Stack Status Change",
        "source": "aws.cloudformation",
        "account": "123456789012",
        "time": "2026-11-22T18:43:48Z",
        "region": "us-east-1",
        "resources": [ID],
        "detail": {
            "stack-id": ID,
            "status-details": { "status": status, "status-reason": "" },
            "client-request-token": token,
        },
    })
}

fn deploy(mode: &str, more: Value) -> Value {
    let mut configuration = json!({ "ActionMode": mode, "StackName": "shop" });
    for (key, value) in more.as_object().into_iter().flatten() {
        configuration[key] = value.clone();
    }
    json!({
        "name": "Stack",
        "namespace": "Stack",
        "actionTypeId": action_type("Deploy", "CloudFormation"),
        "configuration": configuration,
        "inputArtifacts": [{ "name": "SourceOutput" }],
        "outputArtifacts": [{ "name": "Outputs" }],
    })
}

fn with_template() -> Value {
    json!({
        "RoleArn": ROLE,
        "TemplatePath": "SourceOutput::infra/shop.yml",
        "TemplateConfiguration": "SourceOutput::infra/production.json",
        "ParameterOverrides": json!({
            "Version": "#{codepipeline.PipelineExecutionId}",
            "Bucket": { "Fn::GetArtifactAtt": ["SourceOutput", "BucketName"] },
            "Image": { "Fn::GetParam": ["SourceOutput", "image.json", "Uri"] },
        }).to_string(),
        "Capabilities": "CAPABILITY_IAM,CAPABILITY_AUTO_EXPAND",
        "OutputFileName": "outputs.json",
    })
}

/// With the stack and a pipeline of one action.
async fn open(stack: &Shared, action: Value) -> (Shop, Emulator) {
    let emulator = Emulator::open(cloudformation(stack)).await;
    let shop = Shop::open_with(emulator.options("cloudformation")).await;
    let configuration = json!({ "Parameters": { "Size": "small" }, "Tags": { "team": "shop" } }).to_string();
    let files = [
        ("infra/shop.yml", "Resources: {}\n"),
        ("infra/production.json", configuration.as_str()),
        ("image.json", r#"{ "Uri": "shop:7" }"#),
    ];
    shop.deliver_source(&files).await;
    let diary = shop.diary();
    let line = diary.write("#{Stack.Url}");
    let mut show = commands("Show", [format!("cat outputs.json >/dev/null; {line}")]);
    show["inputArtifacts"] = json!([{ "name": "Outputs" }]);
    let stages = match action["configuration"]["OutputFileName"].is_null() {
        true => vec![stage("Deploy", [action])],
        false => vec![stage("Deploy", [action]), stage("Show", [show])],
    };
    shop.create(&pipeline(stages)).await.expect("the pipeline is fine");
    (shop, emulator)
}

impl Shop {
    async fn until_it_waits(&self, id: &str) -> Action {
        let waits = |action: &Action| action.status == "InProgress" && !action.external_id().is_empty();
        self.until_action(id, "Stack", waits).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_created_and_its_event_ends_the_action_with_its_outputs() {
    let stack = Shared::default();
    set(&stack, |stack| stack.becomes = Some("CREATE_IN_PROGRESS"));
    let (shop, emulator) = open(&stack, deploy("CREATE_UPDATE", with_template())).await;
    let id = shop.start().await;
    let action = shop.until_it_waits(&id).await;
    assert_eq!(action.external_id(), ID);
    let created = &emulator.calls("CreateStack")[0];
    let parameter = |name: &str| {
        let member = (1..9).find(|n| {
            created.get(&format!("Parameters.member.{n}.ParameterKey")).is_some_and(|key| key == name)
        });
        created[&format!("Parameters.member.{}.ParameterValue", member.expect(name))].as_str()
    };
    assert_eq!(parameter("Size"), "small");
    assert_eq!(parameter("Version"), id);
    assert_eq!(parameter("Image"), "shop:7");
    assert!(parameter("Bucket").contains("artifact"), "{created:?}");
    for (name, value) in [
        ("StackName", "shop"),
        ("TemplateBody", "Resources: {}\n"),
        ("RoleARN", ROLE),
        ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
        ("Tags.member.1.Value", "shop"),
    ] {
        assert_eq!(created[name], value, "{name}");
    }
    let token = created["ClientRequestToken"].clone();
    assert_eq!(action.detail["actionExecutionId"], token.as_str(), "events name the action");

    shop.stack().put_event(&told(&token, "CREATE_COMPLETE")).await.expect("it is taken");
    assert_eq!(shop.status(&id).await, "InProgress", "an event is a hint: the stack is not ready");
    set(&stack, |stack| stack.status = Some("CREATE_COMPLETE"));
    shop.stack().put_event(&told(&token, "CREATE_COMPLETE")).await.expect("it is taken");
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.story(&id).await);
    assert_eq!(shop.diary().lines(), ["https://shop.example"], "the outputs are variables, and in the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_rolls_back_fails_with_the_reason_of_what_failed_first() {
    let stack = Shared::default();
    set(&stack, |stack| {
        stack.status = Some("CREATE_COMPLETE");
        stack.becomes = Some("UPDATE_IN_PROGRESS");
        stack.failed = Some(("Bucket", "shop already exists"));
    });
    let (shop, emulator) = open(&stack, deploy("CREATE_UPDATE", with_template())).await;
    let id = shop.start().await;
    shop.until_it_waits(&id).await;
    set(&stack, |stack| stack.status = Some("UPDATE_ROLLBACK_COMPLETE"));
    // The event is lost.
    shop.stack().clock.advance(Duration::from_secs(130));
    assert_eq!(shop.end(&id).await, "Failed");
    let action = shop.action(&id, "Stack").await;
    assert_eq!(
        action.error(),
        "The stack shop ended as UPDATE_ROLLBACK_COMPLETE: Bucket CREATE_FAILED: shop already exists"
    );
    assert_eq!((action.error_code(), emulator.calls("UpdateStack").len()), ("JobFailed", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_up_to_date_succeeds_at_once() {
    let change_set = |mode: &str| {
        let mut more = with_template();
        more["ChangeSetName"] = json!("changes");
        deploy(mode, more)
    };
    for (action, status, never) in [
        (deploy("CREATE_UPDATE", with_template()), Some("UPDATE_COMPLETE"), "CreateStack"),
        (change_set("CHANGE_SET_EXECUTE"), Some("UPDATE_COMPLETE"), "ExecuteChangeSet"),
        (deploy("DELETE_ONLY", json!({ "RoleArn": ROLE })), None, "DeleteStack"),
    ] {
        let stack = Shared::default();
        set(&stack, |stack| (stack.status, stack.is_up_to_date) = (status, true));
        let (shop, emulator) = open(&stack, action).await;
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Succeeded", "{never}: {:#?}", shop.action(&id, "Stack").await);
        assert!(emulator.calls(never).is_empty(), "{never}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_set_is_made_in_the_place_of_another_one_for_a_stack_that_is_there_or_not() {
    for (status, expected) in
        [(None, "CREATE"), (Some("REVIEW_IN_PROGRESS"), "CREATE"), (Some("CREATE_COMPLETE"), "UPDATE")]
    {
        let stack = Shared::default();
        set(&stack, |stack| stack.status = status);
        let mut more = with_template();
        more["ChangeSetName"] = json!("changes");
        more.as_object_mut().expect("an object").remove("OutputFileName");
        let (shop, emulator) = open(&stack, deploy("CHANGE_SET_REPLACE", more)).await;
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.action(&id, "Stack").await);
        let made = &emulator.calls("CreateChangeSet")[0];
        assert_eq!((made["ChangeSetType"].as_str(), made["ChangeSetName"].as_str()), (expected, "changes"));
        assert_eq!(emulator.calls("DeleteChangeSet").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_failed_is_deleted_and_created_anew() {
    let stack = Shared::default();
    set(&stack, |stack| {
        stack.status = Some("ROLLBACK_COMPLETE");
        stack.becomes = Some("DELETE_IN_PROGRESS");
    });
    let (shop, emulator) = open(&stack, deploy("REPLACE_ON_FAILURE", with_template())).await;
    let id = shop.start().await;
    let action = shop.until_it_waits(&id).await;
    let own = action.detail["actionExecutionId"].as_str().expect("an id").to_owned();
    assert_eq!(emulator.calls("DeleteStack")[0]["ClientRequestToken"], format!("{own}-replace"));
    set(&stack, |stack| {
        stack.status = Some("DELETE_COMPLETE");
        stack.becomes = Some("CREATE_COMPLETE");
    });
    let deleted = told(&format!("{own}-replace"), "DELETE_COMPLETE");
    shop.stack().put_event(&deleted).await.expect("it is taken");
    let created = async || emulator.calls("CreateStack").first().cloned();
    let created = shop.until(&id, "the creation", created).await;
    assert_eq!((&created["ClientRequestToken"], created["TemplateBody"].as_str()), (&own, "Resources: {}\n"));
    shop.stack().put_event(&told(&own, "CREATE_COMPLETE")).await.expect("it is taken");
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.action(&id, "Stack").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_for_fails_the_action_with_the_reason() {
    let mut missing = with_template();
    missing["TemplatePath"] = json!("SourceOutput::shop.yml");
    for (action, says) in [
        (deploy("CREATE_UPDATE", missing), "There is no file shop.yml in the artifact SourceOutput."),
        (
            deploy(
                "CREATE_UPDATE",
                json!({
                    "RoleArn": ROLE, "TemplatePath": "SourceOutput::infra/shop.yml",
                    "ParameterOverrides": r#"{"Image":{"Fn::GetParam":["SourceOutput","image.json","Tag"]}}"#,
                }),
            ),
            "The parameter Image: there is no 'Tag' in the file image.json of the artifact SourceOutput",
        ),
    ] {
        let (shop, emulator) = open(&Shared::default(), action).await;
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Failed");
        let failed = shop.action(&id, "Stack").await;
        assert_eq!((failed.error(), failed.error_code()), (says, "ConfigurationError"));
        assert!(emulator.calls("CreateStack").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_endpoint_the_action_fails_at_once_and_says_what_to_do() {
    let shop =
        Shop::with(&pipeline([stage("Deploy", [deploy("DELETE_ONLY", json!({ "RoleArn": ROLE }))])])).await;
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let error = shop.action(&id, "Stack").await.error().to_owned();
    assert!(
        error.contains("CloudFormation is not answered locally; give --aws-endpoint cloudformation=URL"),
        "{error}"
    );
}
