//! The API under load: how long reads and starts take when they come at a steady rate, and how many there can be.

use std::future::Future;
use std::time::{Duration, Instant};

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::builders::ActionDeclarationBuilder;
use aws_sdk_codepipeline::types::{
    ActionCategory, ActionDeclaration, ActionOwner, ActionTypeId, ArtifactDetails, ArtifactStore,
    ArtifactStoreType, InputArtifact, OutputArtifact, PipelineDeclaration, PipelineType, StageDeclaration,
};
use futures::future::join_all;

use crate::service::{Service, usage};
use crate::statistics::{median, milliseconds, percentile};

const PIPELINES: usize = 1000;
const RATE: u32 = 200;
const STARTS_RATE: u32 = 10;
const SECONDS: u32 = 10;
const CLIENTS: usize = 8;
/// A job that somebody was given is not given to others for a while, so there is one for each request.
const JOBS_RATE: u32 = 10;

pub async fn requests(service: &Service) {
    let client = &service.client;
    let names: Vec<String> = (0..PIPELINES).map(|number| format!("pipeline-{number:04}")).collect();
    for some in names.chunks(CLIENTS) {
        join_all(some.iter().map(|name| create(client, name, unreachable_source(), approval()))).await;
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
    let poll = || client.poll_for_jobs().action_type_id(workers_type());
    steady("PollForJobs with nothing to do", RATE, |_| {
        let request = poll().max_batch_size(10);
        async move { request.send().await.map(|_| ()).expect("an answer") }
    })
    .await;
    for number in 0..JOBS_RATE * SECONDS {
        create(client, &format!("worked-{number:03}"), source(), workers_action()).await;
    }
    until_nothing_runs(service).await;
    steady("PollForJobs that brings a job", JOBS_RATE, |_| {
        let request = poll().max_batch_size(1);
        async move {
            let jobs = request.send().await.expect("an answer").jobs.unwrap_or_default();
            assert_eq!(jobs.len(), 1, "there is a job for each request");
        }
    })
    .await;
    most("GetPipelineState", client, &names).await;
    println!("after it: {:.1} MB", usage(service.id()).1);
}

/// Without a bucket, so that what starts fails at once.
fn unreachable_source() -> ActionDeclarationBuilder {
    action("Fetch", of_aws(ActionCategory::Source, "S3"))
        .configuration("S3Bucket", "nowhere")
        .configuration("S3ObjectKey", "app.zip")
}

fn source() -> ActionDeclarationBuilder {
    action("Fetch", of_aws(ActionCategory::Source, "CodeCommit"))
        .configuration("RepositoryName", "reference")
        .configuration("BranchName", "main")
}

fn approval() -> ActionDeclarationBuilder {
    action("Approve", of_aws(ActionCategory::Approval, "Manual"))
}

/// What starts waits for a worker.
fn workers_action() -> ActionDeclarationBuilder {
    let app = InputArtifact::builder().name("App").build().expect("complete");
    action("Work", workers_type()).input_artifacts(app)
}

async fn create(
    client: &Client,
    name: &str,
    source: ActionDeclarationBuilder,
    last: ActionDeclarationBuilder,
) {
    let source = source.output_artifacts(OutputArtifact::builder().name("App").build().expect("complete"));
    let stage = |name: &str, action: ActionDeclarationBuilder| {
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
        .stages(stage("Last", last));
    let request = client.create_pipeline().pipeline(declaration.build().expect("complete"));
    request.send().await.expect("the pipeline is created");
}

fn action(name: &str, of_type: ActionTypeId) -> ActionDeclarationBuilder {
    ActionDeclaration::builder().name(name).action_type_id(of_type)
}

fn of_aws(category: ActionCategory, provider: &str) -> ActionTypeId {
    action_type(category, ActionOwner::Aws, provider)
}

/// Of workers that poll.
fn workers_type() -> ActionTypeId {
    action_type(ActionCategory::Build, ActionOwner::Custom, "Bench")
}

fn action_type(category: ActionCategory, owner: ActionOwner, provider: &str) -> ActionTypeId {
    let id = ActionTypeId::builder().category(category).owner(owner).provider(provider).version("1");
    id.build().expect("complete")
}

async fn create_action_type(client: &Client) {
    let artifacts = |count| ArtifactDetails::builder().minimum_count(count).maximum_count(count).build();
    let created = client
        .create_custom_action_type()
        .category(ActionCategory::Build)
        .provider("Bench")
        .version("1")
        .input_artifact_details(artifacts(1))
        .output_artifact_details(artifacts(0))
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

/// Each request begins when its time has come, whatever the ones before it do, and is measured from then. The times are
/// those of a thread that sleeps: the timers of the runtime are a millisecond late by themselves.
async fn steady<Answer>(what: &str, rate: u32, request: impl Fn(usize) -> Answer)
where
    Answer: Future<Output = ()> + Send + 'static,
{
    let (tell, mut due) = tokio::sync::mpsc::unbounded_channel();
    let ticking = std::thread::spawn(move || {
        let begun = Instant::now() + Duration::from_millis(50);
        for number in 0..rate * SECONDS {
            let time = begun + Duration::from_secs(1) / rate * number;
            std::thread::sleep(time.saturating_duration_since(Instant::now()));
            tell.send(time).expect("somebody listens");
        }
    });
    let mut answers = Vec::new();
    while let Some(due) = due.recv().await {
        let answer = request(answers.len());
        answers.push(tokio::spawn(async move {
            answer.await;
            milliseconds(due.elapsed())
        }));
    }
    ticking.join().expect("the clock ticks");
    let times: Vec<f64> = join_all(answers).await.into_iter().map(|time| time.expect("an answer")).collect();
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
