//! Task states: Lambda functions, invoked and waited for.

use std::sync::Arc;

use local_service::Timestamp;
use serde_json::{Map, Value, json};

use super::branch::{Activity, BranchId};
use super::deadlines::after;
use super::execution::Execution;
use super::step::Command;
use super::{DATA_LIMIT_BYTES, branch};
use crate::definition::{Kind, Resource, State};
use crate::failure::Failure;

#[derive(Debug)]
pub(super) struct OpenTask {
    /// The id of the event that scheduled the task.
    pub(super) id: u64,
    pub(super) token: Option<String>,
    /// The function's invocation, until it answers.
    pub(super) invocation: Option<Command>,
    pub(super) timeout_at: Option<Timestamp>,
    pub(super) heartbeat_at: Option<Timestamp>,
    heartbeat_seconds: Option<u64>,
    integration: Integration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Integration {
    /// A function's ARN as the resource: `LambdaFunction…` events.
    Function,
    /// `lambda:invoke`: `Task…` events.
    Invoke,
    InvokeAndWait,
}

impl Integration {
    fn of(resource: &Resource) -> Self {
        match resource {
            Resource::Function(_) => Self::Function,
            Resource::LambdaInvoke { waits_for_token: false } => Self::Invoke,
            Resource::LambdaInvoke { waits_for_token: true } => Self::InvokeAndWait,
        }
    }

    fn event(self, what: &str) -> String {
        match self {
            Self::Function => format!("LambdaFunction{what}"),
            Self::Invoke | Self::InvokeAndWait => format!("Task{what}"),
        }
    }

    /// The fields that are in the details of every event of the task.
    fn details(self) -> Map<String, Value> {
        let resource = match self {
            Self::Function => return Map::new(),
            Self::Invoke => "invoke",
            Self::InvokeAndWait => "invoke.waitForTaskToken",
        };
        Map::from_iter([
            ("resourceType".to_owned(), Value::from("lambda")),
            ("resource".to_owned(), Value::from(resource)),
        ])
    }

    fn details_with(self, more: Value) -> Value {
        let mut details = self.details();
        if let Value::Object(more) = more {
            details.extend(more);
        }
        details.into()
    }
}

impl Execution {
    pub(super) fn schedule_task(
        &mut self,
        id: BranchId,
        state: &State,
        input: Arc<Value>,
    ) -> Result<(), Failure> {
        let Kind::Task { work, resource, timeout, heartbeat } = &state.kind else { return Ok(()) };
        let integration = Integration::of(resource);
        let token = (integration == Integration::InvokeAndWait).then(|| self.new_token());
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.token.clone_from(&token);
        }
        let timeout = timeout.as_ref().map(|seconds| self.number(id, seconds, 1, &input)).transpose()?;
        let heartbeat = heartbeat.as_ref().map(|seconds| self.number(id, seconds, 1, &input)).transpose()?;
        let parameters = self.apply_template(id, work.parameters.as_ref(), input)?;
        let text = parameters.to_string();
        if text.len() > DATA_LIMIT_BYTES {
            return Err(Failure::data_limit(&format!("input of the task '{}'", state.name)));
        }
        let (function, payload) = invocation(resource, &parameters)?;
        let mut details = match resource {
            Resource::Function(arn) => json!({ "resource": arn, "input": text }),
            Resource::LambdaInvoke { .. } => {
                integration.details_with(json!({ "region": self.start.region, "parameters": text }))
            }
        };
        for (name, seconds) in [("timeoutInSeconds", timeout), ("heartbeatInSeconds", heartbeat)] {
            if let Some(seconds) = seconds {
                details[name] = seconds.into();
            }
        }
        let task = self.emit(id, integration.event("Scheduled"), details);
        let started = match integration {
            Integration::Function => Value::Null,
            _ => integration.details().into(),
        };
        self.emit(id, integration.event("Started"), started);
        self.counts.function_invocations += 1;
        let command = Command::InvokeFunction { task, function, payload };
        self.commands.push(command.clone());
        let open = OpenTask {
            id: task,
            token,
            invocation: Some(command),
            timeout_at: timeout.map(|seconds| after(self.now, seconds)),
            heartbeat_at: heartbeat.map(|seconds| after(self.now, seconds)),
            heartbeat_seconds: heartbeat,
            integration,
        };
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.activity = Activity::Task(Box::new(open));
        }
        Ok(())
    }

    /// Opaque to everyone but the service, which reads the execution's ARN after the bar.
    fn new_token(&mut self) -> String {
        let random: String = self.random.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        crate::task_token::encode(&random, &self.start.execution_arn)
    }

    pub(super) fn function_returned(&mut self, task: u64, output: Value) {
        let Some((id, open)) = self.open_task(task) else { return };
        open.invocation = None;
        let integration = open.integration;
        let output = match integration {
            Integration::Function => output,
            Integration::Invoke | Integration::InvokeAndWait => self.invoke_output(output),
        };
        if integration != Integration::InvokeAndWait {
            return self.task_succeeded(task, output);
        }
        let text = output.to_string();
        if text.len() > DATA_LIMIT_BYTES {
            return self.task_failed(task, Failure::data_limit("answer of the function"));
        }
        let details = integration.details_with(json!({ "output": text }));
        self.emit(id, "TaskSubmitted", details);
    }

    /// What the Lambda integration makes of an answer.
    fn invoke_output(&mut self, payload: Value) -> Value {
        json!({
            "ExecutedVersion": "$LATEST",
            "Payload": payload,
            "SdkHttpMetadata": { "HttpStatusCode": 200 },
            "SdkResponseMetadata": { "RequestId": self.random.uuid() },
            "StatusCode": 200,
        })
    }

    pub(super) fn task_succeeded(&mut self, task: u64, output: Value) {
        let Some((id, open)) = self.open_task(task) else { return };
        let integration = open.integration;
        let text = output.to_string();
        if text.len() > DATA_LIMIT_BYTES {
            return self.task_failed(task, Failure::data_limit("result of the task"));
        }
        self.close_task(id);
        self.emit(id, integration.event("Succeeded"), integration.details_with(json!({ "output": text })));
        self.complete(id, output);
    }

    pub(super) fn task_failed(&mut self, task: u64, failure: Failure) {
        let Some((id, open)) = self.open_task(task) else { return };
        let integration = open.integration;
        self.close_task(id);
        let details = json!({ "error": failure.error, "cause": failure.cause });
        self.emit(id, integration.event("Failed"), integration.details_with(details));
        self.state_failed(id, failure);
    }

    pub(super) fn task_timed_out(&mut self, id: BranchId, task: &OpenTask, failure: Failure) {
        self.close_task(id);
        let details = task.integration.details_with(json!({ "error": failure.reported_error() }));
        self.emit(id, task.integration.event("TimedOut"), details);
        self.state_failed(id, failure);
    }

    pub(super) fn heartbeat(&mut self, task: u64) {
        let now = self.now;
        if let Some((_, open)) = self.open_task(task) {
            open.heartbeat_at = open.heartbeat_seconds.map(|seconds| after(now, seconds));
        }
    }

    fn open_task(&mut self, task: u64) -> Option<(BranchId, &mut OpenTask)> {
        let id = self.branch_of_task(task)?;
        match &mut self.branches.get_mut(&id)?.activity {
            branch::Activity::Task(open) => Some((id, open)),
            _ => None,
        }
    }

    fn close_task(&mut self, id: BranchId) {
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.activity = Activity::None;
            branch.token = None;
        }
    }
}

/// The function and its payload.
fn invocation(resource: &Resource, parameters: &Value) -> Result<(String, Value), Failure> {
    match resource {
        Resource::Function(arn) => Ok((arn.clone(), parameters.clone())),
        Resource::LambdaInvoke { .. } => {
            let function = parameters.get("FunctionName").and_then(Value::as_str);
            let function =
                function.ok_or_else(|| Failure::runtime("The parameter FunctionName must be a string"))?;
            let payload = parameters.get("Payload").cloned().unwrap_or_else(|| json!({}));
            Ok((function.to_owned(), payload))
        }
    }
}
