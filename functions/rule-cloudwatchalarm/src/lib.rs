//! Rule/AWS/CloudWatchAlarm/1: whether an alarm is in a state that is desired, waiting for it if wanted.
//!
//! | configuration | |
//! | --- | --- |
//! | `AlarmName` | required; of a metric alarm or a composite alarm |
//! | `AlarmStates` | `OK`, `ALARM` and `INSUFFICIENT_DATA`, with commas between; without it `ALARM` in a condition of a failure, else `OK` and `INSUFFICIENT_DATA` |
//! | `WaitTime` | minutes, for which the alarm may be in another state; none: it is looked at once |
//!
//! It succeeds as soon as the alarm is in a desired state, which is noticed within two minutes while it waits. It
//! fails when `WaitTime` is over and the alarm is in another state.
//!
//! Failures: JobFailed, ConfigurationError, PermissionError. Permissions: cloudwatch:DescribeAlarms.

use engine::condition_rules::AlarmWatch;
use engine::decide::{ActionOutcome, FailureType};
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let name = match job.required("AlarmName") {
        Ok(name) => name,
        Err(refusal) => return Ok(refusal),
    };
    let watch =
        AlarmWatch::new(name, job.optional("AlarmStates"), job.optional("WaitTime"), job.action.condition);
    let watch = match watch {
        Ok(watch) => watch,
        Err(message) => return Ok(ActionResult::failed(FailureType::ConfigurationError, message)),
    };
    match platform.look_at_alarm(&watch, job.started_at).await? {
        Some(ActionOutcome::Succeeded(output)) => Ok(ActionResult::succeeded(output)),
        Some(ActionOutcome::Failed { failure_type, message }) => {
            Ok(ActionResult::failed(failure_type, message))
        }
        None => platform.wait_for_alarm(&job, watch).await,
    }
}
