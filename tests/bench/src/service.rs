//! `pipewright up` as a process, and the official client of its API.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::config::{BehaviorVersion, Region};
use aws_sdk_codepipeline::types::{PipelineExecutionStatus, PipelineVariable};
use serde_json::Value;

use crate::statistics::{median, milliseconds};

pub struct Service {
    process: Child,
    pub client: Client,
}

fn binary() -> PathBuf {
    let mut path = std::env::current_exe().expect("this program");
    path.set_file_name("pipewright");
    assert!(path.is_file(), "build it first: cargo build --profile dist -p local");
    path
}

fn command() -> Command {
    Command::new(binary())
}

/// `service.json` is there once the service answers.
fn start_process(data: &Path, resources: Option<&Path>) -> (Child, Duration) {
    let mut command = command();
    command.args(["up", "--port", "0", "--data"]).arg(data);
    if let Some(resources) = resources {
        command.arg("--resources").arg(resources);
    }
    let begun = Instant::now();
    let process = command.stdout(Stdio::null()).spawn().expect("the service starts");
    while !data.join("service.json").exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the service does not get ready");
        std::thread::sleep(Duration::from_millis(1));
    }
    (process, begun.elapsed())
}

fn end(process: &mut Child) {
    let told = Command::new("kill").arg(process.id().to_string()).status();
    assert!(told.is_ok_and(|status| status.success()));
    process.wait().expect("the service ends");
}

impl Service {
    pub async fn start(data: &Path, repository: Option<&Path>) -> Self {
        let resources = repository.map(|repository| {
            let file = data.with_file_name("local-resources.yaml");
            let text = format!("repositories:\n  - name: reference\n    url: {}\n", repository.display());
            fs::write(&file, text).expect("a file");
            file
        });
        let (process, _) = start_process(data, resources.as_deref());
        Self { process, client: client(data) }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub async fn create(&self, pipeline: &Value, file: &Path, data: &Path) {
        fs::write(file, pipeline.to_string()).expect("a file");
        let mut command = command();
        command.arg("create").arg(file).args(["--data"]).arg(data).stdout(Stdio::null());
        assert!(command.status().expect("the command runs").success(), "the pipeline is not created");
    }

    /// Starts an execution and answers with its id.
    pub async fn begin(&self, pipeline: &str, variables: &[(&str, String)]) -> String {
        let variables = variables.iter().map(|(name, value)| {
            PipelineVariable::builder().name(*name).value(value).build().expect("a variable")
        });
        let request = self.client.start_pipeline_execution().name(pipeline);
        let started = request.set_variables(Some(variables.collect())).send().await.expect("it starts");
        started.pipeline_execution_id.expect("an id")
    }

    /// Returns once the execution has succeeded. The first look is made when its last action has ended.
    pub async fn wait(&self, pipeline: &str, id: &str, trace: &Path, last: &str) {
        let begun = Instant::now();
        while !fs::read_to_string(trace).is_ok_and(|text| text.contains(&format!(" {last} E "))) {
            assert!(begun.elapsed() < Duration::from_secs(300), "{last} of {id} does not end");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        loop {
            let request = self.client.get_pipeline_execution().pipeline_name(pipeline);
            let output = request.pipeline_execution_id(id).send().await.expect("an answer");
            match output.pipeline_execution.and_then(|execution| execution.status) {
                Some(PipelineExecutionStatus::Succeeded) => return,
                Some(PipelineExecutionStatus::InProgress) => {
                    tokio::time::sleep(Duration::from_millis(1)).await
                }
                other => panic!("the execution ended as {other:?}"),
            }
        }
    }

    pub fn stop(mut self) {
        self.end_process();
    }

    fn end_process(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            end(&mut self.process);
        }
    }
}

/// A measurement that ends early leaves nothing running.
impl Drop for Service {
    fn drop(&mut self) {
        self.end_process();
    }
}

fn client(data: &Path) -> Client {
    let text = fs::read_to_string(data.join("service.json")).expect("the service is ready");
    let service: Value = serde_json::from_str(&text).expect("JSON");
    let keys = command().args(["credentials", "--data"]).arg(data).output().expect("the command runs");
    let keys: Value = serde_json::from_slice(&keys.stdout).expect("JSON");
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let token = Some(text(&keys, "SessionToken"));
    let keys =
        Credentials::new(text(&keys, "AccessKeyId"), text(&keys, "SecretAccessKey"), token, None, "bench");
    let config = aws_sdk_codepipeline::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(text(&service, "endpoint"))
        .region(Region::new(text(&service, "region")))
        .credentials_provider(keys)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// What a process has taken from the start, and holds now: seconds of CPU with its children's, MB.
pub fn usage(process: u32) -> (f64, f64) {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let seconds = (ticks(11) + ticks(12) + ticks(13) + ticks(14)) / 100.0;
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    (seconds, kilobytes.unwrap_or(0.0) / 1024.0)
}

/// Start to ready, on new data and again; memory and CPU of a service that nobody asks anything.
pub async fn measure_idle(place: &Path) {
    let data = place.join("idle");
    let mut ready = Vec::new();
    for _ in 0..5 {
        let (mut process, time) = start_process(&data, None);
        ready.push(milliseconds(time));
        end(&mut process);
    }
    let (mut process, _) = start_process(&data, None);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, _) = usage(process.id());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (after, megabytes) = usage(process.id());
    println!("ready: first {:.0} ms, again median {:.0} ms", ready[0], median(&ready[1..]));
    println!("idle: {megabytes:.1} MB, {:.2} % CPU over 10 s", (after - before) * 10.0);
    end(&mut process);
}
