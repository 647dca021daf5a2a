//! One step: something happened, the branches it concerns move on.

use local_service::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use super::branch::BranchId;
use super::execution::{Execution, Outcome};
use crate::failure::Failure;

/// What can happen to an execution. The lines of its journal after the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "camelCase")]
pub(crate) enum Input {
    FunctionReturned {
        task: u64,
        output: Value,
    },
    FunctionFailed {
        task: u64,
        error: String,
        cause: String,
    },
    /// SendTaskSuccess.
    TokenSucceeded {
        task: u64,
        output: Value,
    },
    /// SendTaskFailure.
    TokenFailed {
        task: u64,
        error: Option<String>,
        cause: Option<String>,
    },
    /// SendTaskHeartbeat.
    Heartbeat {
        task: u64,
    },
    /// A time that [`Execution::next_deadline`] gave has come.
    DeadlineReached,
    /// StopExecution.
    Stopped {
        error: Option<String>,
        cause: Option<String>,
    },
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    InvokeFunction { task: u64, function: String, payload: Value },
}

/// A move that is due now; moves wait in a queue so that a long chain of states needs no stack.
#[derive(Debug)]
pub(super) enum Ready {
    Enter { branch: BranchId, state: String, input: Arc<Value> },
    Run { branch: BranchId },
}

impl Execution {
    /// Takes in what happened at `now`; gives the functions to invoke. Once ended, nothing changes.
    pub(crate) fn step(&mut self, input: Input, now: Timestamp) -> Vec<Command> {
        if self.ended.is_some() {
            return Vec::new();
        }
        // A clock that was set back must not turn the history around.
        self.now = self.now.max(now);
        match input {
            Input::FunctionReturned { task, output } => self.function_returned(task, output),
            Input::FunctionFailed { task, error, cause } => {
                self.task_failed(task, Failure::new(error, cause))
            }
            Input::TokenSucceeded { task, output } => self.task_succeeded(task, output),
            Input::TokenFailed { task, error, cause } => {
                self.task_failed(task, Failure::new(error.unwrap_or_default(), cause.unwrap_or_default()));
            }
            Input::Heartbeat { task } => self.heartbeat(task),
            Input::DeadlineReached => self.deadlines_reached(),
            Input::Stopped { error, cause } => {
                self.abort_everything();
                self.end(Outcome::Aborted { error, cause });
            }
        }
        self.drain();
        std::mem::take(&mut self.commands)
    }

    pub(super) fn drain(&mut self) {
        while let Some(ready) = self.ready.pop_front() {
            match ready {
                Ready::Enter { branch, state, input } => self.enter(branch, &state, input),
                Ready::Run { branch } => self.run(branch),
            }
            if self.history.is_full() && self.ended.is_none() {
                self.end(Outcome::Failed {
                    error: Some("States.Runtime".to_owned()),
                    cause: Some(
                        "The execution reached the maximum number of history events (25000).".to_owned(),
                    ),
                });
            }
        }
        if self.ended.is_some() {
            self.commands.clear();
        }
    }
}
