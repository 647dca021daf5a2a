//! How the service is, from facts about it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use local_service::{Clock, Service};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Mutex;

use crate::LocalStack;
use crate::data_directory::{FREE_BYTES_MIN, free_bytes};

/// An effect is delivered at once, or by the sweep a minute later. What is still there after this long could
/// not be delivered several times.
pub const OUTBOX_SECONDS_MAX: i64 = 300;
/// The sweep comes once a minute.
const SWEEP_SECONDS_MAX: i64 = 300;

/// What anybody may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok` or `failing`.
    pub status: String,
    pub version: String,
    pub pid: u32,
    pub ready: bool,
    pub uptime_seconds: i64,
    /// Executions that a workflow drives forward at this moment.
    pub executions_in_progress: usize,
    /// The age of the oldest effect that was committed and not delivered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox_age_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sweep_seconds_ago: Option<i64>,
    /// What does not work, for a person.
    pub problems: Vec<String>,
}

impl Health {
    /// With what follows from the facts.
    fn concluded(mut self) -> Self {
        if self.free_bytes.is_none_or(|free| free < FREE_BYTES_MIN) {
            let free = self.free_bytes.map_or("an unknown number of".to_owned(), |free| free.to_string());
            self.problems
                .push(format!("the disk is full: {free} bytes are free, {FREE_BYTES_MIN} are needed"));
        }
        if self.outbox_age_seconds.is_some_and(|age| age > OUTBOX_SECONDS_MAX) {
            let age = self.outbox_age_seconds.unwrap_or_default();
            self.problems
                .push(format!("an effect could not be delivered for {age} seconds; the log says why"));
        }
        let swept = self.last_sweep_seconds_ago.unwrap_or(self.uptime_seconds);
        if swept > SWEEP_SECONDS_MAX {
            self.problems.push(format!("the sweep has not succeeded for {swept} seconds; the log says why"));
        }
        self.ready = self.problems.is_empty();
        self.status = if self.ready { "ok" } else { "failing" }.to_owned();
        self
    }
}

/// How old an answer may be: whoever asks more often costs nothing.
const KEPT: Duration = Duration::from_secs(1);

/// Where the facts are asked for.
pub(super) struct HealthDesk {
    stack: Arc<LocalStack>,
    opened_ms: i64,
    last: Mutex<Option<(i64, Health)>>,
}

impl HealthDesk {
    pub fn open(stack: Arc<LocalStack>) -> Self {
        Self { opened_ms: stack.clock.now(), stack, last: Mutex::default() }
    }

    pub async fn now(&self) -> Health {
        let now_ms = self.stack.clock.now();
        let mut last = self.last.lock().await;
        if let Some((asked_ms, health)) = last.as_ref()
            && u128::from(now_ms.abs_diff(*asked_ms)) < KEPT.as_millis()
        {
            return health.clone();
        }
        let health = self.ask(now_ms).await;
        *last = Some((now_ms, health.clone()));
        health
    }

    async fn ask(&self, now_ms: i64) -> Health {
        let seconds_since = |then_ms: i64| (now_ms - then_ms).max(0) / 1000;
        let mut problems = Vec::new();
        let outbox = self.stack.oldest_undelivered_ms().await.unwrap_or_else(|fault| {
            problems.push(format!("the outbox cannot be read: {fault}"));
            None
        });
        let executions = executions_in_progress(&self.stack).await.unwrap_or_else(|error| {
            problems.push(format!("the workflows cannot be read: {error}"));
            0
        });
        let health = Health {
            status: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            ready: false,
            uptime_seconds: seconds_since(self.opened_ms),
            executions_in_progress: executions,
            outbox_age_seconds: outbox.map(seconds_since),
            free_bytes: free_bytes(self.stack.directory.path()).ok(),
            last_sweep_seconds_ago: self.stack.last_sweep_ms().map(seconds_since),
            problems,
        };
        health.concluded()
    }
}

/// Running workflows are named `<execution>-<stage>-<attempt>`; an execution may have several.
async fn executions_in_progress(stack: &LocalStack) -> Result<usize, local_service::ApiError> {
    let mut executions = BTreeSet::new();
    for machine in stack.state_machine_arns() {
        let input = json!({ "stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": 1000 });
        let running = stack.stepfunctions.call("ListExecutions", input).await?;
        let names = running["executions"].as_array().into_iter().flatten();
        let names = names.filter_map(|execution| execution["name"].as_str());
        executions.extend(names.filter_map(|name| Some(name.rsplitn(3, '-').nth(2)?.to_owned())));
    }
    Ok(executions.len())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn healthy() -> Health {
        let health = Health {
            status: String::new(),
            version: "0.1.0".to_owned(),
            pid: 7,
            ready: false,
            uptime_seconds: 3600,
            executions_in_progress: 2,
            outbox_age_seconds: Some(1),
            free_bytes: Some(1_000_000_000),
            last_sweep_seconds_ago: Some(30),
            problems: Vec::new(),
        };
        health.concluded()
    }

    #[test]
    fn what_does_not_work_is_told() {
        let table: [(&str, Health, Option<&str>); 8] = [
            ("all well", healthy(), None),
            ("an empty outbox", Health { outbox_age_seconds: None, ..healthy() }, None),
            ("just started", Health { last_sweep_seconds_ago: None, uptime_seconds: 3, ..healthy() }, None),
            ("a full disk", Health { free_bytes: Some(4096), ..healthy() }, Some("disk is full")),
            ("no file system", Health { free_bytes: None, ..healthy() }, Some("disk is full")),
            ("an old effect", Health { outbox_age_seconds: Some(301), ..healthy() }, Some("301 seconds")),
            ("no sweep", Health { last_sweep_seconds_ago: Some(301), ..healthy() }, Some("sweep")),
            ("never a sweep", Health { last_sweep_seconds_ago: None, ..healthy() }, Some("sweep")),
        ];
        for (what, health, expected) in table {
            let health = Health { problems: Vec::new(), ..health }.concluded();
            assert_eq!(health.ready, expected.is_none(), "{what}: {health:?}");
            assert_eq!(health.status, if expected.is_none() { "ok" } else { "failing" }, "{what}");
            assert!(health.problems.concat().contains(expected.unwrap_or_default()), "{what}: {health:?}");
        }
    }
}
