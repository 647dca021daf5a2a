//! A service on a temporary directory, with functions that the test writes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use local_service::{AdjustableClock, ApiError, BoxFuture, EventSink, Service as _};
use local_stepfunctions::{FunctionError, LambdaInvoker, LocalStepFunctions, OpenError, Place, Surroundings};
use serde_json::{Value, json};
use tempfile::TempDir;

pub type Answer = Result<Value, FunctionError>;
type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Answer> + Send + Sync>;

#[derive(Default)]
pub struct Functions {
    handlers: Mutex<HashMap<String, Handler>>,
    calls: Mutex<Vec<(String, Value)>>,
}

impl Functions {
    pub fn answer(&self, name: &str, answer: impl Fn(Value) -> Answer + Send + Sync + 'static) {
        let answer = Arc::new(answer);
        let handler = move |payload| {
            let answer = answer.clone();
            async move { answer(payload) }.boxed()
        };
        self.handle(name, Arc::new(handler));
    }

    fn handle(&self, name: &str, handler: Handler) {
        self.handlers.lock().expect("handlers").insert(name.to_owned(), handler);
    }
}

impl LambdaInvoker for Functions {
    fn invoke<'a>(&'a self, function: &'a str, payload: Value) -> BoxFuture<'a, Answer> {
        self.calls.lock().expect("calls").push((function.to_owned(), payload.clone()));
        let handler = self.handlers.lock().expect("handlers").get(function).cloned();
        match handler {
            Some(handler) => handler(payload),
            None => async { Err(error("Lambda.ResourceNotFoundException", "no such function")) }.boxed(),
        }
    }
}

pub fn error(error_type: &str, message: &str) -> FunctionError {
    let cause = json!({ "errorMessage": message, "errorType": error_type }).to_string();
    FunctionError { error_type: error_type.to_owned(), cause }
}

/// What EventBridge would get.
#[derive(Default)]
pub struct Events(Mutex<Vec<Value>>);

impl EventSink for Events {
    fn put_event(&self, event: Value) {
        self.0.lock().expect("events").push(event);
    }
}

impl Events {
    pub fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().expect("events"))
    }
}

pub struct Stack {
    directory: TempDir,
    pub clock: Arc<AdjustableClock>,
    functions: Arc<Functions>,
    pub events: Arc<Events>,
    service: Option<LocalStepFunctions>,
}

impl Stack {
    pub fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut stack = Self {
            directory,
            clock: Arc::new(AdjustableClock::default()),
            functions: Arc::new(Functions::default()),
            events: Arc::new(Events::default()),
            service: None,
        };
        stack.start().unwrap_or_else(|error| panic!("{error}"));
        stack
    }

    fn start(&mut self) -> Result<(), OpenError> {
        let (functions, clock) = (self.functions.clone(), self.clock.clone());
        let events = Some(self.events.clone() as Arc<dyn EventSink>);
        let path = self.directory.path();
        let service = {
            let surroundings = Surroundings { events, ..Surroundings::default() };
            LocalStepFunctions::open_in(path, Place::default(), functions, clock, surroundings)?
        };
        self.service = Some(service);
        Ok(())
    }

    /// Ends the service without any goodbye.
    pub fn kill(&mut self) {
        self.service = None;
    }

    /// What is left of the old process is gone: open the directory again.
    pub fn restart(&mut self) {
        self.try_restart().unwrap_or_else(|error| panic!("{error}"));
    }

    pub fn try_restart(&mut self) -> Result<(), OpenError> {
        self.kill();
        self.start()
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub fn service(&self) -> &LocalStepFunctions {
        self.service.as_ref().expect("the service is open")
    }

    pub fn function(&self, name: &str, answer: impl Fn(Value) -> Answer + Send + Sync + 'static) {
        self.functions.answer(name, answer);
    }

    pub fn async_function(
        &self,
        name: &str,
        handler: impl Fn(Value) -> BoxFuture<'static, Answer> + Send + Sync + 'static,
    ) {
        self.functions.handle(name, Arc::new(handler));
    }

    /// The payloads that a function was invoked with.
    pub fn calls(&self, function: &str) -> Vec<Value> {
        let calls = self.functions.calls.lock().expect("calls");
        calls.iter().filter(|(name, _)| name == function).map(|(_, payload)| payload.clone()).collect()
    }

    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.service().call(operation, input).await
    }

    pub async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// The exception's name.
    pub async fn refused(&self, operation: &str, input: Value) -> String {
        match self.call(operation, input).await {
            Ok(answer) => panic!("{operation} was not refused: {answer}"),
            Err(error) => error.code,
        }
    }

    pub async fn create(&self, name: &str, definition: &Value) -> String {
        let input =
            json!({ "name": name, "definition": definition.to_string(), "roleArn": "arn:aws:iam::1:role/r" });
        text(&self.ok("CreateStateMachine", input).await["stateMachineArn"])
    }

    pub async fn start_execution(&self, machine: &str, name: &str, input: &Value) -> String {
        let input = json!({ "stateMachineArn": machine, "name": name, "input": input.to_string() });
        text(&self.ok("StartExecution", input).await["executionArn"])
    }

    pub async fn ended(&self, execution: &str) -> Value {
        loop {
            let description = self.ok("DescribeExecution", json!({ "executionArn": execution })).await;
            if description["status"] != "RUNNING" {
                return description;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until `function` was invoked `count` times; gives the last payload.
    pub async fn called(&self, function: &str, count: usize) -> Value {
        loop {
            let calls = self.calls(function);
            if calls.len() >= count {
                return calls[count - 1].clone();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub async fn history(&self, execution: &str) -> Vec<Value> {
        let input = json!({ "executionArn": execution, "maxResults": 1000 });
        let answer = self.ok("GetExecutionHistory", input).await;
        answer["events"].as_array().expect("events").clone()
    }

    pub async fn event_types(&self, execution: &str) -> Vec<String> {
        self.history(execution).await.iter().map(|event| text(&event["type"])).collect()
    }

    /// Waits until an event of this type is in the history.
    pub async fn happened(&self, execution: &str, event_type: &str) {
        while !self.event_types(execution).await.iter().any(|happened| happened == event_type) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string")).to_owned()
}

/// The JSON inside a JSON string.
pub fn inner(value: &Value) -> Value {
    serde_json::from_str(&text(value)).expect("JSON text")
}
