//! What the service itself answers: whether it works, which version it is, and whether it takes our keys.

use std::path::Path;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use local_service::{AdjustableClock, Clock};
use serde_json::Value;

use crate::backup;
use crate::credentials;
use crate::gateway::Health;
use crate::up::ServiceFile;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ServiceFacts {
    pub health: Result<Health, String>,
    /// How far its clock is ahead of ours, in seconds.
    pub clock_ahead_seconds: Option<i64>,
    /// The outcome of a signed call.
    pub call: Result<(), String>,
}

/// An operation that changes nothing.
const LIST_PIPELINES: &str = "CodePipeline_20150709.ListPipelines";

pub(super) async fn ask(service: &ServiceFile, data: &Path) -> ServiceFacts {
    let asked = backup::ask_health(service).await;
    let date = asked.as_ref().ok().and_then(|answered| answered.date.clone());
    let health = asked.and_then(|answered| {
        serde_json::from_value(answered.body)
            .map_err(|error| format!("its health is not understood: {error}"))
    });
    let call = match credentials::of_owner(data) {
        Err(error) => Err(error.to_string()),
        Ok(keys) => call(service, keys).await,
    };
    ServiceFacts { health, clock_ahead_seconds: date.and_then(|date| ahead_seconds(&date)), call }
}

async fn call(service: &ServiceFile, keys: aws_credential_types::Credentials) -> Result<(), String> {
    let answered = backup::ask(service, keys, "codepipeline", LIST_PIPELINES).await?;
    if answered.status.is_success() {
        return Ok(());
    }
    let text = |name: &str| answered.body[name].as_str().unwrap_or_default().to_owned();
    Err(format!("{} {}: {}", answered.status.as_u16(), text("__type"), message(&answered.body)))
}

/// AWS's services spell it in both ways.
fn message(body: &Value) -> &str {
    body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default()
}

fn ahead_seconds(date: &str) -> Option<i64> {
    let theirs: Timestamp = DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(theirs.as_second() - AdjustableClock::default().now().div_euclid(1000))
}
