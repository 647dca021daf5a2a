//! A function on AWS: the Lambda runtime around a handler.
//!
//! A crate of its own, and optional to every function crate, so that the local binary is built without
//! the Lambda runtime and without TLS. It holds no logic: what a handler does is the same everywhere.

use std::sync::Arc;

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use platform::function::Function;
use platform::{Config, Fault, Platform, SystemClock};
use serde_json::Value;

/// Answers invocations until Lambda ends the process.
///
/// # Errors
/// The function is not configured as template.yaml does it, or the Runtime API is gone.
pub async fn run(function: Function) -> Result<(), Error> {
    tracing_subscriber::fmt().json().without_time().with_max_level(tracing::Level::INFO).init();
    #[expect(
        clippy::disallowed_methods,
        reason = "the configuration of a deployed function is read here only"
    )]
    let config = Config::from_environment(|name| std::env::var(name).ok())?;
    let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let platform = Platform::new(&sdk, config, Arc::new(SystemClock));
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let (function, platform) = (function.clone(), platform.clone());
        async move { function(platform, event.payload).await.map_err(diagnostic) }
    }))
    .await
}

/// The `errorType` is a contract with the state machine's Retry and Catch.
fn diagnostic(fault: Fault) -> Diagnostic {
    tracing::error!(error_type = fault.kind.error_type(), %fault, "the function failed");
    Diagnostic { error_type: fault.kind.error_type().to_owned(), error_message: fault.to_string() }
}
