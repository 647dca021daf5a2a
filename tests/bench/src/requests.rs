//! The API under load: how long reads and starts take when they come at a steady rate, and how many there can be.

use std::future::Future;
use std::time::Duration;

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{
    ActionCategory, ActionDeclaration, ActionOwner, ActionTypeId, ArtifactDetails, ArtifactStore,
    ArtifactStoreType, OutputArtifact, PipelineDeclaration, PipelineType, StageDeclaration,
};
use futures::future::join_all;
use tokio::time::{Instant, sleep_until};

use crate::service::{Service, usage};
use crate::statistics::{median, milliseconds, percentile};

const PIPELINES: usize = 1000;
const RATE: u32 = 200;
const STARTS_RATE: u32 = 10;
const SECONDS: u32 = 10;
const CLIENTS: usize = 8;

pub async fn requests(service: &Service) {
    let client = &service.client;
    let names: Vec<String> = (0..PIPELINES).map(|number| format!("pipeline-{number:04}")).collect();
    for some in names.chunks(CLIENTS) {
        join_all(some.iter().map(|name| create(client, name))).await;
    }
    until_nothing_runs(service).await;
    println!("{PIPELINES} pipelines: {:.1} MB", usage(service.id()).1);
    steady("GetPipelineState", RATE, |number| {
        let request = client.get_pipeline_state().name(&names[number % PIPELINES]);
        async move { request.send().await.map(|_| ()).expect("an answer") }
    })
    .await;
    steady("ListPipelines (100 of them)", RATE, |_| {
        let request = client.list_pipelines().max_results(100);
        async move { request.send().await.map(|_| ()).expect("an answer") }
    })
    .await;
    steady("StartPipelineExecution", STARTS_RATE, |number| {
        let request = client.start_pipeline_execution().name(&names[number % PIPELINES]);
        async move { request.send().await.map(|_| ()).expect("an answer") }
    })
    .await;
    until_nothing_runs(service).await;
    create_action_type(client).await;
    steady("PollForJobs with nothing to do", RATE, |_| {
        let request = client.poll_for_jobs().action_type_id(workers_type()).max_batch_size(10);
        async move { request.send().await.map(|_| ()).expect("an answer") }
    })
    .await;
    most("GetPipelineState", client, &names).await;
    println!("after it: {:.1} MB", usage(service.id()).1);
}

/// A source without a bucket, so that what starts fails at once.
async fn create(client: &Client, name: &str) {
    let source = action("Fetch", ActionCategory::Source, "S3")
        .configuration("S3Bucket", "nowhere")
        .configuration("S3ObjectKey", "app.zip")
        .output_artifacts(OutputArtifact::builder().name("App").build().expect("complete"));
    let approval = action("Approve", ActionCategory::Approval, "Manual");
    let stage = |name: &str, action: aws_sdk_codepipeline::types::builders::ActionDeclarationBuilder| {
        let action = action.build().expect("complete");
        StageDeclaration::builder().name(name).actions(action).build().expect("complete")
    };
    let store = ArtifactStore::builder().r#type(ArtifactStoreType::S3).location("artifacts");
    let declaration = PipelineDeclaration::builder()
        .name(name)
        .role_arn("arn:aws:iam::123456789012:role/bench")
        .pipeline_type(PipelineType::V2)
        .artifact_store(store.build().expect("complete"))
        .stages(stage("Source", source))
        .stages(stage("Approve", approval));
    let request = client.create_pipeline().pipeline(declaration.build().expect("complete"));
    request.send().await.expect("the pipeline is created");
}

fn action(
    name: &str,
    category: ActionCategory,
    provider: &str,
) -> aws_sdk_codepipeline::types::builders::ActionDeclarationBuilder {
    let of_aws =
        ActionTypeId::builder().category(category).owner(ActionOwner::Aws).provider(provider).version("1");
    ActionDeclaration::builder().name(name).action_type_id(of_aws.build().expect("complete"))
}

/// Of workers that poll.
fn workers_type() -> ActionTypeId {
    let of_workers = ActionTypeId::builder().category(ActionCategory::Build).owner(ActionOwner::Custom);
    of_workers.provider("Bench").version("1").build().expect("complete")
}

async fn create_action_type(client: &Client) {
    let artifacts = || ArtifactDetails::builder().minimum_count(0).maximum_count(1).build();
    let created = client
        .create_custom_action_type()
        .category(ActionCategory::Build)
        .provider("Bench")
        .version("1")
        .input_artifact_details(artifacts())
        .output_artifact_details(artifacts())
        .send()
        .await;
    created.expect("the action type is created");
}

/// The service has taken next to no CPU for a second.
async fn until_nothing_runs(service: &Service) {
    loop {
        let before = usage(service.id()).0;
        tokio::time::sleep(Duration::from_secs(1)).await;
        if usage(service.id()).0 - before < 0.02 {
            return;
        }
    }
}

/// Each request begins when its time has come, whatever the ones before it do, and is measured from then.
async fn steady<Answer: Future<Output = ()>>(what: &str, rate: u32, request: impl Fn(usize) -> Answer) {
    let begun = Instant::now() + Duration::from_millis(50);
    let times = (0..(rate * SECONDS) as usize).map(|number| {
        let due = begun + Duration::from_secs(1) / rate * u32::try_from(number).expect("it is small");
        let answer = request(number);
        async move {
            sleep_until(due).await;
            answer.await;
            milliseconds(due.elapsed())
        }
    });
    let times = join_all(times).await;
    println!(
        "{what} at {rate} a second: median {:.2} ms, p99 {:.2} ms",
        median(&times),
        percentile(&times, 99.0)
    );
}

/// Clients that ask again as soon as they are answered.
async fn most(what: &str, client: &Client, names: &[String]) {
    let end = Instant::now() + Duration::from_secs(u64::from(SECONDS) / 2);
    let counts = join_all((0..CLIENTS).map(|first| async move {
        let mut count = 0;
        while Instant::now() < end {
            let name = &names[(first + count * CLIENTS) % names.len()];
            client.get_pipeline_state().name(name).send().await.expect("an answer");
            count += 1;
        }
        count
    }))
    .await;
    let each_second = counts.iter().sum::<usize>() as f64 / f64::from(SECONDS / 2);
    println!("{what}, {CLIENTS} clients: {each_second:.0} a second");
}
