//! The rule CloudWatchAlarm: whether an alarm is in a state that is desired, and waiting for it.
//!
//! Sources: CodePipeline user guide, "CloudWatchAlarm" (rule reference): `AlarmStates` are "the desired CloudWatch
//! alarm states for the rule to monitor", `WaitTime` is "the wait time in minutes to allow for a state change before
//! running the rule result". "Rules for stage conditions": after a success OK and INSUFFICIENT_DATA meet the
//! criteria, after a failure ALARM does. What meets an entry condition it does not say; here it is what meets a
//! success condition.

use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::operation::describe_alarms::{DescribeAlarmsError, DescribeAlarmsOutput};
use aws_sdk_cloudwatch::types::AlarmType;
use engine::decide::{ActionOutcome, ActionOutput, FailureType};
use engine::execution::{ConditionType, Timestamp};
use serde::{Deserialize, Serialize};

use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};

const OK: &str = "OK";
const ALARM: &str = "ALARM";
const INSUFFICIENT_DATA: &str = "INSUFFICIENT_DATA";

/// The longest timeout of a rule (service model, `RuleTimeout`): nothing waits longer.
const WAIT_MINUTES_MAX: u32 = 86_400;
const MINUTE_MS: i64 = 60_000;

/// Which alarm a rule looks at, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmWatch {
    pub alarm_name: String,
    /// In CloudWatch's words.
    pub desired_states: Vec<String>,
    /// How long the alarm may be in another state.
    pub wait_minutes: u32,
}

/// An alarm, as CloudWatch tells of it.
#[derive(Debug, PartialEq, Eq)]
struct Alarm {
    state: String,
    reason: String,
}

impl AlarmWatch {
    /// Of the rule's configuration, with what holds where it says nothing.
    ///
    /// # Errors
    /// What is wrong with it and what is allowed, for a person.
    pub fn new(
        alarm_name: &str,
        states: Option<&str>,
        wait_time: Option<&str>,
        condition: Option<ConditionType>,
    ) -> Result<Self, String> {
        let desired_states = match states {
            Some(states) => desired(states)?,
            None if condition == Some(ConditionType::OnFailure) => vec![ALARM.to_owned()],
            None => vec![OK.to_owned(), INSUFFICIENT_DATA.to_owned()],
        };
        let wait_minutes = wait_time.map(minutes).transpose()?.unwrap_or_default();
        Ok(Self { alarm_name: alarm_name.to_owned(), desired_states, wait_minutes })
    }

    /// `None` while there is time for another state.
    fn judge(&self, alarm: Option<Alarm>, started_at: Timestamp, now: Timestamp) -> Option<ActionOutcome> {
        let name = &self.alarm_name;
        let Some(Alarm { state, reason }) = alarm else {
            let message = format!("There is no metric or composite alarm '{name}' in the pipeline's Region");
            return Some(ActionOutcome::Failed { failure_type: FailureType::ConfigurationError, message });
        };
        if self.desired_states.contains(&state) {
            return Some(ActionOutcome::Succeeded(ActionOutput::default()));
        }
        if now.0 < started_at.0 + i64::from(self.wait_minutes) * MINUTE_MS {
            return None;
        }
        let waited = match self.wait_minutes {
            0 => String::new(),
            1 => " after 1 minute".to_owned(),
            minutes => format!(" after {minutes} minutes"),
        };
        let desired = self.desired();
        let message =
            format!("The alarm '{name}' is in the state {state}{waited}, not in {desired}: {reason}");
        Some(ActionOutcome::Failed { failure_type: FailureType::JobFailed, message })
    }

    fn desired(&self) -> String {
        self.desired_states.join(" or ")
    }
}

fn desired(states: &str) -> Result<Vec<String>, String> {
    let states: Vec<_> = states.split(',').map(|state| state.trim().to_owned()).collect();
    match states.iter().find(|state| ![OK, ALARM, INSUFFICIENT_DATA].contains(&state.as_str())) {
        None => Ok(states),
        Some(unknown) => Err(format!(
            "AlarmStates has '{unknown}', which is no state of an alarm. Write {OK}, {ALARM} or {INSUFFICIENT_DATA}, \
             or several of them with commas between"
        )),
    }
}

fn minutes(wait_time: &str) -> Result<u32, String> {
    let minutes = wait_time.trim().parse().ok().filter(|minutes| *minutes <= WAIT_MINUTES_MAX);
    minutes.ok_or_else(|| {
        format!(
            "The WaitTime '{wait_time}' is not understood. Write minutes, a whole number up to {WAIT_MINUTES_MAX}"
        )
    })
}

impl Platform {
    /// How the rule has ended; `None` while there is time for another state.
    ///
    /// # Errors
    /// CloudWatch cannot be asked at the moment.
    pub async fn look_at_alarm(
        &self,
        watch: &AlarmWatch,
        started_at: Timestamp,
    ) -> Result<Option<ActionOutcome>, Fault> {
        let request = self.cloudwatch.describe_alarms().alarm_names(&watch.alarm_name);
        // Without types CloudWatch tells of metric alarms only.
        let request = request.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
        match request.send().await {
            Ok(answer) => Ok(watch.judge(alarm_of(answer), started_at, self.clock.now())),
            Err(error) => match refusal(&error) {
                None => Err(Fault::of_call("looking at an alarm", error)),
                Some(failure_type) => {
                    let what = format!("Error describing the alarm '{}'", watch.alarm_name);
                    let message = Fault::of_call(&what, error).to_string();
                    Ok(Some(ActionOutcome::Failed { failure_type, message }))
                }
            },
        }
    }

    /// The rule waits for its alarm; the sweep looks at it every minute.
    pub async fn wait_for_alarm(&self, job: &ActionJob, watch: AlarmWatch) -> Result<ActionResult, Fault> {
        let (work, _) = self.keep_outside_work_of(job, Provider::CloudWatchAlarm).await?;
        let id = work.action.action_execution_id.clone();
        let summary = Some(format!("Waits for the alarm {} to be {}", watch.alarm_name, watch.desired()));
        let work = OutsideWork {
            alarm: Some(watch),
            external_execution_id: Some(id.clone()),
            started_at: job.started_at,
            ..work
        };
        Ok(ActionResult::InProgress {
            external_execution_id: id,
            external_execution_url: None,
            summary,
            work: Some(Box::new(work)),
        })
    }
}

/// What the user can mend; the rest is CloudWatch's trouble, and passes.
fn refusal(error: &SdkError<DescribeAlarmsError>) -> Option<FailureType> {
    match error.as_service_error()?.code()? {
        "AccessDenied" | "AccessDeniedException" => Some(FailureType::PermissionError),
        "ValidationError" | "ValidationException" | "InvalidParameterValue" => {
            Some(FailureType::ConfigurationError)
        }
        _ => None,
    }
}

/// Of whichever type it is; names are unique among all alarms.
fn alarm_of(answer: DescribeAlarmsOutput) -> Option<Alarm> {
    let metric = answer.metric_alarms.unwrap_or_default().into_iter();
    let composite = answer.composite_alarms.unwrap_or_default().into_iter();
    let metric = metric.map(|alarm| (alarm.state_value, alarm.state_reason));
    let (state, reason) =
        metric.chain(composite.map(|alarm| (alarm.state_value, alarm.state_reason))).next()?;
    let state = state.map_or(INSUFFICIENT_DATA.to_owned(), |state| state.as_str().to_owned());
    Some(Alarm { state, reason: reason.unwrap_or_default() })
}

/// `None` while it waits.
pub(super) async fn outcome(platform: &Platform, work: &OutsideWork) -> Result<Option<ActionOutcome>, Fault> {
    match &work.alarm {
        Some(watch) => platform.look_at_alarm(watch, work.started_at).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
