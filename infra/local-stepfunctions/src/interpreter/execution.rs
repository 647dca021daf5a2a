//! One execution: what it was started with and where it stands.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use local_service::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::branch::{Activity, Branch, BranchId};
use super::history::{History, HistoryEvent};
use super::step::{Command, Ready};
use crate::data::{Context, Data};
use crate::definition::Machine;
use crate::failure::Failure;
use crate::randomness::Randomness;
use crate::timestamp;

/// What an execution is started with. The first line of its journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    pub(crate) execution_arn: String,
    pub(crate) execution_name: String,
    pub(crate) machine_arn: String,
    pub(crate) machine_name: String,
    pub(crate) role_arn: String,
    pub(crate) region: String,
    /// The JSON text as it was given.
    pub(crate) input: String,
    /// Tokens, UUIDs and jitter are derived from it.
    pub(crate) seed: String,
    pub(crate) at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Succeeded { output: String },
    Failed { error: Option<String>, cause: Option<String> },
    TimedOut,
    Aborted { error: Option<String>, cause: Option<String> },
}

#[derive(Debug)]
pub(crate) struct Execution {
    pub(super) machine: Arc<Machine>,
    pub(super) start: Start,
    pub(super) input: Arc<Value>,
    pub(super) random: Randomness,
    pub(super) now: Timestamp,
    pub(super) ended: Option<(Outcome, Timestamp)>,
    pub(super) history: History,
    pub(super) branches: BTreeMap<BranchId, Branch>,
    pub(super) next_branch: BranchId,
    pub(super) ready: VecDeque<Ready>,
    pub(super) commands: Vec<Command>,
    pub(super) counts: Counts,
}

/// What an execution costs on AWS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// States entered plus retries: what Standard workflows are billed by.
    pub state_transitions: u64,
    /// Lambda functions invoked, retries included.
    pub function_invocations: u64,
}

impl Execution {
    pub(crate) fn start(machine: Arc<Machine>, start: Start) -> (Self, Vec<Command>) {
        let input: Value = serde_json::from_str(&start.input).unwrap_or_default();
        let mut execution = Self {
            random: Randomness::new(&start.seed),
            now: start.at,
            input: Arc::new(input),
            ended: None,
            history: History::default(),
            branches: BTreeMap::new(),
            next_branch: 0,
            ready: VecDeque::new(),
            commands: Vec::new(),
            counts: Counts::default(),
            machine,
            start,
        };
        let details = json!({ "input": execution.start.input, "roleArn": execution.start.role_arn });
        execution.history.append(0, execution.now, "ExecutionStarted".to_owned(), details);
        let (graph, input) = (execution.machine.graph.clone(), execution.input.clone());
        execution.open_branch(None, graph, input, None, 0);
        execution.drain();
        let commands = std::mem::take(&mut execution.commands);
        (execution, commands)
    }

    pub(crate) fn started_with(&self) -> &Start {
        &self.start
    }

    /// How and when the execution ended; `None` while it runs.
    pub(crate) fn ended(&self) -> Option<&(Outcome, Timestamp)> {
        self.ended.as_ref()
    }

    pub(crate) fn history(&self) -> &[HistoryEvent] {
        self.history.events()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The invocations whose functions have not answered yet.
    pub(crate) fn open_invocations(&self) -> Vec<Command> {
        let open = self.branches.values().filter_map(|branch| match &branch.activity {
            Activity::Task(task) => task.invocation.clone(),
            _ => None,
        });
        open.collect()
    }

    /// The task that waits for `token`.
    pub(crate) fn task_of_token(&self, token: &str) -> Option<u64> {
        self.branches.values().find_map(|branch| match &branch.activity {
            Activity::Task(task) if task.token.as_deref() == Some(token) => Some(task.id),
            _ => None,
        })
    }

    /// Whether the task is still open: an answer that comes too late changes nothing.
    pub(crate) fn has_task(&self, task: u64) -> bool {
        self.branch_of_task(task).is_some()
    }

    pub(super) fn branch_of_task(&self, id: u64) -> Option<BranchId> {
        let mut branches = self.branches.iter();
        let found =
            branches.find(|(_, branch)| matches!(&branch.activity, Activity::Task(task) if task.id == id));
        found.map(|(branch, _)| *branch)
    }

    /// Evaluates paths and templates of a branch's current state over `input`.
    pub(super) fn evaluate<T>(
        &mut self,
        branch: BranchId,
        input: &Value,
        evaluate: impl FnOnce(Data<'_>, &mut Randomness) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut random = self.random;
        let build = || self.context_object(branch);
        let result = evaluate(Data { input, context: &Context::new(&build) }, &mut random);
        self.random = random;
        result
    }

    /// <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>
    fn context_object(&self, branch: BranchId) -> Value {
        let start = &self.start;
        let mut context = json!({
            "Execution": {
                "Id": start.execution_arn,
                "Input": *self.input,
                "Name": start.execution_name,
                "RoleArn": start.role_arn,
                "StartTime": timestamp::format(start.at),
                "RedriveCount": 0,
            },
            "StateMachine": { "Id": start.machine_arn, "Name": start.machine_name },
        });
        if let Some(branch) = self.branches.get(&branch) {
            context["State"] = json!({
                "EnteredTime": timestamp::format(branch.entered_at),
                "Name": branch.state.name,
                "RetryCount": branch.retry_count,
            });
            if let Some(token) = &branch.token {
                context["Task"] = json!({ "Token": token });
            }
            if let Some(item) = &branch.item {
                context["Map"] = json!({ "Item": { "Index": item.index, "Value": item.value } });
            }
        }
        context
    }
}
