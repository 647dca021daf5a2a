//! The role of the template's state machines: they invoke what their policies allow, and nothing else.

use std::sync::Arc;

use local_service::BoxFuture;
use local_stepfunctions::{FunctionError, LambdaInvoker};
use serde_json::{Value, json};

use crate::permissions::{Decision, Permission, Statement, evaluate};
use crate::template::Stack;

pub(super) struct RoleInvoker<Invoker> {
    invoker: Arc<Invoker>,
    policies: Vec<Statement>,
}

impl<Invoker> RoleInvoker<Invoker> {
    pub(super) fn new(invoker: Arc<Invoker>, template: &Stack) -> Self {
        let policies = template.state_machines.iter().flat_map(|machine| machine.policies.clone()).collect();
        Self { invoker, policies }
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
            return self.invoker.invoke(function, payload);
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
    use crate::stack::template;

    struct Echo;

    impl LambdaInvoker for Echo {
        fn invoke<'a>(&'a self, _: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, FunctionError>> {
            Box::pin(async move { Ok(payload) })
        }
    }

    #[tokio::test]
    async fn the_state_machine_invokes_actions_and_no_other_function() {
        let template = template(None).expect("the template is read");
        let role = RoleInvoker::new(Arc::new(Echo), &template);
        let arn = |binary: &str| {
            let function = template.functions.iter().find(|function| function.binary == binary);
            function.expect("a function of the template").arn.clone()
        };
        assert!(role.invoke(&arn("source-git"), json!({})).await.is_ok());
        let denied = role.invoke(&arn("api"), json!({})).await.expect_err("it is not allowed");
        assert_eq!(denied.error_type, "States.Permissions");
    }
}
