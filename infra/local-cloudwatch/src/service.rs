//! The CloudWatch API, as far as it is here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use local_process::{Stop, StopReason};
use local_service::{
    ApiError, BoxFuture, Clock, LockedDirectory, OpenError, Service, Timestamp, read_record, write_declared,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::Check;
use crate::input::{DescribeAlarms, SetAlarmState};
use crate::{Alarm, InvalidAlarm, State, Tells};

const ALARMS: &str = "alarms.json";

pub struct Settings {
    pub region: String,
    pub account_id: String,
    /// All that commands find in their environment.
    pub environment: BTreeMap<String, String>,
    pub clock: Arc<dyn Clock>,
}

/// Clones are one service.
#[derive(Clone)]
pub struct LocalCloudWatch(Arc<Inner>);

struct Inner {
    directory: LockedDirectory,
    settings: Settings,
    alarms: Mutex<BTreeMap<String, Kept>>,
    stop: Stop,
    /// Commands that were run.
    checks: AtomicU64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    alarm: Alarm,
    reason: String,
    /// When it was declared, or set.
    updated_at: Timestamp,
}

impl LocalCloudWatch {
    /// Opens the directory with the alarms that were declared, or makes it.
    ///
    /// # Errors
    /// It is in use, or cannot be read.
    pub fn open(directory: &Path, settings: Settings) -> Result<Self, OpenError> {
        let directory = LockedDirectory::open(directory)?;
        let alarms = read_record(&directory.join(ALARMS))?.unwrap_or_default();
        Ok(Self(Arc::new(Inner {
            directory,
            settings,
            alarms: Mutex::new(alarms),
            stop: Stop::default(),
            checks: AtomicU64::new(0),
        })))
    }

    /// Adds an alarm, or declares it anew. It is kept.
    ///
    /// # Errors
    /// What is wrong with it, or with the disk.
    pub fn define(&self, alarm: Alarm) -> Result<(), InvalidAlarm> {
        alarm.check()?;
        let name = alarm.name.clone();
        let broken = |problem| InvalidAlarm { name: name.clone(), problem };
        self.keep(alarm, "It was declared so".to_owned()).map_err(broken)
    }

    /// Ends the commands that run.
    pub fn shutdown(&self) {
        self.0.stop.request(StopReason::ServiceEnded);
    }

    fn keep(&self, alarm: Alarm, reason: String) -> Result<(), String> {
        let mut alarms = lock(&self.0.alarms);
        let kept = Kept { reason, updated_at: self.0.settings.clock.now(), alarm };
        alarms.insert(kept.alarm.name.clone(), kept);
        let path = self.0.directory.join(ALARMS);
        write_declared(&path, &*alarms).map_err(|error| format!("{}: {error}", path.display()))
    }

    async fn describe_alarms(&self, request: &DescribeAlarms) -> Value {
        let kept: Vec<Kept> = lock(&self.0.alarms).values().cloned().collect();
        let wanted = kept.iter().filter(|kept| request.wants(&kept.alarm.name));
        let described = futures::future::join_all(wanted.map(|kept| self.describe(kept))).await;
        let in_state =
            |(state, _): &(State, Value)| request.state_value.is_none_or(|wanted| wanted == *state);
        let metric: Vec<_> = described.into_iter().filter(in_state).map(|(_, alarm)| alarm).collect();
        json!({ "MetricAlarms": metric, "CompositeAlarms": [] })
    }

    async fn describe(&self, kept: &Kept) -> (State, Value) {
        let (state, reason, updated_at) = match &kept.alarm.tells {
            Tells::State(state) => (*state, kept.reason.clone(), kept.updated_at),
            Tells::Command { command, directory } => {
                let (state, reason) = self.check(command, directory).await;
                (state, reason, self.0.settings.clock.now())
            }
        };
        let name = &kept.alarm.name;
        let Settings { region, account_id, .. } = &self.0.settings;
        let described = json!({
            "AlarmName": name,
            "AlarmArn": format!("arn:aws:cloudwatch:{region}:{account_id}:alarm:{name}"),
            "ActionsEnabled": false,
            "StateValue": state,
            "StateReason": reason,
            "StateUpdatedTimestamp": seconds(updated_at),
        });
        (state, described)
    }

    async fn check(&self, command: &[String], directory: &Path) -> (State, String) {
        let number = self.0.checks.fetch_add(1, Ordering::Relaxed);
        let log_path = self.0.directory.join("logs").join(format!("{number}.log"));
        let environment = &self.0.settings.environment;
        Check { command, directory, environment, log_path: &log_path, stop: &self.0.stop }.state().await
    }

    fn set_alarm_state(&self, request: SetAlarmState) -> Result<Value, ApiError> {
        let SetAlarmState { alarm_name, state_value, state_reason } = request;
        let known = lock(&self.0.alarms).get(&alarm_name).map(|kept| kept.alarm.clone());
        let alarm = known.ok_or_else(|| {
            let message = format!("There is no alarm '{alarm_name}'");
            ApiError { code: "ResourceNotFound".into(), message, status: 404 }
        })?;
        if let Tells::Command { .. } = alarm.tells {
            let what = format!("SetAlarmState of '{alarm_name}', whose state its command tells,");
            return Err(ApiError::unsupported("CloudWatch", &what));
        }
        let alarm = Alarm { tells: Tells::State(state_value), ..alarm };
        self.keep(alarm, state_reason).map_err(ApiError::internal)?;
        Ok(json!({}))
    }
}

impl Service for LocalCloudWatch {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            match operation {
                "DescribeAlarms" => Ok(self.describe_alarms(&DescribeAlarms::read(input)?).await),
                "SetAlarmState" => self.set_alarm_state(SetAlarmState::read(input)?),
                other => Err(ApiError::unsupported("CloudWatch", other)),
            }
        })
    }
}

/// As the protocols have times.
fn seconds(time: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds have 53 bits until the year 287396")]
    let milliseconds = time as f64;
    milliseconds / 1000.0
}

/// What is behind this lock is replaced in whole steps, so a panic elsewhere leaves nothing half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
