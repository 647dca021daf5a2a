//! The role of the template's state machines: they invoke what their policies allow, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use local_service::BoxFuture;
use local_stepfunctions::{FunctionError, LambdaInvoker};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::permissions::{Decision, Permission, Statement, evaluate};
use crate::template::Stack;

pub(super) struct RoleInvoker<Invoker> {
    invoker: Arc<Invoker>,
    policies: Vec<Statement>,
    admits: watch::Receiver<bool>,
    running: Arc<AtomicUsize>,
}

/// Counts an invocation while it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(running: &'a AtomicUsize) -> Self {
        running.fetch_add(1, Ordering::Relaxed);
        Self(running)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<Invoker> RoleInvoker<Invoker> {
    /// While `admits` says false, an invocation waits. It is recorded in its workflow's journal, so when the
    /// process ends meanwhile it is made at the next start.
    pub(super) fn new(invoker: Arc<Invoker>, template: &Stack, admits: watch::Receiver<bool>) -> Self {
        let policies = template.state_machines.iter().flat_map(|machine| machine.policies.clone()).collect();
        Self { invoker, policies, admits, running: Arc::default() }
    }

    /// How many functions run for workflows at this moment.
    pub(super) fn running(&self) -> Arc<AtomicUsize> {
        self.running.clone()
    }
}

impl<Invoker: LambdaInvoker> LambdaInvoker for RoleInvoker<Invoker> {
    fn invoke<'a>(
        &'a self,
        function: &'a str,
        payload: Value,
    ) -> BoxFuture<'a, Result<Value, FunctionError>> {
        let permission = Permission::new("lambda:InvokeFunction", function);
        if evaluate(&self.policies, &permission) == Decision::Allowed {
            let mut admits = self.admits.clone();
            return Box::pin(async move {
                // An error means that the stack is gone, and this future will be in a moment.
                let _ = admits.wait_for(|admits| *admits).await;
                let _counted = Counted::new(&self.running);
                self.invoker.invoke(function, payload).await
            });
        }
        Box::pin(async move { Err(denied(function)) })
    }
}

/// As Step Functions names it (developer guide, "Error names").
fn denied(function: &str) -> FunctionError {
    let error_type = "States.Permissions".to_owned();
    let message = format!(
        "the state machine's role may not invoke {function}: allow lambda:InvokeFunction on it in template.yaml, \
         in the Policies of the state machine"
    );
    let cause = json!({ "errorMessage": message, "errorType": error_type }).to_string();
    FunctionError { error_type, cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Place, template};

    struct Echo;

    impl LambdaInvoker for Echo {
        fn invoke<'a>(&'a self, _: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, FunctionError>> {
            Box::pin(async move { Ok(payload) })
        }
    }

    #[tokio::test]
    async fn the_state_machine_invokes_actions_and_no_other_function() {
        let template = template(&Place::default()).expect("the template is read");
        let (_admit, admits) = watch::channel(true);
        let role = RoleInvoker::new(Arc::new(Echo), &template, admits);
        let arn = |binary: &str| {
            let function = template.functions.iter().find(|function| function.binary == binary);
            function.expect("a function of the template").arn.clone()
        };
        assert!(role.invoke(&arn("source-git"), json!({})).await.is_ok());
        let denied = role.invoke(&arn("api"), json!({})).await.expect_err("it is not allowed");
        assert_eq!(denied.error_type, "States.Permissions");
    }

    #[tokio::test]
    async fn while_nothing_new_is_admitted_an_invocation_waits() {
        let template = template(&Place::default()).expect("the template is read");
        let (admit, admits) = watch::channel(false);
        let role = RoleInvoker::new(Arc::new(Echo), &template, admits);
        let function = template.functions.iter().find(|function| function.binary == "source-git");
        let mut waiting = role.invoke(&function.expect("a function").arn, json!({ "a": 1 }));
        assert!(futures::poll!(&mut waiting).is_pending());
        admit.send_replace(true);
        assert_eq!(waiting.await.expect("it is invoked"), json!({ "a": 1 }));
    }
}
