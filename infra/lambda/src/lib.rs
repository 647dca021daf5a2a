//! The functions on AWS: the Lambda runtime around each handler, a binary for each in `src/bin`.
//!
//! A crate of its own, so that the local binary is built without the Lambda runtime, and one crate for all
//! of them, so that whichever is built, and in whatever order, they share one build of the AWS SDK. It
//! holds no logic: what a handler does is the same everywhere.

use std::sync::Arc;

use aws_config::BehaviorVersion;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
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
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let sdk = aws_config::defaults(BehaviorVersion::latest()).http_client(https).load().await;
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
