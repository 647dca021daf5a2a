//! The rule CloudWatchAlarm: looking at an alarm, and waiting for it.

use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::operation::describe_alarms::{DescribeAlarmsError, DescribeAlarmsOutput};
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use engine::condition_rules::{Alarm, AlarmWatch};
use engine::decide::{ActionOutcome, FailureType};
use engine::execution::Timestamp;

use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};

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
    let state = state.unwrap_or(StateValue::InsufficientData).as_str().to_owned();
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
mod tests {
    use aws_sdk_cloudwatch::types::{CompositeAlarm, MetricAlarm};

    use super::*;

    #[test]
    fn an_alarm_is_found_whatever_its_type() {
        let metric = MetricAlarm::builder().state_value(StateValue::Ok).state_reason("fine").build();
        let composite = CompositeAlarm::builder().state_value(StateValue::Alarm).build();
        let answer = DescribeAlarmsOutput::builder();
        let found = |state: &str, reason: &str| Some(Alarm { state: state.into(), reason: reason.into() });
        assert_eq!(alarm_of(answer.clone().build()), None);
        assert_eq!(alarm_of(answer.clone().metric_alarms(metric).build()), found("OK", "fine"));
        assert_eq!(alarm_of(answer.composite_alarms(composite).build()), found("ALARM", ""));
    }

    #[test]
    fn what_the_user_can_mend_ends_the_rule_and_the_rest_is_tried_again() {
        use aws_sdk_cloudwatch::error::ErrorMetadata;
        use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
        use aws_smithy_types::body::SdkBody;

        for (code, expected) in [
            ("AccessDenied", Some(FailureType::PermissionError)),
            ("AccessDeniedException", Some(FailureType::PermissionError)),
            ("ValidationError", Some(FailureType::ConfigurationError)),
            ("ThrottlingException", None),
            ("InternalServiceFault", None),
        ] {
            let error = DescribeAlarmsError::generic(ErrorMetadata::builder().code(code).build());
            let status = 400.try_into().expect("a status");
            let error = SdkError::service_error(error, HttpResponse::new(status, SdkBody::empty()));
            assert_eq!(refusal(&error), expected, "{code}");
        }
    }
}
