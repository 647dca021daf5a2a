//! A service that has every kind of file, at two moments: when everything was acknowledged, and a while later, when
//! much was written that nobody was told of.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use local::events::{RuleState, RuleTarget, ScheduleRule};
use local_lambda::{Function, Runs};
use local_service::{ObjectStore, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::kinds::{Kind, kind_of};
use crate::declare::{PIPELINE, approval, build, deploy_to_codedeploy, deploy_to_s3, pipeline, stage, with};
use crate::shop::{Shop, copy_tree};

const RULE: &str = "every-year";
const APPSPEC: &str = "version: 0.0\nos: linux\nfiles:\n  - source: hello.txt\n    destination: /srv\nfile_exists_behavior: OVERWRITE\n";

pub struct Moments {
    acknowledged: TempDir,
    later: TempDir,
    /// An execution that waits for its approval at both moments, and what its developer was shown of it.
    execution: String,
    token: String,
    shown: (Value, Vec<String>),
    build: String,
    log: String,
}

impl Moments {
    pub async fn make() -> Self {
        let shop = open().await;
        let execution = shop.start().await;
        let token = shop.approval_of(&execution, "Approve").await;
        let shown = (shop.execution(&execution).await, shop.story(&execution).await);
        let build = shop.action(&execution, "Compile").await.external_id().to_owned();
        let log = log_of(&shop, &build);
        shop.stack().settle().await.expect("there is room on the disk");
        let acknowledged = copy_of(&shop);
        go_on(&shop).await;
        let later = copy_of(&shop);
        keep_an_event(later.path());
        Self { later, acknowledged, execution, token, shown, build, log }
    }

    pub fn later(&self) -> &Path {
        self.later.path()
    }

    /// Below the data directory.
    pub fn newest_of_each_kind(&self) -> Vec<(&'static Kind, PathBuf)> {
        let mut newest: BTreeMap<&str, (&'static Kind, (bool, SystemTime), PathBuf)> = BTreeMap::new();
        let mut unknown = Vec::new();
        for path in files_below(self.later()) {
            let file = path.strip_prefix(self.later()).expect("it is below").to_owned();
            let Some(kind) = kind_of(&file) else {
                unknown.push(file);
                continue;
            };
            let modified = fs::metadata(&path).and_then(|found| found.modified()).expect("it has a time");
            let age = (!self.acknowledged.path().join(&file).exists(), modified);
            if newest.get(kind.pattern).is_none_or(|(_, other, _)| *other < age) {
                newest.insert(kind.pattern, (kind, age, file));
            }
        }
        assert!(unknown.is_empty(), "there is no row in kinds.rs for {unknown:?}");
        newest.into_values().map(|(kind, _, file)| (kind, file)).collect()
    }

    pub fn whole(&self, file: &Path) -> Vec<u8> {
        fs::read(self.later().join(file)).expect("it is there")
    }

    /// So much of the file was there, and was acknowledged, before its last write.
    pub fn before(&self, file: &Path) -> usize {
        let (whole, before) =
            (self.whole(file), fs::read(self.acknowledged.path().join(file)).unwrap_or_default());
        if whole.len() > before.len() && whole.starts_with(&before) { before.len() } else { 0 }
    }

    pub async fn check_what_was_acknowledged(&self, shop: &Shop, what: &str) {
        let shown = (shop.execution(&self.execution).await, shop.story(&self.execution).await);
        assert_eq!(shown, self.shown, "{what}");
        assert_eq!(log_of(shop, &self.build), self.log, "{what}");
        shop.answer("Approve", &self.token, "Approved").await.expect("it still waits");
        assert_eq!(
            shop.end(&self.execution).await,
            "Succeeded",
            "{what}: {:?}",
            shop.actions(&self.execution).await
        );
        let published = shop.stack().s3.get("site", "site/app").await;
        assert_eq!(published.expect("it is published"), b"built\n");
        let rules = fs::read_to_string(shop.place().join("data/events/rules.json")).unwrap_or_default();
        assert!(rules.contains(RULE), "{what}: of the rules there is left {rules:?}");
    }
}

fn copy_of(shop: &Shop) -> TempDir {
    let copy = tempfile::tempdir().expect("there is room");
    copy_tree(&shop.place().join("data"), copy.path());
    copy
}

fn log_of(shop: &Shop, build: &str) -> String {
    let name = format!("data/codebuild/logs/{}.log", build.replace(':', "/"));
    fs::read_to_string(shop.place().join(name)).expect("the build has a log")
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("it is there").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

async fn open() -> Shop {
    let shop = Shop::open().await;
    shop.bucket("site");
    let buildspec = json!({
        "version": "0.2",
        "phases": { "build": { "commands": ["echo built > app", "mkdir -p kept; echo kept > kept/file",
            "echo '<testsuite><testcase name=\"good\"/></testsuite>' > unit.xml"] } },
        "artifacts": { "files": ["app"] },
        "cache": { "paths": ["kept/**/*"] },
        "reports": { "unit": { "files": ["unit.xml"] } },
    });
    shop.project("app", &buildspec).await;
    let cache = json!({ "name": "app", "cache": { "type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"] } });
    shop.stack().codebuild.call("UpdateProject", cache).await.expect("it may have a cache");
    shop.stack().directory.remember_region("us-east-1").expect("it is written");
    schedule(&shop, RULE);
    shop.deliver_source(&[("hello.txt", "hello\n"), ("appspec.yml", APPSPEC)]).await;
    let host = shop.place().join("host");
    fs::create_dir_all(&host).expect("a host");
    shop.stack().define_deployment_group("app", "hosts", vec![host]).expect("a group");
    let declared = pipeline([
        stage("Build", [build("Compile", "app")]),
        stage("Release", [deploy_to_codedeploy("Release", "app", "hosts", "SourceOutput")]),
        stage("Approve", [approval("Approve")]),
        stage("Publish", [deploy_to_s3("Publish", "site", "CompileOutput")]),
    ]);
    shop.create(&with(declared, "executionMode", json!("QUEUED"))).await.expect("a pipeline");
    shop
}

/// A rule that starts the pipeline once in a year.
fn schedule(shop: &Shop, name: &str) {
    let rule = ScheduleRule {
        name: name.to_owned(),
        schedule_expression: "rate(365 days)".into(),
        state: RuleState::Enabled,
        description: None,
        targets: vec![RuleTarget { id: None, arn: PIPELINE.to_owned() }],
    };
    shop.stack().rules.put(rule).expect("a rule");
}

/// Writes whatever can be written.
async fn go_on(shop: &Shop) {
    let stack = shop.stack();
    shop.deliver_source(&[("hello.txt", "hello again\n"), ("appspec.yml", APPSPEC)]).await;
    let next = shop.start().await;
    shop.until_action(&next, "Release", |action| action.status == "Succeeded").await;
    shop.bucket("another");
    shop.project("another", &json!({ "version": "0.2", "phases": { "build": { "commands": ["true"] } } }))
        .await;
    let place = shop.place().join("another-host");
    stack.define_deployment_group("another", "hosts", vec![place]).expect("a group");
    let configuration = json!({
        "deploymentConfigName": "Half",
        "minimumHealthyHosts": { "type": "FLEET_PERCENT", "value": 50 },
    });
    stack.codedeploy.call("CreateDeploymentConfig", configuration).await.expect("a configuration");
    schedule(shop, "yearly");
    let batch = json!({ "version": "0.2", "batch": { "build-list": [{ "identifier": "one" }] },
        "phases": { "build": { "commands": ["true"] } } });
    let batch = json!({
        "projectName": "another",
        "buildspecOverride": batch.to_string(),
        "sourceTypeOverride": "NO_SOURCE",
        "artifactsOverride": { "type": "NO_ARTIFACTS" },
    });
    stack.codebuild.call("StartBuildBatch", batch).await.expect("it starts");
    begin_upload(shop).await;
    let command = ["sh", "-c", "echo works; sleep 60"].map(str::to_owned).into();
    let runs = Runs::Command { command, directory: shop.place().to_owned() };
    let function = Function { name: "notify".into(), runs, timeout_seconds: 60, environment: [].into() };
    stack.lambda.define(function).expect("a function");
    let invocation = json!({ "FunctionName": "notify", "InvocationType": "Event", "Payload": {} });
    stack.lambda.call("Invoke", invocation).await.expect("it is invoked");
    shop.until(&next, "the log of the function", async || {
        let logs = shop.place().join("data/lambda/logs");
        (logs.is_dir()
            && files_below(&logs).iter().any(|log| fs::metadata(log).is_ok_and(|log| log.len() > 0)))
        .then_some(())
    })
    .await;
}

/// That an object was put, which nobody has been told of yet. A service that lives tells it at once.
fn keep_an_event(data: &Path) {
    let detail = json!({ "bucket": { "name": "another" }, "object": { "key": "small" } });
    let event = json!({ "id": "e-1", "source": "aws.s3", "detail-type": "Object Created", "detail": detail });
    fs::create_dir_all(data.join("events/kept")).expect("a directory");
    fs::write(data.join("events/kept/e-1.json"), event.to_string()).expect("a file");
}

/// An object in parts, of which one is there.
async fn begin_upload(shop: &Shop) {
    let send = async |request: http::request::Builder, body: &'static str| {
        let request = request.header("host", "localhost").body(body.into()).expect("a request");
        let answer = shop.stack().s3.serve(request).await;
        assert!(answer.status().is_success(), "{answer:?}");
        String::from_utf8_lossy(answer.body()).into_owned()
    };
    let begun = send(http::Request::post("/another/large?uploads"), "").await;
    let id = begun.split(['<', '>']).skip_while(|word| *word != "UploadId").nth(1).expect("an id").to_owned();
    send(http::Request::put(format!("/another/large?partNumber=1&uploadId={id}")), "the first part").await;
}
