//! The Lambda API, as far as it is here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use local_process::{Stop, StopReason, marked_processes};
use local_service::{
    ApiError, BoxFuture, LockedDirectory, OpenError, Service, read_record, write_declared, write_record,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::command::Run;
use crate::input::{InvocationType, Invoke, not_found, read};
use crate::{Function, FunctionError, InvalidFunction, Runs, url};

pub struct Settings {
    pub region: String,
    pub account_id: String,
    /// What commands find in their environment besides what Lambda gives them.
    pub environment: BTreeMap<String, String>,
    pub ends: Option<Arc<dyn Ends>>,
}

/// Who is told how asynchronous invocations ended, as a destination is.
pub trait Ends: Send + Sync + 'static {
    /// Told again after a crash until it has returned once.
    fn ended<'a>(&'a self, end: &'a End) -> BoxFuture<'a, ()>;
}

/// What is known only when others have started, asked for each invocation: an endpoint that was opened, and
/// keys for it that do not live long.
pub type Surroundings = Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

/// How an asynchronous invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    pub request_id: String,
    pub function_name: String,
    /// Whether it was a command of this host: when it has ended, nobody goes on with its work.
    pub was_command: bool,
    /// The event.
    pub payload: Value,
    pub answer: Result<Value, FunctionError>,
}

/// Clones are one service.
#[derive(Clone)]
pub struct LocalLambda(Arc<Inner>);

struct Inner {
    directory: LockedDirectory,
    settings: Settings,
    surroundings: Mutex<Option<Surroundings>>,
    functions: Mutex<BTreeMap<String, Function>>,
    http: reqwest::Client,
    stop: Stop,
    running: Mutex<usize>,
    ended: Notify,
}

/// An asynchronous invocation that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Accepted {
    request_id: String,
    function_name: String,
    was_command: bool,
    payload: Value,
}

const FUNCTIONS: &str = "functions.json";
/// In the environment of every command: what finds its processes when ours has died.
const REQUEST_ID: &str = "AWS_LAMBDA_REQUEST_ID";

impl LocalLambda {
    /// # Errors
    /// [`OpenError::InUse`] when another process has the directory open.
    pub fn open(directory: &Path, settings: Settings) -> Result<Self, OpenError> {
        let directory = LockedDirectory::open(directory)?;
        // What is in there belongs to commands of a dead process.
        let events = directory.join("events");
        if events.exists() {
            fs::remove_dir_all(&events).map_err(OpenError::io(&events))?;
        }
        let functions = read_record(&directory.join(FUNCTIONS))?.unwrap_or_default();
        let http = url::client().map_err(|error| OpenError::Unreadable {
            path: directory.path().to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self(Arc::new(Inner {
            directory,
            settings,
            surroundings: Mutex::default(),
            functions: Mutex::new(functions),
            http,
            stop: Stop::new(),
            running: Mutex::new(0),
            ended: Notify::new(),
        })))
    }

    /// Adds a function, or changes it for later invocations. It is kept.
    ///
    /// # Errors
    /// What is wrong with it, or with the disk.
    pub fn define(&self, function: Function) -> Result<(), InvalidFunction> {
        function.check()?;
        let mut functions = lock(&self.0.functions);
        let name = function.name.clone();
        functions.insert(name.clone(), function);
        let path = self.0.directory.join(FUNCTIONS);
        write_declared(&path, &*functions)
            .map_err(|error| InvalidFunction { name, problem: format!("{}: {error}", path.display()) })
    }

    /// Says what commands find in their environment besides, from now on.
    pub fn surround_with(&self, surroundings: Surroundings) {
        *lock(&self.0.surroundings) = Some(surroundings);
    }

    /// Ends what commands of a dead process left running, and tells the ends of their invocations. To be
    /// called once, when whoever is told can be.
    pub async fn tell_interrupted(&self) {
        for path in self.0.invocations() {
            match read_record::<Accepted>(&path) {
                Ok(Some(accepted)) => {
                    for process in marked_processes(REQUEST_ID, |id| id == accepted.request_id) {
                        process.kill(REQUEST_ID);
                    }
                    let message = "The function was interrupted: the local Lambda ended while it ran.";
                    let answer = Err(FunctionError::new("Runtime.Unknown", message));
                    self.0.tell(accepted, answer).await;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "an invocation cannot be read, and is passed over"),
            }
        }
    }

    /// Where the log of an invocation is.
    pub fn log_path(&self, function_name: &str, request_id: &str) -> PathBuf {
        self.0.log_path(function_name, request_id)
    }

    /// Ends the commands that run, and returns when their ends are told.
    pub async fn shutdown(&self) {
        self.0.stop.request(StopReason::ServiceEnded);
        loop {
            let ended = self.0.ended.notified();
            if *lock(&self.0.running) == 0 {
                return;
            }
            ended.await;
        }
    }

    fn invoke(&self, invoke: &Invoke) -> Result<(Function, String), ApiError> {
        let name = &invoke.function_name;
        let function = lock(&self.0.functions).get(name).cloned().ok_or_else(|| {
            let Settings { region, account_id, .. } = &self.0.settings;
            not_found(format!("Function not found: arn:aws:lambda:{region}:{account_id}:function:{name}"))
        })?;
        #[expect(clippy::disallowed_methods, reason = "this is the place that draws request ids")]
        let request_id = Uuid::new_v4().to_string();
        Ok((function, request_id))
    }

    fn accept(&self, function: Function, request_id: String, payload: Value) -> Result<(), ApiError> {
        let runtime = Handle::try_current().map_err(|error| ApiError::internal(error.to_string()))?;
        let accepted = Accepted {
            request_id,
            function_name: function.name.clone(),
            was_command: matches!(function.runs, Runs::Command { .. }),
            payload,
        };
        let path = self.0.invocation_path(&accepted.request_id);
        let written = write_record(&path, &accepted);
        written.map_err(|error| ApiError::internal(format!("{}: {error}", path.display())))?;
        *lock(&self.0.running) += 1;
        let inner = self.0.clone();
        runtime.spawn(async move {
            let running = Running(inner.clone());
            let answer = inner.run(&function, &accepted.request_id, &accepted.payload).await;
            inner.tell(accepted, answer).await;
            drop(running);
        });
        Ok(())
    }
}

/// Counts itself out, also when a panic ends it.
struct Running(Arc<Inner>);

impl Drop for Running {
    fn drop(&mut self) {
        *lock(&self.0.running) -= 1;
        self.0.ended.notify_waiters();
    }
}

impl Inner {
    async fn run(
        &self,
        function: &Function,
        request_id: &str,
        event: &Value,
    ) -> Result<Value, FunctionError> {
        let timeout = Duration::from_secs(function.timeout_seconds);
        match &function.runs {
            Runs::Url(url) => url::answer(&self.http, url, event, timeout).await,
            Runs::Command { command, directory } => {
                let run = Run {
                    command,
                    directory,
                    environment: self.environment(function, request_id),
                    timeout,
                    event,
                    event_path: self.directory.join("events").join(format!("{request_id}.json")),
                    log_path: self.log_path(&function.name, request_id),
                    stop: &self.stop,
                };
                run.answer().await
            }
        }
    }

    /// The function's own variables come last: they are what its owner wants.
    fn environment(&self, function: &Function, request_id: &str) -> Vec<(String, String)> {
        let region = &self.settings.region;
        let of_lambda = [
            ("AWS_REGION", region.as_str()),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            (REQUEST_ID, request_id),
        ];
        let of_lambda = of_lambda.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = self.settings.environment.clone();
        let surroundings = lock(&self.surroundings).clone();
        let surroundings = surroundings.map(|surroundings| surroundings()).unwrap_or_default();
        let own = function.environment.clone();
        settings.into_iter().chain(of_lambda).chain(surroundings).chain(own).collect()
    }

    async fn tell(&self, accepted: Accepted, answer: Result<Value, FunctionError>) {
        let path = self.invocation_path(&accepted.request_id);
        let Accepted { request_id, function_name, was_command, payload } = accepted;
        if let Some(ends) = &self.settings.ends {
            ends.ended(&End { request_id, function_name, was_command, payload, answer }).await;
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::error!(%error, path = %path.display(), "an invocation that was told is told again");
        }
    }

    fn invocation_path(&self, request_id: &str) -> PathBuf {
        self.directory.join("invocations").join(format!("{request_id}.json"))
    }

    fn log_path(&self, function_name: &str, request_id: &str) -> PathBuf {
        self.directory.join("logs").join(function_name).join(format!("{request_id}.log"))
    }

    fn invocations(&self) -> Vec<PathBuf> {
        let listed = fs::read_dir(self.directory.join("invocations")).into_iter().flatten().flatten();
        let paths = listed.map(|entry| entry.path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
    }
}

impl Service for LocalLambda {
    /// `Invoke` answers with `StatusCode`, `Payload` (JSON) and `FunctionError`.
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            if operation != "Invoke" {
                return Err(ApiError::unsupported("Lambda", operation));
            }
            let invoke = read(&input)?;
            let (function, request_id) = self.invoke(&invoke)?;
            match invoke.invocation_type {
                InvocationType::DryRun => Ok(json!({ "StatusCode": 204 })),
                InvocationType::Event => {
                    self.accept(function, request_id, invoke.payload)?;
                    Ok(json!({ "StatusCode": 202 }))
                }
                InvocationType::RequestResponse => {
                    let answer = self.0.run(&function, &request_id, &invoke.payload).await;
                    Ok(match answer {
                        Ok(payload) => json!({ "StatusCode": 200, "Payload": payload }),
                        Err(error) => {
                            json!({ "StatusCode": 200, "FunctionError": "Unhandled", "Payload": error })
                        }
                    })
                }
            }
        })
    }
}

/// What is behind these locks is replaced in whole steps, so a panic elsewhere leaves nothing half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
