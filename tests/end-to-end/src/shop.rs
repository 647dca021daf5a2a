//! A shop that releases with one pipeline: the local stack over a directory of its own, and what its people do.

use std::fs;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local::{ApiFailure, DataDirectory, LocalStack, Options};
use local_s3::BucketSettings;
use local_service::{ObjectStore, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::declare::{PIPELINE, SOURCE_BUCKET, SOURCE_KEY};
use crate::gate::{Diary, Gate};

/// Who starts, stops and retries.
const DEVELOPER: &str = "developer";
const APPROVER: &str = "approver";
/// No scenario waits longer for anything; on a busy machine a build of one line takes a second or two.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

pub struct Shop {
    stack: Option<LocalStack>,
    place: PathBuf,
    /// Removes the place when the shop is gone.
    _temporary: Option<TempDir>,
}

/// Links are not followed; there are none in a data directory. What a service removes meanwhile is left out.
pub fn copy_tree(from: &Path, to: &Path) {
    let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let entries = match fs::read_dir(from) {
        Err(error) if is_gone(&error) => return,
        entries => entries.expect("it can be read"),
    };
    fs::create_dir_all(to).expect("a directory");
    for path in entries.flatten().map(|entry| entry.path()) {
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy_tree(&path, &target);
        } else if let Err(error) = fs::copy(&path, &target) {
            assert!(is_gone(&error), "{} cannot be copied: {error}", path.display());
        }
    }
}

/// An action execution as ListActionExecutions shows it.
#[derive(Debug, Clone)]
pub struct Action {
    pub stage: String,
    pub name: String,
    pub status: String,
    pub detail: Value,
}

impl Action {
    fn of(detail: &Value) -> Self {
        let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
        Self {
            stage: text("stageName"),
            name: text("actionName"),
            status: text("status"),
            detail: detail.clone(),
        }
    }

    /// Of a build, its id; of an approval, its token.
    pub fn external_id(&self) -> &str {
        self.detail["output"]["executionResult"]["externalExecutionId"].as_str().unwrap_or_default()
    }

    pub fn error(&self) -> &str {
        self.detail["output"]["executionResult"]["errorDetails"]["message"].as_str().unwrap_or_default()
    }

    pub fn error_code(&self) -> &str {
        self.detail["output"]["executionResult"]["errorDetails"]["code"].as_str().unwrap_or_default()
    }

    pub fn variable(&self, name: &str) -> &str {
        self.detail["output"]["outputVariables"][name].as_str().unwrap_or_default()
    }
}

impl Shop {
    /// Opens with a source and without a pipeline.
    pub async fn open() -> Self {
        Self::open_with(Options::default()).await
    }

    pub async fn open_with(options: Options) -> Self {
        let place = tempfile::tempdir().expect("there is room for a shop");
        let mut shop = Self { stack: None, place: place.path().to_owned(), _temporary: Some(place) };
        shop.open_stack(options).await;
        shop.bucket(SOURCE_BUCKET);
        shop.deliver_source(&[("hello.txt", "hello\n")]).await;
        shop
    }

    /// With a stack that was started in the directory `data` of `place`.
    pub fn of(stack: LocalStack, place: TempDir) -> Self {
        Self { stack: Some(stack), place: place.path().to_owned(), _temporary: Some(place) }
    }

    /// Opens on what others left in the directory `data` of `place`.
    pub async fn take_over(place: &Path) -> Self {
        let mut shop = Self { stack: None, place: place.to_owned(), _temporary: None };
        shop.open_stack(Options::default()).await;
        shop
    }

    /// Opens with this pipeline.
    pub async fn with(pipeline: &Value) -> Self {
        let shop = Self::open().await;
        shop.create(pipeline).await.expect("the pipeline is fine");
        shop
    }

    async fn open_stack(&mut self, options: Options) {
        let directory = DataDirectory::open(&self.place.join("data")).expect("the directory is free");
        self.stack = Some(LocalStack::start(directory, options).await.expect("the stack starts"));
    }

    /// Another shop on what this one has on its disk at this moment: the power failed, and came back.
    pub async fn after_power_failure(&self) -> Self {
        self.after_losing(&[], Options::default()).await
    }

    /// A place with the data as they are on the disk at this moment.
    pub fn copy_of_its_disk(&self) -> TempDir {
        let place = tempfile::tempdir().expect("there is room for a shop");
        copy_tree(&self.place.join("data"), &place.path().join("data"));
        place
    }

    /// The same, without these directories of the data.
    pub async fn after_losing(&self, directories: &[&str], options: Options) -> Self {
        let place = self.copy_of_its_disk();
        for directory in directories {
            fs::remove_dir_all(place.path().join("data").join(directory)).expect("it can be lost");
        }
        let mut shop = Self { stack: None, place: place.path().to_owned(), _temporary: Some(place) };
        shop.open_stack(options).await;
        shop
    }

    pub fn stack(&self) -> &LocalStack {
        self.stack.as_ref().expect("the shop is open")
    }

    /// Outside of the data directory, for gates and the like.
    pub fn place(&self) -> &Path {
        &self.place
    }

    pub fn gate(&self, name: &str) -> Gate {
        Gate::new(self.place(), name)
    }

    pub fn diary(&self) -> Diary {
        Diary::new(self.place())
    }

    pub fn bucket(&self, name: &str) {
        let settings = BucketSettings { versioned: true, ..BucketSettings::default() };
        self.stack().s3.ensure_bucket(name, settings).expect("a bucket");
    }

    /// A new revision of the source, of these files.
    pub async fn deliver_source(&self, files: &[(&str, &str)]) {
        let tree = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = tree.path().join(name);
            fs::create_dir_all(path.parent().expect("it is below the tree")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        let mut zip = std::io::Cursor::new(Vec::new());
        archive::pack_tree(tree.path(), &mut zip).expect("a zip");
        self.deliver_zip(zip.into_inner()).await;
    }

    pub async fn deliver_zip(&self, zip: Vec<u8>) {
        self.stack().s3.put(SOURCE_BUCKET, SOURCE_KEY, zip).await.expect("the source is stored");
    }

    /// A CodeBuild project with this buildspec.
    pub async fn project(&self, name: &str, buildspec: &Value) {
        let input = json!({
            "name": name,
            "source": { "type": "CODEPIPELINE", "buildspec": buildspec.to_string() },
            "artifacts": { "type": "CODEPIPELINE" },
            "environment": { "type": "LINUX_CONTAINER", "image": "standard", "computeType": "BUILD_GENERAL1_SMALL" },
        });
        self.stack().codebuild.call("CreateProject", input).await.expect("the project is fine");
    }

    pub async fn developer(&self, operation: &str, input: Value) -> Result<Value, ApiFailure> {
        self.stack().call(operation, input, DEVELOPER).await
    }

    /// A call of an embedded service by the owner of its data.
    pub async fn owner(&self, target: &str, input: Value) {
        let (service, region) = (target.split('_').next().unwrap_or_default().to_lowercase(), "us-east-1");
        let owner = format!("AWS4-HMAC-SHA256 Credential=owner/19700101/{region}/{service}/aws4_request");
        let request = http::Request::post("https://localhost/")
            .header("x-amz-target", target)
            .header("authorization", owner)
            .body(input.to_string().into());
        let answer = self.stack().aws().answer(request.expect("a request")).await.expect("an answer");
        assert!(answer.status().is_success(), "{target}: {:?}", answer.body());
    }

    pub async fn create(&self, pipeline: &Value) -> Result<Value, ApiFailure> {
        self.developer("CreatePipeline", json!({ "pipeline": pipeline })).await
    }

    pub async fn edit(&self, pipeline: &Value) {
        let edited = self.developer("UpdatePipeline", json!({ "pipeline": pipeline })).await;
        edited.expect("the new version is fine");
    }

    pub async fn start(&self) -> String {
        self.start_with(json!({})).await.expect("the execution starts")
    }

    /// With further members of the request.
    pub async fn start_with(&self, mut input: Value) -> Result<String, ApiFailure> {
        if input["name"].is_null() {
            input["name"] = json!(PIPELINE);
        }
        let started = self.developer("StartPipelineExecution", input).await?;
        Ok(started["pipelineExecutionId"].as_str().expect("an id").to_owned())
    }

    pub async fn stop(&self, id: &str, abandon: bool) -> Result<Value, ApiFailure> {
        let input = json!({
            "pipelineName": PIPELINE, "pipelineExecutionId": id, "abandon": abandon, "reason": "wrong day",
        });
        self.developer("StopPipelineExecution", input).await
    }

    pub async fn retry(&self, id: &str, stage: &str, mode: &str) -> Result<Value, ApiFailure> {
        let input = json!({
            "pipelineName": PIPELINE, "pipelineExecutionId": id, "stageName": stage, "retryMode": mode,
        });
        self.developer("RetryStageExecution", input).await
    }

    pub async fn shut_transition_into(&self, stage: &str) {
        let input = json!({
            "pipelineName": PIPELINE, "stageName": stage, "transitionType": "Inbound", "reason": "inventory",
        });
        self.developer("DisableStageTransition", input).await.expect("the transition shuts");
    }

    pub async fn open_transition_into(&self, stage: &str) {
        let input = json!({ "pipelineName": PIPELINE, "stageName": stage, "transitionType": "Inbound" });
        self.developer("EnableStageTransition", input).await.expect("the transition opens");
    }

    /// Waits for the approval `name` of an execution and answers with its token.
    pub async fn approval_of(&self, id: &str, name: &str) -> String {
        let is_there = |action: &Action| action.status == "InProgress" && !action.external_id().is_empty();
        self.until_action(id, name, is_there).await.external_id().to_owned()
    }

    /// `answer` is Approved or Rejected; stage and action have the name `name`.
    pub async fn answer(&self, name: &str, token: &str, answer: &str) -> Result<Value, ApiFailure> {
        let input = json!({
            "pipelineName": PIPELINE, "stageName": name, "actionName": name, "token": token,
            "result": { "status": answer, "summary": format!("{answer} by hand") },
        });
        self.stack().call("PutApprovalResult", input, APPROVER).await
    }

    pub async fn execution(&self, id: &str) -> Value {
        self.execution_of(PIPELINE, id).await
    }

    async fn execution_of(&self, pipeline: &str, id: &str) -> Value {
        let input = json!({ "pipelineName": pipeline, "pipelineExecutionId": id });
        let answer = self.developer("GetPipelineExecution", input).await.expect("the execution is known");
        answer["pipelineExecution"].clone()
    }

    /// Of an execution of another pipeline.
    pub async fn status_of(&self, pipeline: &str, id: &str) -> String {
        self.execution_of(pipeline, id).await["status"].as_str().unwrap_or_default().to_owned()
    }

    pub async fn status(&self, id: &str) -> String {
        self.execution(id).await["status"].as_str().unwrap_or_default().to_owned()
    }

    /// Oldest first.
    pub async fn actions(&self, id: &str) -> Vec<Action> {
        let input = json!({ "pipelineName": PIPELINE, "filter": { "pipelineExecutionId": id } });
        let answer = self.developer("ListActionExecutions", input).await.expect("the execution is known");
        let details = answer["actionExecutionDetails"].as_array().cloned().unwrap_or_default();
        details.iter().rev().map(Action::of).collect()
    }

    /// `Stage/Action status` of each action execution, oldest first.
    pub async fn story(&self, id: &str) -> Vec<String> {
        let actions = self.actions(id).await;
        actions.iter().map(|action| format!("{}/{} {}", action.stage, action.name, action.status)).collect()
    }

    /// The latest execution of the action `name`.
    pub async fn action(&self, id: &str, name: &str) -> Action {
        let mut actions = self.actions(id).await;
        actions.retain(|action| action.name == name);
        actions.pop().unwrap_or_else(|| panic!("no action {name} has begun"))
    }

    /// Waits for the end of an execution and answers with its status.
    pub async fn end(&self, id: &str) -> String {
        let ended = async || {
            let status = self.status(id).await;
            (!["InProgress", "Stopping"].contains(&status.as_str())).then_some(status)
        };
        self.until(id, "its end", ended).await
    }

    pub async fn until_action(&self, id: &str, name: &str, is_so: impl Fn(&Action) -> bool) -> Action {
        let found = async || {
            let actions = self.actions(id).await;
            actions.into_iter().rev().find(|action| action.name == name && is_so(action))
        };
        self.until(id, &format!("the action {name}"), found).await
    }

    /// Looks until there is something to be seen.
    pub async fn until<T, F: Future<Output = Option<T>>>(
        &self,
        id: &str,
        what: &str,
        look: impl Fn() -> F,
    ) -> T {
        let looking = async {
            loop {
                if let Some(seen) = look().await {
                    return seen;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(seen) => seen,
            Err(_) => {
                panic!("waited too long for {what}: {} {:#?}", self.execution(id).await, self.story(id).await)
            }
        }
    }

    pub async fn log_of(&self, action: &Action) -> String {
        let url = action.detail["output"]["executionResult"]["externalExecutionUrl"].as_str();
        let path = self.stack().log_path(action.external_id(), url).expect("the action has a log");
        fs::read_to_string(path).expect("the log can be read")
    }
}
