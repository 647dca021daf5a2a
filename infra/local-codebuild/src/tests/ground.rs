//! What a test stands on: a service with a data directory, objects, events and a clock.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use local_process::LogEntry;
use local_service::{AdjustableClock, ApiError, BoxFuture, EventSink, ObjectStore, Service};
use serde_json::{Value, json};

use crate::{Account, LocalCodeBuild, Settings};

#[derive(Default)]
pub struct Objects(pub Mutex<HashMap<String, Vec<u8>>>);

impl ObjectStore for Objects {
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        let found = self.0.lock().unwrap().get(&format!("{bucket}/{key}")).cloned();
        Box::pin(async move { found.ok_or_else(|| ApiError::client("NoSuchKey", "there is no such object")) })
    }

    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), ApiError>> {
        self.0.lock().unwrap().insert(format!("{bucket}/{key}"), body);
        Box::pin(async { Ok(()) })
    }
}

#[derive(Default)]
pub struct Events(pub Mutex<Vec<Value>>);

impl EventSink for Events {
    fn put_event(&self, event: Value) {
        self.0.lock().unwrap().push(event);
    }
}

pub struct Ground {
    pub directory: tempfile::TempDir,
    pub objects: Arc<Objects>,
    pub events: Arc<Events>,
    pub clock: Arc<AdjustableClock>,
    pub service: LocalCodeBuild,
}

/// A build that has ended.
pub struct Ended {
    pub build: Value,
    pub log: String,
}

impl Ground {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (objects, events, clock) = (Arc::default(), Arc::default(), Arc::default());
        let mut settings = settings();
        change(&mut settings);
        let service = open(&directory, &objects, &events, &clock, settings);
        Self { directory, objects, events, clock, service }
    }

    /// The same data directory in a new process, so to say.
    pub fn reopened(&self) -> LocalCodeBuild {
        open(&self.directory, &self.objects, &self.events, &self.clock, settings())
    }

    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.service.call(operation, input).await
    }

    /// Runs a build without a source.
    pub async fn run(&self, buildspec: &str) -> Ended {
        self.run_with(buildspec, json!({})).await
    }

    /// `overrides` are further members of the start.
    pub async fn run_with(&self, buildspec: &str, overrides: Value) -> Ended {
        let id = self.start(buildspec, overrides).await;
        self.ended(&id).await
    }

    pub async fn start(&self, buildspec: &str, overrides: Value) -> String {
        let _ = self.call("CreateProject", project("demo")).await;
        let mut input = json!({ "projectName": "demo", "buildspecOverride": buildspec });
        for (name, value) in overrides.as_object().unwrap() {
            input[name] = value.clone();
        }
        let started = self.call("StartBuild", input).await.unwrap();
        started["build"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn ended(&self, id: &str) -> Ended {
        let log = self.read_log(id).await;
        loop {
            let build = self.build(id).await;
            if build["buildComplete"] == true {
                return Ended { build, log };
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The whole log; waits for the build's end.
    pub async fn read_log(&self, id: &str) -> String {
        let mut follower = self.service.follow_log(id).unwrap();
        let mut text = String::new();
        while let Some(entry) = follower.next().await.unwrap() {
            if let LogEntry::Line(line) = entry {
                text += &(line + "\n");
            }
        }
        text
    }

    /// Ends when the log has the line `text`.
    pub async fn logged(&self, id: &str, text: &str) {
        let mut follower = self.service.follow_log(id).unwrap();
        while let Some(entry) = follower.next().await.unwrap() {
            if matches!(entry, LogEntry::Line(line) if line == text) {
                return;
            }
        }
        panic!("the log has no {text}");
    }

    pub async fn build(&self, id: &str) -> Value {
        self.call("BatchGetBuilds", json!({ "ids": [id] })).await.unwrap()["builds"][0].clone()
    }

    pub fn put_source(&self, location: &str, files: &[(&str, &str)]) {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut zip = Cursor::new(Vec::new());
        archive::pack_tree(directory.path(), &mut zip).unwrap();
        self.objects.0.lock().unwrap().insert(location.to_owned(), zip.into_inner());
    }

    /// The files of a stored zip; a symbolic link as `-> target`.
    pub fn stored_zip(&self, location: &str) -> BTreeMap<String, String> {
        let bytes = self.objects.0.lock().unwrap().get(location).cloned().expect("the object is stored");
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("out");
        archive::unpack(Cursor::new(bytes), &target, &archive::Limits::default()).unwrap();
        let mut files = BTreeMap::new();
        let mut pending = vec![target.clone()];
        while let Some(path) = pending.pop() {
            let name = || path.strip_prefix(&target).unwrap().to_str().unwrap().to_owned();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            if metadata.is_symlink() {
                let link = std::fs::read_link(&path).unwrap();
                files.insert(name(), format!("-> {}", link.display()));
            } else if metadata.is_dir() {
                pending.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let mut text = String::new();
                std::fs::File::open(&path).unwrap().read_to_string(&mut text).unwrap();
                files.insert(name(), text);
            }
        }
        files
    }

    /// Ends when all work directories are removed, which is after the ends of their builds.
    pub async fn no_work_directories(&self) {
        while !self.work_directories().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub fn work_directories(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.directory.path().join("work")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Ended {
    pub fn status(&self) -> &str {
        self.build["buildStatus"].as_str().unwrap()
    }

    /// The phases from DOWNLOAD_SOURCE to FINALIZING as `PHASE:STATUS`.
    pub fn phases(&self) -> String {
        let phases = self.build["phases"].as_array().unwrap().iter();
        let shown = phases.skip(3).filter(|phase| phase["phaseType"] != "COMPLETED");
        let words: Vec<String> = shown
            .map(|phase| format!("{}:{}", phase["phaseType"], phase["phaseStatus"]).replace('"', ""))
            .collect();
        words.join(" ")
    }

    /// The first context of any phase, as `CODE: message`.
    pub fn context(&self) -> String {
        let phases = self.build["phases"].as_array().unwrap();
        let context =
            phases.iter().find_map(|phase| phase["contexts"].get(0)).expect("a phase has a context");
        format!("{}: {}", context["statusCode"].as_str().unwrap(), context["message"].as_str().unwrap())
    }

    /// What the commands printed.
    pub fn output(&self) -> Vec<&str> {
        self.log.lines().filter(|line| !line.starts_with("[Container]")).collect()
    }

    pub fn exported(&self, name: &str) -> Option<&str> {
        let variables = self.build["exportedEnvironmentVariables"].as_array().unwrap();
        let found = variables.iter().find(|variable| variable["name"] == name)?;
        found["value"].as_str()
    }
}

pub fn settings() -> Settings {
    let account = Account { id: "000000000000".into(), region: "eu-central-1".into() };
    let host = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/nowhere"), ("USER", "builder")];
    let host = host.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Settings { stop_grace: Duration::from_millis(200), ..Settings::for_host(account, host) }
}

pub fn project(name: &str) -> Value {
    json!({
        "name": name,
        "source": { "type": "CODEPIPELINE" },
        "artifacts": { "type": "NO_ARTIFACTS" },
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: [':']}}" },
        "serviceRole": "arn:aws:iam::000000000000:role/build",
    })
}

fn open(
    directory: &tempfile::TempDir,
    objects: &Arc<Objects>,
    events: &Arc<Events>,
    clock: &Arc<AdjustableClock>,
    settings: Settings,
) -> LocalCodeBuild {
    LocalCodeBuild::open(directory.path(), objects.clone(), events.clone(), clock.clone(), settings).unwrap()
}
