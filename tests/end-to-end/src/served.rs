//! `pipewright up` in a workplace, and the commands with which people use it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_codepipeline::config::retry::RetryConfig;
use aws_sdk_codepipeline::config::{BehaviorVersion, Region};
use aws_sdk_codepipeline::{Client, Config};
use local_service::{AdjustableClock, Clock};
use serde_json::{Value, json};
use signature::{MasterKey, Validity, issue};

use crate::declare::{PIPELINE, git_source, pipeline_from};
use crate::process::{Ended, Running, Workplace, command, pipewright};
use crate::small_disk::SmallDisk;

const LOOK: Duration = Duration::from_millis(20);
/// In steps of [`LOOK`]: a minute.
const LOOKS: usize = 3000;
const HOUR_MS: i64 = 3_600_000;

/// A workplace whose source is a git repository, and a service over its directory `data`.
pub struct Served {
    pub workplace: Workplace,
    pub running: Option<Running>,
    /// Where its data are, unless they are on the disk of the workplace.
    disk: Option<SmallDisk>,
    starts: u32,
}

/// What came back over HTTP.
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Served {
    /// With resources for [`git_source`], and without a pipeline.
    pub fn open() -> Self {
        let mut served = Self::closed();
        served.start(&["--resources", "local-resources.yaml"]);
        served
    }

    /// Not started yet.
    pub fn closed() -> Self {
        let workplace = Workplace::with([]);
        let app = workplace.path().join("app");
        let git = |arguments: &[&str]| {
            let mut git = command("git");
            git.current_dir(&app).env("GIT_CONFIG_GLOBAL", "/dev/null").args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
            ]);
            assert!(git.args(arguments).status().expect("git starts").success(), "git {arguments:?}");
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "-m", "Say hello"]);
        let resources = json!({ "connections": [{ "arn": crate::declare::CONNECTION, "url": "app" }] });
        workplace.write("local-resources.yaml", &resources.to_string());
        Self { workplace, running: None, disk: None, starts: 0 }
    }

    /// Not started yet; its data are on a disk that can be filled.
    pub fn on_a_small_disk() -> Self {
        let served = Self::closed();
        let disk = SmallDisk::at(&served.data());
        Self { disk: Some(disk), ..served }
    }

    /// Whether the service can see that its disk is full.
    pub fn disk_is_seen(&self) -> bool {
        self.disk.as_ref().is_some_and(SmallDisk::is_seen)
    }

    pub fn fill_the_disk(&self) {
        let service = self.running.as_ref().map(Running::id);
        self.disk.as_ref().expect("a small disk").fill(service);
    }

    pub fn make_space(&self) {
        let service = self.running.as_ref().map(Running::id);
        self.disk.as_ref().expect("a small disk").make_space(service);
    }

    /// The binary, as it is started in the workplace.
    fn pipewright(&self) -> Command {
        let Some(disk) = &self.disk else {
            let mut binary = command(pipewright());
            binary.current_dir(self.workplace.path());
            return binary;
        };
        disk.pipewright(self.workplace.path())
    }

    /// With a pipeline of these stages behind its source, whose creation starts an execution.
    pub fn with(stages: impl IntoIterator<Item = Value>) -> Self {
        let served = Self::open();
        served.create(stages);
        served
    }

    pub fn create(&self, stages: impl IntoIterator<Item = Value>) {
        let mut declared = pipeline_from(git_source(), stages);
        declared["executionMode"] = json!("QUEUED");
        self.workplace.write("pipeline.json", &declared.to_string());
        self.say(&["create", "pipeline.json"]).assert_status(0);
    }

    pub fn data(&self) -> PathBuf {
        self.workplace.path().join("data")
    }

    /// Starts the service on any port, and waits until it is ready.
    pub fn start(&mut self, options: &[&str]) {
        self.start_on("data", options);
    }

    pub fn start_on(&mut self, data: &str, options: &[&str]) {
        self.start_as(self.pipewright(), data, options);
    }

    /// Starts it with `trace` getting a line for each time that it waits for the disk.
    pub fn start_traced(&mut self, trace: &str, options: &[&str]) {
        let mut strace = command("strace");
        // The service itself is the process that is started; strace stands beside it.
        strace.args([
            "-D",
            "-f",
            "-qq",
            "-y",
            "-e",
            "trace=fsync,fdatasync",
            "-e",
            "signal=none",
            "-o",
            trace,
        ]);
        strace.current_dir(self.workplace.path()).arg(pipewright());
        self.start_as(strace, "data", options);
    }

    fn start_as(&mut self, mut up: Command, data: &str, options: &[&str]) {
        self.starts += 1;
        up.args(["up", "--port", "0", "--data", data]).args(options);
        let output = self.workplace.path().join(format!("up-{}.txt", self.starts));
        let mut running = Running::start(up, output);
        running.until_it_says("Ctrl-C stops the service.");
        self.running = Some(running);
    }

    /// How a service ends that is not ready to be started.
    pub fn refused_start(&self) -> Ended {
        let mut up = self.pipewright();
        up.args(["up", "--port", "0", "--data", "data"]);
        Running::start(up, self.workplace.path().join("refused.txt")).end()
    }

    pub fn service(&mut self) -> &mut Running {
        self.running.as_mut().expect("the service runs")
    }

    pub fn signal(&mut self, signal: &str) {
        self.service().signal(signal);
    }

    /// The end of the service, which was told to end.
    pub fn end(&mut self) -> Ended {
        self.running.take().expect("the service runs").end()
    }

    pub fn kill(&mut self) {
        self.signal("KILL");
        self.end();
    }

    /// A command to its end.
    pub fn say(&self, arguments: &[&str]) -> Ended {
        self.say_to("data", arguments)
    }

    pub fn say_to(&self, data: &str, arguments: &[&str]) -> Ended {
        static COMMANDS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COMMANDS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut said = self.pipewright();
        said.args(arguments).args(["--data", data]);
        for variable in ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEPIPELINE"] {
            said.env_remove(variable);
        }
        said.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        Running::start(said, self.workplace.path().join(format!("said-{number}.txt"))).end()
    }

    /// The executions of the pipeline, the newest first.
    pub fn executions(&self) -> Vec<Value> {
        self.executions_of("data")
    }

    pub fn executions_of(&self, data: &str) -> Vec<Value> {
        let said = self.say_to(data, &["history", PIPELINE, "--json", "--all"]);
        let history: Value = serde_json::from_str(&said.assert_status(0).output).expect("JSON");
        history["pipelineExecutionSummaries"].as_array().expect("a list").clone()
    }

    /// The status of the newest execution when it has ended.
    pub fn newest_end(&self) -> String {
        for _ in 0..LOOKS {
            let status = self.executions()[0]["status"].as_str().unwrap_or_default().to_owned();
            if !["InProgress", "Stopping"].contains(&status.as_str()) {
                return status;
            }
            sleep(LOOK);
        }
        panic!("waited too long: {}", self.say(&["why", PIPELINE]).output);
    }

    /// One HTTP request, as it is written here.
    pub fn request(&self, head: &str, body: &[u8]) -> Reply {
        exchange(&self.address(), head, body)
    }

    /// `127.0.0.1:<port>`
    pub fn address(&self) -> String {
        let text = fs::read_to_string(self.data().join("service.json")).expect("the service is ready");
        let service: Value = serde_json::from_str(&text).expect("JSON");
        service["endpoint"].as_str().expect("an endpoint").trim_start_matches("http://").to_owned()
    }
}

impl Ended {
    pub fn assert_status(self, expected: i32) -> Self {
        assert_eq!(self.status, Some(expected), "{}", self.output);
        self
    }
}

/// The official client of whichever service has these data now: each start of it has a port of its own. Nobody listens
/// where the client asks while there is none.
pub fn client_of(data: &Path, caller: &str) -> Client {
    let text = fs::read_to_string(data.join("service.json")).unwrap_or_default();
    let service: Value = serde_json::from_str(&text).unwrap_or_default();
    let endpoint = service["endpoint"].as_str().unwrap_or("http://127.0.0.1:9").to_owned();
    let now = AdjustableClock::default().now();
    let secret = local_secrets::master_key(data).expect("the key of the service");
    let key = MasterKey::from_secret(secret.expose()).expect("a key");
    let keys = issue(&key, caller, Validity { issued_at_ms: now, not_after_ms: now + HOUR_MS });
    let token = Some(keys.session_token);
    let keys = Credentials::new(keys.access_key_id, keys.secret_access_key, token, None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(service["region"].as_str().unwrap_or("us-east-1").to_owned()))
        .credentials_provider(keys)
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

pub fn exchange(address: &str, head: &str, body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).expect("the service listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    let head = format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).expect("it is sent");
    // A refusal may come before all of the body is sent.
    let _ = stream.write_all(body);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Reply { status, text }
}
