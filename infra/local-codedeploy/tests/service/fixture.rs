//! One application, one group, one or more target directories, revisions in memory.

use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use local_codedeploy::{LocalCodeDeploy, OpenError, RevisionStore, S3Location, Settings, Target};
use local_service::{AdjustableClock, ApiError, BoxFuture, EventSink, Service};
use serde_json::{Value, json};

#[derive(Default)]
pub struct Revisions(Mutex<HashMap<String, Vec<u8>>>);

impl RevisionStore for Revisions {
    fn get<'a>(&'a self, location: &'a S3Location) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        let found = self.0.lock().unwrap().get(&location.key).cloned();
        let missing = || ApiError::client("NoSuchKey", "The specified key does not exist.");
        Box::pin(async move { found.ok_or_else(missing) })
    }
}

#[derive(Default)]
pub struct Events(pub Mutex<Vec<Value>>);

impl EventSink for Events {
    fn put_event(&self, event: Value) {
        self.0.lock().unwrap().push(event);
    }
}

pub struct Fixture {
    pub service: LocalCodeDeploy,
    pub directory: Arc<tempfile::TempDir>,
    pub revisions: Arc<Revisions>,
    pub events: Arc<Events>,
    settings: Settings,
}

pub fn fixture() -> Fixture {
    fixture_with(Settings::default(), &["web-1"])
}

pub fn fixture_with(settings: Settings, targets: &[&str]) -> Fixture {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let (revisions, events) = (Arc::new(Revisions::default()), Arc::new(Events::default()));
    let settings = Settings { events: Some(events.clone()), ..settings };
    let service = open(directory.path(), revisions.clone(), settings.clone());
    let target =
        |name: &&str| Target { name: (*name).into(), root: directory.path().join("hosts").join(name) };
    service.define_group("shop", "production", targets.iter().map(target).collect()).unwrap();
    Fixture { service, directory, revisions, events, settings }
}

fn open(directory: &Path, revisions: Arc<Revisions>, settings: Settings) -> LocalCodeDeploy {
    // A program that another test is starting holds a copy of the lock for a moment.
    let mut attempts = 0..200;
    loop {
        let clock = Arc::new(AdjustableClock::default());
        let path = directory.join("codedeploy");
        match LocalCodeDeploy::open(&path, clock, revisions.clone(), settings.clone()) {
            Err(OpenError::InUse(_)) if attempts.next().is_some() => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return opened.unwrap(),
        }
    }
}

impl Fixture {
    /// The same directory in another process; the first one's tasks are gone with its runtime.
    pub fn reopened(self) -> Self {
        let Self { service, directory, revisions, events, settings } = self;
        drop(service);
        let service = open(directory.path(), revisions.clone(), settings.clone());
        Self { service, directory, revisions, events, settings }
    }

    pub fn root(&self) -> PathBuf {
        self.directory.path().join("hosts/web-1")
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root().join(path)).ok()
    }

    /// Puts a revision of these files at `key`; `appspec` gets its version and os.
    pub fn revision(&self, key: &str, appspec: &str, files: &[(&str, &str)]) {
        let tree = tempfile::tempdir().unwrap();
        let appspec = format!("version: 0.0\nos: linux\n{appspec}");
        for (path, contents) in files.iter().chain([&("appspec.yml", appspec.as_str())]) {
            let path = tree.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
        let mut zip = Cursor::new(Vec::new());
        archive::pack_tree(tree.path(), &mut zip).unwrap();
        self.put(key, zip.into_inner());
    }

    pub fn put(&self, key: &str, bytes: Vec<u8>) {
        self.revisions.0.lock().unwrap().insert(key.into(), bytes);
    }

    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.service.call(operation, input).await
    }

    pub async fn create(&self, key: &str, more: Value) -> Result<String, ApiError> {
        let mut input = json!({
            "applicationName": "shop",
            "deploymentGroupName": "production",
            "revision": {
                "revisionType": "S3",
                "s3Location": { "bucket": "artifacts", "key": key, "bundleType": "zip" },
            },
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let created = self.call("CreateDeployment", input).await?;
        Ok(created["deploymentId"].as_str().unwrap().to_string())
    }

    /// Waits for a file of the first target.
    pub async fn appears(&self, path: &str) {
        for _ in 0..2000 {
            if self.root().join(path).exists() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{path} does not appear");
    }

    /// `deploymentInfo` once the deployment has ended.
    pub async fn ended(&self, id: &str) -> Value {
        for _ in 0..2000 {
            let info = self.info(id).await;
            if !["Created", "InProgress"].contains(&info["status"].as_str().unwrap()) {
                return info;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the deployment does not end: {}", self.log(id));
    }

    pub async fn info(&self, id: &str) -> Value {
        let answer = self.call("GetDeployment", json!({ "deploymentId": id })).await.unwrap();
        answer["deploymentInfo"].clone()
    }

    pub async fn deploy(&self, key: &str) -> Value {
        self.deploy_with(key, json!({})).await
    }

    pub async fn deploy_with(&self, key: &str, more: Value) -> Value {
        let id = self.create(key, more).await.unwrap();
        self.ended(&id).await
    }

    /// `event status` of each lifecycle event, as far as it is worth telling.
    pub async fn lifecycle(&self, info: &Value, target: &str) -> Vec<String> {
        let events = self.events_of(info, target).await;
        let told = |event: &Value| {
            let text = |name: &str| event[name].as_str().unwrap().to_string();
            format!("{} {}", text("lifecycleEventName"), text("status"))
        };
        events.as_array().unwrap().iter().map(told).collect()
    }

    pub async fn events_of(&self, info: &Value, target: &str) -> Value {
        let input = json!({ "deploymentId": info["deploymentId"], "targetId": target });
        let answer = self.call("GetDeploymentTarget", input).await.unwrap();
        answer["deploymentTarget"]["instanceTarget"]["lifecycleEvents"].clone()
    }

    /// The diagnostics of the event that failed.
    pub async fn failure(&self, info: &Value) -> (String, Value) {
        let events = self.events_of(info, "web-1").await;
        let failed = events.as_array().unwrap().iter().find(|event| event["status"] == "Failed").unwrap();
        (failed["lifecycleEventName"].as_str().unwrap().into(), failed["diagnostics"].clone())
    }

    pub fn log(&self, id: &str) -> String {
        fs::read_to_string(self.service.log_path(id)).unwrap_or_default()
    }

    pub fn states(&self) -> Vec<String> {
        let events = self.events.0.lock().unwrap();
        events.iter().map(|event| event["detail"]["state"].as_str().unwrap().to_string()).collect()
    }
}
