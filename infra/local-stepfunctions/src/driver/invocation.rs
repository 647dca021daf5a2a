//! Functions that run.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use serde_json::Value;

use super::executions::Unaccepted;
use super::invoker::FunctionError;
use super::open::{Inner, lock};
use crate::interpreter::{Command, Input};

/// Between two attempts to record an answer.
const UNTIL_THERE_IS_SPACE: Duration = Duration::from_secs(1);

impl Inner {
    /// Invokes the function in a task of its own, which feeds its answer back. The task does not
    /// keep the service open.
    pub(super) fn invoke(self: &Arc<Self>, execution: Arc<str>, command: Command) {
        let Command::InvokeFunction { task, function, payload } = command;
        let (invoker, service) = (self.invoker.clone(), Arc::downgrade(self));
        let invocation = async move {
            let answer = AssertUnwindSafe(invoker.invoke(&function, payload)).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| Err(crashed()));
            while let Some(service) = service.upgrade() {
                if service.is_answer_recorded(&execution, task, &answer) {
                    return;
                }
                drop(service);
                tokio::time::sleep(UNTIL_THERE_IS_SPACE).await;
            }
        };
        let mut invocations = lock(&self.invocations);
        while invocations.try_join_next().is_some() {}
        invocations.spawn_on(invocation, &self.runtime);
        local_service::hand_over(&self.runtime);
    }

    /// A workflow whose disk is full waits for an answer until it can be recorded.
    fn is_answer_recorded(
        self: &Arc<Self>,
        execution: &str,
        task: u64,
        answer: &Result<Value, FunctionError>,
    ) -> bool {
        let input = match answer.clone() {
            Ok(output) => Input::FunctionReturned { task, output },
            Err(FunctionError { error_type, cause }) => {
                Input::FunctionFailed { task, error: error_type, cause }
            }
        };
        let fed = self.happened(execution, |execution| execution.has_task(task).then_some(input));
        // An answer after a timeout or an abort is normal; on AWS, too, nobody hears it.
        match fed {
            Err(Unaccepted::Store(error)) => {
                tracing::error!(%error, execution, "a function's answer could not be recorded");
                false
            }
            Ok(()) | Err(Unaccepted::TooLate) => true,
        }
    }
}

/// What Lambda answers when the process of a function dies.
fn crashed() -> FunctionError {
    let cause =
        serde_json::json!({ "errorType": "Runtime.ExitError", "errorMessage": "The function panicked" });
    FunctionError { error_type: "Runtime.ExitError".to_owned(), cause: cause.to_string() }
}
