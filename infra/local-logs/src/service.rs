//! The API, `Logs_20140328`.

use std::fmt;
use std::sync::Arc;

use local_service::{ApiError, BoxFuture, Service};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::operations::{describe_log_streams, filter_log_events, get_log_events};
use crate::times::SeenTimes;
use crate::{Account, LogSource};

#[derive(Clone)]
pub struct LocalLogs {
    account: Account,
    source: Arc<dyn LogSource>,
    seen: Arc<SeenTimes>,
}

impl LocalLogs {
    pub fn new(account: Account, source: Arc<dyn LogSource>) -> Self {
        Self { account, source, seen: Arc::default() }
    }

    fn answer(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let (source, seen) = (self.source.as_ref(), self.seen.as_ref());
        match operation {
            "GetLogEvents" => get_log_events::answer(source, seen, &parsed(input)?),
            "FilterLogEvents" => filter_log_events::answer(source, seen, &parsed(input)?),
            "DescribeLogStreams" => {
                describe_log_streams::answer(source, seen, &self.account, &parsed(input)?)
            }
            _ => Err(ApiError::unsupported("CloudWatch Logs", operation)),
        }
    }
}

fn parsed<T: DeserializeOwned>(input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input)
        .map_err(|error| ApiError::client("InvalidParameterException", error.to_string()))
}

impl Service for LocalLogs {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        let (service, operation) = (self.clone(), operation.to_owned());
        Box::pin(async move {
            // Files are read: that holds up nothing else.
            let answered = tokio::task::spawn_blocking(move || service.answer(&operation, input));
            answered.await.map_err(|error| ApiError::internal(format!("CloudWatch Logs: {error}")))?
        })
    }
}

impl fmt::Debug for LocalLogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalLogs").field("account", &self.account).finish_non_exhaustive()
    }
}
