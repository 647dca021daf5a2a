//! How functions are reached.

use local_service::BoxFuture;
use serde_json::Value;

/// Runs Lambda functions. Whoever embeds the service gives one.
pub trait LambdaInvoker: Send + Sync + 'static {
    /// `function` is what the state machine says: a name or an ARN. The interpreter may call again
    /// with the same payload: after a restart, for calls whose answer was not recorded.
    fn invoke<'a>(&'a self, function: &'a str, payload: Value)
    -> BoxFuture<'a, Result<Value, FunctionError>>;
}

/// A call that failed, as a Task state reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What `Retry` and `Catch` match on: the function's `errorType`, or Lambda's own, such as
    /// `Lambda.ResourceNotFoundException` for a function that does not exist.
    pub error_type: String,
    /// The JSON text `{"errorMessage": …, "errorType": …}` as Lambda answers it.
    pub cause: String,
}
