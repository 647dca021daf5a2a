//! Custom actions: types that are created, and workers that poll for jobs, in the words of the official client.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_codepipeline::primitives::DateTime;
use aws_sdk_codepipeline::types::{
    ActionCategory, ActionConfigurationProperty, ActionOwner, ActionTypeId, ArtifactDetails, CurrentRevision,
    ExecutionDetails, FailureDetails, FailureType, Job, JobStatus, Tag,
};
use local_service::ObjectStore as _;
use serde_json::{Value, json};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, commands, pipeline, stage};
use crate::shop::Shop;

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn type_id(owner: ActionOwner) -> ActionTypeId {
    let id = ActionTypeId::builder().category(ActionCategory::Build).owner(owner).provider("Forge");
    id.version("1").build().expect("complete")
}

fn property(name: &str, is_queryable: bool) -> ActionConfigurationProperty {
    let property = ActionConfigurationProperty::builder().name(name).required(is_queryable).key(true);
    property.secret(false).queryable(is_queryable).build().expect("complete")
}

fn artifacts(minimum: i32, maximum: i32) -> ArtifactDetails {
    ArtifactDetails::builder().minimum_count(minimum).maximum_count(maximum).build()
}

impl OfficialClient {
    async fn create_forge(&self, inputs_max: i32) -> Result<(), (String, String)> {
        let create = self.client.create_custom_action_type().category(ActionCategory::Build);
        let create = create.provider("Forge").version("1");
        let create = create.configuration_properties(property("Project", true));
        let create = create.configuration_properties(property("Level", false));
        let create =
            create.input_artifact_details(artifacts(1, inputs_max)).output_artifact_details(artifacts(0, 1));
        let tag = Tag::builder().key("team").value("shop").build().expect("complete");
        let created = match create.tags(tag).send().await {
            Ok(created) => created,
            refused => return Err(code(refused)),
        };
        assert_eq!(created.action_type.and_then(|created| created.id), Some(type_id(ActionOwner::Custom)));
        assert_eq!(created.tags.map(|tags| tags.len()), Some(1));
        Ok(())
    }

    async fn delete_forge(&self) {
        let delete = self.client.delete_custom_action_type().category(ActionCategory::Build);
        delete.provider("Forge").version("1").send().await.expect("it goes, or is gone");
    }

    async fn poll(&self) -> Vec<Job> {
        let poll = self.client.poll_for_jobs().action_type_id(type_id(ActionOwner::Custom));
        let polled = poll.query_param("Project", "app").send().await.expect("it may poll");
        polled.jobs.expect("a list")
    }

    /// The job that a worker gets, when there is one.
    async fn polled(&self, shop: &Shop, id: &str) -> Job {
        shop.until(id, "a job", async || self.poll().await.pop()).await
    }

    async fn acknowledge(&self, job: &Job) -> Result<JobStatus, (String, String)> {
        let (job_id, nonce) = (job.id.as_deref().expect("an id"), job.nonce.as_deref().expect("a nonce"));
        match self.client.acknowledge_job().job_id(job_id).nonce(nonce).send().await {
            Ok(acknowledged) => Ok(acknowledged.status.expect("a status")),
            refused => Err(code(refused)),
        }
    }
}

fn id_of(job: &Job) -> String {
    job.id.clone().expect("an id")
}

fn forge() -> Value {
    json!({
        "name": "Forge",
        "namespace": "Forging",
        "actionTypeId": { "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" },
        "configuration": { "Project": "app", "Level": "#{SourceVariables.ObjectKey}" },
        "inputArtifacts": [{ "name": "SourceOutput" }],
        "outputArtifacts": [{ "name": "Forged" }],
    })
}

/// A shop whose pipeline has an action of the created type, and then a command that needs what it makes.
async fn forging() -> (Shop, OfficialClient) {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    official.create_forge(2).await.expect("it is new");
    let mut after = commands("Say", ["test \"$MADE\" = sword && grep -q steel sword.txt"]);
    after["inputArtifacts"] = json!([{ "name": "Forged" }]);
    after["environmentVariables"] = json!([{ "name": "MADE", "value": "#{Forging.made}" }]);
    let declared = pipeline([stage("Build", [forge()]), stage("After", [after])]);
    shop.create(&declared).await.expect("the type is there");
    (shop, official)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_has_to_be_created_before_a_pipeline_names_it_and_its_version_is_its_own() {
    let shop = Shop::open().await;
    let official = OfficialClient::of(&shop).await;
    let declared = pipeline([stage("Build", [forge()])]);
    let refused = shop.create(&declared).await.expect_err("nobody created the type");
    assert_eq!(refused.code, "InvalidActionDeclarationException");
    assert!(refused.message.contains("Owner: 'Custom', Version: '1') in action 'Forge' is not available"));

    official.create_forge(2).await.expect("it is new");
    official.create_forge(2).await.expect("it is the same");
    let refused = official.create_forge(3).await.expect_err("it is another");
    assert_eq!(refused.0, "ActionTypeAlreadyExistsException");
    assert_eq!(official.create_forge(0).await.expect_err("no such counts").0, "ValidationException");
    let mut many = declared.clone();
    many["stages"][1]["actions"][0]["configuration"] = json!({ "Level": "3" });
    let refused = shop.create(&many).await.expect_err("the project is missing");
    assert!(refused.message.contains("missing required configuration 'Project'"), "{}", refused.message);
    shop.create(&declared).await.expect("the type is there");

    official.delete_forge().await;
    official.delete_forge().await;
    let polled = official.client.poll_for_jobs().action_type_id(type_id(ActionOwner::Custom)).send().await;
    assert_eq!(code(polled).0, "ActionTypeNotFoundException");
    let refused = shop.developer("UpdatePipeline", json!({ "pipeline": declared })).await;
    assert_eq!(refused.expect_err("the type is gone").code, "InvalidActionDeclarationException");
    let id = shop.start().await;
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Forge").await;
    assert_eq!(failed.error_code(), "ConfigurationError");
    assert!(failed.error().contains("is not there any more"), "{}", failed.error());
    official.create_forge(2).await.expect("it comes back as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_takes_a_job_goes_on_and_ends_the_action() {
    let (shop, official) = forging().await;
    let client = &official.client;
    let id = shop.start().await;
    let job = official.polled(&shop, &id).await;
    assert_eq!(job.account_id.as_deref(), Some("123456789012"));
    let data = job.data.clone().expect("data");
    let configuration = data.action_configuration.and_then(|of| of.configuration).expect("a configuration");
    let expected = [("Project", "app"), ("Level", "app.zip")];
    let expected: HashMap<_, _> = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(configuration, expected);
    let context = data.pipeline_context.expect("a context");
    assert_eq!(context.pipeline_execution_id.as_deref(), Some(id.as_str()));
    assert_eq!(context.stage.and_then(|stage| stage.name).as_deref(), Some("Build"));
    assert_eq!(data.input_artifacts.expect("a list")[0].name.as_deref(), Some("SourceOutput"));
    assert!(data.artifact_credentials.is_some(), "the artifacts are opened by keys");

    let early = client.put_job_success_result().job_id(id_of(&job)).send().await;
    assert_eq!(code(early).0, "InvalidJobStateException", "nobody has acknowledged it");
    assert_eq!(official.acknowledge(&job).await, Ok(JobStatus::InProgress));
    assert_eq!(official.acknowledge(&job).await, Ok(JobStatus::InProgress), "it says so again");
    let more = client.put_job_success_result().job_id(id_of(&job)).continuation_token("half");
    let details = ExecutionDetails::builder().summary("half way").percent_complete(50).build();
    more.execution_details(details).send().await.expect("it goes on");
    let over = client.put_job_success_result().job_id(id_of(&job)).send().await;
    assert_eq!(code(over).0, "InvalidJobStateException");
    assert!(official.poll().await.is_empty(), "it comes again after half a minute");

    shop.stack().clock.advance(Duration::from_secs(31));
    let job = official.polled(&shop, &id).await;
    official.acknowledge(&job).await.expect("it is mine");
    let again = client.get_job_details().job_id(id_of(&job)).send().await.expect("it is in progress");
    let data = again.job_details.and_then(|details| details.data).expect("data");
    assert_eq!(data.continuation_token.as_deref(), Some("half"));
    let place = data.output_artifacts.expect("a list").remove(0);
    let place = place.location.and_then(|location| location.s3_location).expect("a place");
    shop.stack().s3.put(&place.bucket_name, &place.object_key, sword()).await.expect("it is written");
    let done = client.put_job_success_result().job_id(id_of(&job)).output_variables("made", "sword");
    let details = ExecutionDetails::builder().external_execution_id("forge-7").build();
    let revision = CurrentRevision::builder().revision("steel-3").change_identifier("c-3");
    let created = DateTime::from_secs(1_700_000_000);
    let done = done.current_revision(revision.created(created).build().expect("complete"));
    done.execution_details(details).send().await.expect("it is done");
    assert_eq!(shop.end(&id).await, "Succeeded", "{:#?}", shop.story(&id).await);
    let forged = shop.action(&id, "Forge").await;
    assert_eq!((forged.variable("made"), forged.external_id()), ("sword", "forge-7"));
    let state = client.get_pipeline_state().name(PIPELINE).send().await.expect("it is there");
    let revision = state.stage_states()[1].action_states()[0].current_revision.clone().expect("it was told");
    assert_eq!((revision.revision_id.as_str(), revision.revision_change_id.as_str()), ("steel-3", "c-3"));
    assert_eq!(revision.created, created);
    assert_eq!(code(client.get_job_details().job_id(id_of(&job)).send().await).0, "JobNotFoundException");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_workers_that_race_for_a_job_one_has_it() {
    let (shop, official) = forging().await;
    let id = shop.start().await;
    shop.until_action(&id, "Forge", |action| !action.external_id().is_empty()).await;
    let polls = futures::future::join_all((0..6).map(|_| official.poll())).await;
    let mut given: Vec<Job> = polls.into_iter().flatten().collect();
    assert_eq!(given.len(), 1, "each poll is one worker's");
    let slow = given.remove(0);
    shop.stack().clock.advance(Duration::from_secs(61));
    let fast = official.polled(&shop, &id).await;
    assert_eq!(fast.id, slow.id);
    let both = futures::future::join(official.acknowledge(&slow), official.acknowledge(&fast)).await;
    assert_eq!(both.0.expect_err("it was too slow").0, "InvalidNonceException");
    assert_eq!(both.1, Ok(JobStatus::InProgress));
    let unknown = Job::builder().id(NOBODY).nonce("x").build();
    assert_eq!(official.acknowledge(&unknown).await.expect_err("no such job").0, "JobNotFoundException");
    let details = official.client.get_job_details().job_id(NOBODY).send().await;
    assert_eq!(code(details).0, "JobNotFoundException");
    let other = official.client.poll_for_jobs().action_type_id(type_id(ActionOwner::Custom));
    assert_eq!(code(other.clone().send().await).0, "ValidationException", "it asks by nothing");
    let none = other.query_param("Project", "shop").send().await.expect("it may ask");
    assert_eq!(none.jobs.map(|jobs| jobs.len()), Some(0));

    let failure = FailureDetails::builder().r#type(FailureType::RevisionUnavailable).message("no iron");
    let failure = failure.external_execution_id("forge-8");
    let fail = official.client.put_job_failure_result().job_id(id_of(&fast));
    fail.failure_details(failure.build().expect("complete")).send().await.expect("it is in progress");
    assert_eq!(shop.end(&id).await, "Failed");
    let failed = shop.action(&id, "Forge").await;
    assert_eq!((failed.error_code(), failed.error()), ("RevisionUnavailable", "no iron"));
    assert_eq!(failed.external_id(), "forge-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_nobody_finishes_ends_with_its_action_after_a_day() {
    let (shop, official) = forging().await;
    let id = shop.start().await;
    let job = official.polled(&shop, &id).await;
    official.acknowledge(&job).await.expect("it is mine");
    shop.stack().clock.advance(Duration::from_secs(24 * 3600 + 60));
    assert_eq!(shop.end(&id).await, "Failed", "{:#?}", shop.story(&id).await);
    // The client's own clock is a day behind now, so it cannot sign.
    let refused = shop.developer("PutJobSuccessResult", json!({ "jobId": id_of(&job) })).await;
    assert!(
        ["JobNotFoundException", "InvalidJobStateException"]
            .contains(&refused.expect_err("over").code.as_str())
    );
    let asked = json!({ "actionTypeId": forge()["actionTypeId"], "queryParam": { "Project": "app" } });
    let polled = shop.developer("PollForJobs", asked).await.expect("it may poll");
    assert_eq!(polled, json!({ "jobs": [] }));
}

/// What the worker makes, as a zip.
fn sword() -> Vec<u8> {
    let tree = tempfile::tempdir().expect("a directory");
    std::fs::write(tree.path().join("sword.txt"), "steel\n").expect("a file");
    let mut zip = std::io::Cursor::new(Vec::new());
    archive::pack_tree(tree.path(), &mut zip).expect("a zip");
    zip.into_inner()
}
