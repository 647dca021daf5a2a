//! Lambda in this process: a function is called with its own AWS clients, so that the connector knows
//! who asks and what it may do.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use local_service::BoxFuture;
use local_stepfunctions::{FunctionError, LambdaInvoker};
use platform::Platform;
use platform::function::Function;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// The largest request and answer of a synchronous invocation (Lambda quotas).
const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;

/// A function of the template, ready to be called.
pub(crate) struct Installed {
    pub function: Function,
    pub platform: Platform,
    pub timeout: Duration,
}

type Functions = Arc<HashMap<String, Installed>>;

/// Functions call services and services call functions, so they are installed after both are there, and
/// removed before both go. A call that comes earlier (a state machine that goes on after a restart) waits.
#[derive(Default)]
pub struct Invoker {
    functions: RwLock<Option<Functions>>,
    installed: Notify,
}

impl Invoker {
    pub(crate) fn install(&self, functions: HashMap<String, Installed>) {
        *self.functions.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(functions));
        self.installed.notify_waiters();
    }

    /// Lets go of the functions and of what they use; calls wait from now on.
    pub(crate) fn uninstall(&self) {
        *self.functions.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The clients of a function, for calls in its name.
    pub fn platform_of(&self, arn: &str) -> Option<Platform> {
        Some(self.current()?.get(arn)?.platform.clone())
    }

    fn current(&self) -> Option<Functions> {
        self.functions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn functions(&self) -> Functions {
        loop {
            let installed = self.installed.notified();
            if let Some(functions) = self.current() {
                return functions;
            }
            installed.await;
        }
    }

    async fn call(&self, arn: &str, payload: Value) -> Result<Value, FunctionError> {
        let functions = self.functions().await;
        let Some(installed) = functions.get(arn) else {
            return Err(error("Lambda.ResourceNotFoundException", &format!("Function not found: {arn}")));
        };
        check_size("request", &payload)?;
        let running = (installed.function)(installed.platform.clone(), payload);
        // In a task of its own, so that a panic is the function's error and nobody else's.
        let mut task = tokio::spawn(running);
        let ended = tokio::time::timeout(installed.timeout, &mut task).await;
        match ended {
            Ok(Ok(Ok(answer))) => check_size("answer", &answer).map(|()| answer),
            Ok(Ok(Err(fault))) => {
                tracing::error!(function = arn, error_type = fault.kind.error_type(), %fault, "the function failed");
                Err(error(fault.kind.error_type(), &fault.to_string()))
            }
            Ok(Err(crash)) => Err(error("Lambda.Unknown", &format!("the function crashed: {crash}"))),
            Err(_) => {
                task.abort();
                let seconds = installed.timeout.as_secs();
                Err(error("Sandbox.Timedout", &format!("Task timed out after {seconds} seconds")))
            }
        }
    }
}

impl LambdaInvoker for Invoker {
    fn invoke<'a>(
        &'a self,
        function: &'a str,
        payload: Value,
    ) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(self.call(function, payload))
    }
}

fn check_size(what: &str, payload: &Value) -> Result<(), FunctionError> {
    let size = payload.to_string().len();
    if size <= PAYLOAD_BYTES_MAX {
        return Ok(());
    }
    let message = format!("the {what} has {size} bytes; Lambda takes {PAYLOAD_BYTES_MAX}");
    Err(error("Lambda.RequestTooLargeException", &message))
}

fn error(error_type: &str, message: &str) -> FunctionError {
    let cause = json!({ "errorMessage": message, "errorType": error_type }).to_string();
    FunctionError { error_type: error_type.to_owned(), cause }
}
