//! Action types of providers: made with UpdateActionType, and worked on by the provider's worker or function.

use std::time::Duration;

use aws_sdk_codepipeline::types::{
    ActionCategory, ActionOwner, ActionTypeArtifactDetails, ActionTypeDeclaration, ActionTypeExecutor,
    ActionTypeId, ActionTypeIdentifier, ActionTypePermissions, ActionTypeProperty, ExecutionDetails,
    ExecutorConfiguration, ExecutorType, FailureDetails, FailureType, JobStatus,
    JobWorkerExecutorConfiguration, LambdaExecutorConfiguration, ThirdPartyJob,
};
use local_lambda::{Function, Runs};
use serde_json::{Value, json};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, pipeline, stage};
use crate::shop::Shop;

const ACCOUNT: &str = "123456789012";
const CLIENT_ID: &str = "5c1a3d2e-0b7f-4e7e-9d53-6f1f2a1b3c4d";
const CLIENT_TOKEN: &str = "canary-of-the-client";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn worker() -> ActionTypeExecutor {
    let worker = JobWorkerExecutorConfiguration::builder().polling_accounts(ACCOUNT).build();
    let configuration = ExecutorConfiguration::builder().job_worker_executor_configuration(worker).build();
    let executor = ActionTypeExecutor::builder().r#type(ExecutorType::JobWorker).configuration(configuration);
    executor.job_timeout(120).build().expect("complete")
}

fn function() -> ActionTypeExecutor {
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:scan");
    let function = LambdaExecutorConfiguration::builder().lambda_function_arn(arn).build().expect("complete");
    let configuration = ExecutorConfiguration::builder().lambda_executor_configuration(function).build();
    let executor = ActionTypeExecutor::builder().r#type(ExecutorType::Lambda).configuration(configuration);
    executor.job_timeout(60).build().expect("complete")
}

fn scan(executor: ActionTypeExecutor, allowed: &str) -> ActionTypeDeclaration {
    let id = ActionTypeIdentifier::builder().category(ActionCategory::Test).owner("ThirdParty");
    let id = id.provider("Scan").version("1").build().expect("complete");
    let artifacts = |maximum: i32| {
        let details = ActionTypeArtifactDetails::builder().minimum_count(0).maximum_count(maximum);
        details.build()
    };
    let property = |name: &str, secret: bool| {
        let property = ActionTypeProperty::builder().name(name).optional(false).key(!secret).no_echo(secret);
        property.build().expect("complete")
    };
    let permissions = ActionTypePermissions::builder().allowed_accounts(allowed).build().expect("complete");
    let declared = ActionTypeDeclaration::builder().id(id).executor(executor).description("Scans");
    let declared = declared.input_artifact_details(artifacts(1)).output_artifact_details(artifacts(0));
    let declared = declared.properties(property("Target", false)).properties(property("Key", true));
    declared.permissions(permissions).build()
}

/// A pipeline with a scan in it, and further configuration.
fn scanning(more: Value) -> Value {
    let mut configuration = json!({ "Target": "#{SourceVariables.ObjectKey}", "Key": "the-key" });
    for (name, value) in more.as_object().into_iter().flatten() {
        configuration[name] = value.clone();
    }
    let scan = json!({
        "name": "Scan",
        "actionTypeId": { "category": "Test", "owner": "ThirdParty", "provider": "Scan", "version": "1" },
        "configuration": configuration,
        "inputArtifacts": [{ "name": "SourceOutput" }],
    });
    pipeline([stage("Scan", [scan])])
}

fn client() -> Value {
    json!({ "ClientId": CLIENT_ID, "ClientToken": CLIENT_TOKEN })
}

impl OfficialClient {
    async fn make(&self, declared: ActionTypeDeclaration) -> Result<(), (String, String)> {
        match self.client.update_action_type().action_type(declared).send().await {
            Ok(_) => Ok(()),
            refused => Err(code(refused)),
        }
    }

    async fn poll_for_scans(&self) -> Vec<ThirdPartyJob> {
        let id = ActionTypeId::builder().category(ActionCategory::Test).owner(ActionOwner::ThirdParty);
        let id = id.provider("Scan").version("1").build().expect("complete");
        let polled = self.client.poll_for_third_party_jobs().action_type_id(id).send().await;
        polled.expect("it may poll").jobs.expect("a list")
    }

    /// The job's id and nonce, from the poll to the acknowledgement.
    async fn taken(&self, shop: &Shop, id: &str) -> String {
        let job = shop.until(id, "a job", async || self.poll_for_scans().await.pop()).await;
        assert_eq!(job.client_id.as_deref(), Some(CLIENT_ID));
        let job_id = job.job_id.expect("an id");
        let details = self.client.get_third_party_job_details().job_id(&job_id).client_token(CLIENT_TOKEN);
        let details = details.send().await.expect("it is mine").job_details.expect("details");
        assert_eq!(details.id.as_deref(), Some(job_id.as_str()));
        let acknowledge =
            self.client.acknowledge_third_party_job().job_id(&job_id).client_token(CLIENT_TOKEN);
        let nonce = details.nonce.expect("a nonce");
        let wrong = acknowledge.clone().nonce("another").send().await;
        assert_eq!(code(wrong).0, "InvalidNonceException");
        let acknowledged = acknowledge.nonce(nonce).send().await.expect("it is mine");
        assert_eq!(acknowledged.status, Some(JobStatus::InProgress));
        job_id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_worker_takes_a_job_with_the_clients_token_and_goes_on_to_its_end() {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    let client_of = &official.client;
    official.make(scan(worker(), "*")).await.expect("it comes to be");
    shop.create(&scanning(client())).await.expect("the type is there");
    let id = shop.start().await;
    let job_id = official.taken(&shop, &id).await;

    let details = |token: &str| client_of.get_third_party_job_details().job_id(&job_id).client_token(token);
    let told = details(CLIENT_TOKEN).send().await.expect("it is mine");
    let data = told.job_details.and_then(|details| details.data).expect("data");
    let configuration = data.action_configuration.and_then(|of| of.configuration).expect("a configuration");
    let mut configuration: Vec<_> = configuration.into_iter().collect();
    configuration.sort();
    let own = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(configuration, [own("Key", "the-key"), own("Target", "app.zip")]);
    let context = data.pipeline_context.expect("a context");
    assert_eq!((context.pipeline_name.as_deref(), context.pipeline_arn), (Some(PIPELINE), None));
    assert_eq!(context.pipeline_execution_id, None);
    assert!(data.artifact_credentials.is_some(), "its artifact is opened by keys");

    // Nobody else has it: not without the token, and not with the operations of the account's own workers.
    let success =
        |token: &str| client_of.put_third_party_job_success_result().job_id(&job_id).client_token(token);
    assert_eq!(code(details("guessed").send().await).0, "InvalidClientTokenException");
    assert_eq!(code(success("guessed").send().await).0, "InvalidClientTokenException");
    assert_eq!(code(client_of.get_job_details().job_id(&job_id).send().await).0, "JobNotFoundException");
    assert_eq!(
        code(client_of.put_job_success_result().job_id(&job_id).send().await).0,
        "JobNotFoundException"
    );

    let progress = ExecutionDetails::builder().summary("half way").percent_complete(50).build();
    success(CLIENT_TOKEN)
        .continuation_token("half")
        .execution_details(progress)
        .send()
        .await
        .expect("it goes on");
    assert_eq!(code(success(CLIENT_TOKEN).send().await).0, "InvalidJobStateException");
    shop.stack().clock.advance(Duration::from_secs(31));
    let next_id = official.taken(&shop, &id).await;
    let done = ExecutionDetails::builder().external_execution_id("scan-7").build();
    let success = client_of.put_third_party_job_success_result().job_id(next_id).client_token(CLIENT_TOKEN);
    success.execution_details(done).send().await.expect("it is done");
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.story(&id).await);
    assert_eq!(shop.action(&id, "Scan").await.external_id(), "scan-7");
    let input = &shop.action(&id, "Scan").await.detail["input"];
    for secret in [CLIENT_TOKEN, "the-key"] {
        assert!(!input.to_string().contains(secret), "{input}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_job_fails_by_its_worker_or_when_its_time_is_up() {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    official.make(scan(worker(), ACCOUNT)).await.expect("it comes to be");
    shop.create(&scanning(client())).await.expect("the type is there");
    let id = shop.start().await;
    let job_id = official.taken(&shop, &id).await;
    let failure = FailureDetails::builder().r#type(FailureType::ConfigurationError).message("no such target");
    let fail = official.client.put_third_party_job_failure_result().job_id(&job_id);
    let fail = fail.failure_details(failure.build().expect("complete"));
    let guessed = fail.clone().client_token("guessed").send().await;
    assert_eq!(code(guessed).0, "InvalidClientTokenException");
    fail.client_token(CLIENT_TOKEN).send().await.expect("it is in progress");
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Scan").await;
    assert_eq!((failed.error_code(), failed.error()), ("ConfigurationError", "no such target"));

    let id = shop.start().await;
    let job_id = official.taken(&shop, &id).await;
    shop.stack().clock.advance(Duration::from_secs(119));
    assert_eq!(shop.status(&id).await, "InProgress");
    shop.stack().clock.advance(Duration::from_secs(1));
    let late = official.client.get_third_party_job_details().job_id(&job_id).client_token(CLIENT_TOKEN);
    assert_eq!(code(late.send().await).0, "JobNotFoundException");
    shop.stack().clock.advance(Duration::from_secs(120));
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Scan").await;
    assert_eq!(failed.error_code(), "JobFailed");
    assert!(failed.error().contains("within 120 seconds, its jobTimeout"), "{}", failed.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_providers_function_is_invoked_with_the_job() {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    official.make(scan(function(), ACCOUNT)).await.expect("it comes to be");
    shop.create(&scanning(json!({}))).await.expect("there is no client");
    let script = "cat > event; echo '{\"outputVariables\": {\"found\": \"0\"}}'";
    let command = vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
    let runs = Runs::Command { command, directory: shop.place().to_owned() };
    let scan = Function { name: "scan".into(), runs, timeout_seconds: 60, environment: [].into() };
    shop.stack().lambda.define(scan).expect("it can be a function");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.action(&id, "Scan").await);
    assert_eq!(shop.action(&id, "Scan").await.variable("found"), "0");
    let event = std::fs::read_to_string(shop.place().join("event")).expect("the function was invoked");
    assert!(event.contains("the-key"), "{event}");
    let polled =
        official.poll_of(&["ThirdParty", "Test", "Scan", "1"]).await.expect_err("nobody polls for these");
    assert_eq!(polled.0, "ActionTypeNotFoundException");
}

impl OfficialClient {
    async fn poll_of(&self, id: &[&str; 4]) -> Result<(), (String, String)> {
        let [owner, category, provider, version] = *id;
        let id = ActionTypeId::builder().category(category.into()).owner(owner.into());
        let id = id.provider(provider).version(version).build().expect("complete");
        match self.client.poll_for_third_party_jobs().action_type_id(id).send().await {
            Ok(_) => Ok(()),
            refused => Err(code(refused)),
        }
    }

    async fn shown(&self, owner: &str, provider: &str) -> Result<ActionTypeDeclaration, (String, String)> {
        let get = self.client.get_action_type().category(ActionCategory::Test).owner(owner);
        match get.provider(provider).version("1").send().await {
            Ok(shown) => Ok(shown.action_type.expect("an action type")),
            refused => Err(code(refused)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_is_read_as_it_was_made_and_only_those_who_are_allowed_use_it() {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    assert_eq!(
        official.shown("ThirdParty", "Scan").await.expect_err("not yet").0,
        "ActionTypeNotFoundException"
    );
    official.make(scan(worker(), "999999999999")).await.expect("it comes to be");
    assert_eq!(official.shown("ThirdParty", "Scan").await, Ok(scan(worker(), "999999999999")));
    let refused = shop.create(&scanning(client())).await.expect_err("this account is not allowed");
    assert!(refused.message.contains("is not available"), "{}", refused.message);

    official.make(scan(worker(), ACCOUNT)).await.expect("it changes");
    let listed = official.client.list_action_types().action_owner_filter(ActionOwner::ThirdParty);
    let listed = listed.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.expect("a list");
    let scan_type = listed.iter().find(|listed| listed.id.as_ref().is_some_and(|id| id.provider == "Scan"));
    let keys: Vec<_> = scan_type.expect("it is listed").action_configuration_properties().iter().collect();
    let secrets: Vec<_> = keys.iter().map(|key| (key.name.as_str(), key.secret)).collect();
    assert_eq!(secrets, [("Target", false), ("Key", true), ("ClientId", false), ("ClientToken", true)]);

    let refused = official.shown("AWS", "CodeBuild").await.expect_err("it has no executor");
    assert_eq!(refused.0, "ActionTypeNotFoundException");
    assert!(refused.1.contains("CodePipeline's own"), "{}", refused.1);
    let refused =
        shop.create(&scanning(json!({ "ClientId": CLIENT_ID }))).await.expect_err("there is no token");
    assert!(refused.message.contains("missing required configuration 'ClientToken'"), "{}", refused.message);
    let unclear = json!({ "ClientId": "#{SourceVariables.ObjectKey}", "ClientToken": "x" });
    shop.create(&scanning(unclear)).await.expect("nobody knows the id yet");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let error = shop.action(&id, "Scan").await.error().to_owned();
    assert!(error.contains("its value 'app.zip' is not a UUID"), "{error}");

    let details = |job: &str| official.client.get_third_party_job_details().job_id(job).client_token("x");
    assert_eq!(code(details("no job").send().await).0, "InvalidJobException");
    assert_eq!(code(details(NOBODY).send().await).0, "JobNotFoundException");
    let acknowledge =
        official.client.acknowledge_third_party_job().job_id(NOBODY).nonce("1").client_token("x");
    assert_eq!(code(acknowledge.send().await).0, "JobNotFoundException");
    let unknown = official.poll_of(&["ThirdParty", "Test", "Nobody", "1"]).await.expect_err("no such type");
    assert_eq!(unknown.0, "ActionTypeNotFoundException");
}
