//! The rule CloudWatchAlarm: which states of an alarm are desired, and what a state means to the rule.
//!
//! Sources: CodePipeline user guide, "CloudWatchAlarm" (rule reference): `AlarmStates` are "the desired CloudWatch
//! alarm states for the rule to monitor", `WaitTime` is "the wait time in minutes to allow for a state change before
//! running the rule result". "Rules for stage conditions": after a success OK and INSUFFICIENT_DATA meet the
//! criteria, after a failure ALARM does. What meets an entry condition it does not say; here it is what meets a
//! success condition.

use serde::{Deserialize, Serialize};

use crate::decide::{ActionOutcome, ActionOutput, FailureType};
use crate::execution::{ConditionType, Timestamp};

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
pub struct Alarm {
    pub state: String,
    pub reason: String,
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
            Some(states) => states_of(states)?,
            None if condition == Some(ConditionType::OnFailure) => vec![ALARM.to_owned()],
            None => vec![OK.to_owned(), INSUFFICIENT_DATA.to_owned()],
        };
        let wait_minutes = wait_time.map(minutes_of).transpose()?.unwrap_or_default();
        Ok(Self { alarm_name: alarm_name.to_owned(), desired_states, wait_minutes })
    }

    /// How the rule has ended that began at `started_at`; `None` while there is time for another state. No `alarm`
    /// is one that does not exist.
    pub fn judge(
        &self,
        alarm: Option<Alarm>,
        started_at: Timestamp,
        now: Timestamp,
    ) -> Option<ActionOutcome> {
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

    /// The desired states, for a person.
    pub fn desired(&self) -> String {
        self.desired_states.join(" or ")
    }
}

/// # Errors
/// Which of them is none, and what there is, for a person.
pub(crate) fn states_of(states: &str) -> Result<Vec<String>, String> {
    let states: Vec<_> = states.split(',').map(|state| state.trim().to_owned()).collect();
    match states.iter().find(|state| ![OK, ALARM, INSUFFICIENT_DATA].contains(&state.as_str())) {
        None => Ok(states),
        Some(unknown) => Err(format!(
            "AlarmStates has '{unknown}', which is no state of an alarm. Write {OK}, {ALARM} or {INSUFFICIENT_DATA}, \
             or several of them with commas between"
        )),
    }
}

/// # Errors
/// What is allowed, for a person.
pub(crate) fn minutes_of(wait_time: &str) -> Result<u32, String> {
    let minutes = wait_time.trim().parse().ok().filter(|minutes| *minutes <= WAIT_MINUTES_MAX);
    minutes.ok_or_else(|| {
        format!(
            "The WaitTime '{wait_time}' is not understood. Write minutes, a whole number up to {WAIT_MINUTES_MAX}"
        )
    })
}

#[cfg(test)]
mod tests;
