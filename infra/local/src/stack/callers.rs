//! The functions of the template, each with AWS clients that sign in its name, and what answers them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use bytes::Bytes;
use local_s3::LocalS3;
use local_service::{AdjustableClock, BoxFuture, Clock};
use platform::store::Recent;
use platform::{Config, Platform};

use super::StartError;
use super::error::part;
use crate::connector::{HttpService, LocalAws, LocalHttpClient, OWNER};
use crate::functions::functions;
use crate::invoker::{Installed, Invoker};
use crate::template::{Function, Stack};

/// Each function gets clients that sign in its name.
pub(super) fn install_functions(
    invoker: &Invoker,
    template: &Stack,
    aws: Arc<LocalAws>,
    clock: &Arc<AdjustableClock>,
    recent: &Recent,
) -> Result<(), StartError> {
    let mut handlers = functions();
    let mut installed = HashMap::new();
    for function in &template.functions {
        let handler = handlers.remove(function.binary.as_str());
        let handler =
            handler.ok_or_else(|| StartError(format!("there is no function {}", function.binary)))?;
        let platform = platform_as(&function.logical_id, function, template, aws.clone(), clock)?;
        let platform = platform.with_recent(recent.clone());
        let timeout = Duration::from_secs(function.timeout_seconds);
        installed.insert(function.arn.clone(), Installed { function: handler, platform, timeout });
    }
    invoker.install(installed);
    Ok(())
}

/// What the function of the API has, for whoever owns the data: what no function may write.
pub(super) fn platform_of_owner(
    template: &Stack,
    aws: &Arc<LocalAws>,
    clock: &Arc<AdjustableClock>,
) -> Result<Platform, StartError> {
    let api = template.functions.iter().find(|function| function.binary == "api");
    let api = api.ok_or_else(|| StartError("there is no function api".to_owned()))?;
    platform_as(OWNER, api, template, aws.clone(), clock)
}

/// What the function `of` has, in the name of `caller`.
fn platform_as(
    caller: &str,
    of: &Function,
    template: &Stack,
    aws: Arc<LocalAws>,
    clock: &Arc<AdjustableClock>,
) -> Result<Platform, StartError> {
    let config = Config::from_environment(|name| of.environment.get(name).cloned());
    let sdk = sdk_config(caller, &template.account.region, aws);
    let clock = Arc::new(StackClock(clock.clone()));
    Ok(Platform::new(&sdk, config.map_err(part("template.yaml"))?, clock))
}

fn sdk_config(caller: &str, region: &str, aws: Arc<LocalAws>) -> aws_config::SdkConfig {
    let credentials = Credentials::new(caller, "local", None, None, "local stack");
    aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(LocalHttpClient::new(aws))
        // No answer stalls that comes from this process.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
            aws_smithy_async::rt::sleep::TokioSleep::new(),
        ))
        .build()
}

pub(super) struct InProcessS3(pub(super) LocalS3);

impl HttpService for InProcessS3 {
    fn serve(&self, request: http::Request<Bytes>) -> BoxFuture<'_, http::Response<Bytes>> {
        Box::pin(self.0.serve(request))
    }
}

/// The engine's time is the stack's.
struct StackClock(Arc<AdjustableClock>);

impl platform::Clock for StackClock {
    fn now(&self) -> engine::execution::Timestamp {
        engine::execution::Timestamp(self.0.now())
    }
}
