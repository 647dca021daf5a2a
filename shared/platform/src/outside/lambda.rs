//! A Lambda function as an action: it is invoked asynchronously with a job, and the action ends when the
//! job is reported ([`super::JobReport`]), by the function or by whoever it handed the job to.
//!
//! The first job of an action has the action execution's id, so that a report finds its action however soon
//! it comes. A job that is reported as not finished is followed by another one with an id of its own; the
//! sweep invokes the function for it, as CodePipeline does after about half a minute.

use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use engine::decide::{ActionOutcome, FailureType};
use engine::execution::Timestamp;

use super::artifact_keys::artifact_keys;
use super::job_event::job_event;
use crate::action::{ActionJob, ActionResult};
use crate::store::{Invocation, OutsideWork, Provider};
use crate::{Fault, Platform, ids};

/// CodePipeline waits so long for a function that says nothing (user guide, "Quotas"); every report that the
/// job is not finished starts the time anew.
const REPLY_MS: i64 = 20 * 60 * 1000;

impl Platform {
    /// Invokes the function of an action with the action's first job; each has so long to be reported, else as long
    /// as CodePipeline waits. A function that is run again invokes it
    /// again, with the same job: Lambda too may deliver an asynchronous invocation twice.
    ///
    /// # Errors
    /// What the user can mend fails the action; everything else is a fault, and is tried again.
    pub async fn start_invocation(
        &self,
        job: &ActionJob,
        function_name: &str,
        timeout_seconds: Option<u32>,
    ) -> Result<ActionResult, Fault> {
        let job_id = &job.action.action_execution_id;
        let planned = OutsideWork {
            external_execution_id: Some(job_id.clone()),
            invocation: Some(Invocation {
                function_name: function_name.to_owned(),
                configuration: job.configuration.clone(),
                input_artifacts: job.input_artifacts.clone(),
                continuation_token: None,
                is_due: false,
                heard_at: self.clock.now(),
                timeout_seconds,
            }),
            ..self.plan_outside_work(job, Provider::Lambda)
        };
        let (work, _) = self.keep_planned(job, planned).await?;
        let in_progress = |id: &str| ActionResult::InProgress {
            external_execution_id: id.to_owned(),
            external_execution_url: None,
            summary: None,
            work: None,
        };
        let answered = work.invocation.as_ref().is_some_and(|invocation| invocation.is_due);
        match work.external_execution_id.as_deref() {
            // The function has answered an earlier invocation, with more to come.
            Some(id) if answered || id != job_id => return Ok(in_progress(id)),
            _ => {}
        }
        match invoke(self, job_id, &work).await? {
            Ok(()) => Ok(in_progress(job_id)),
            Err((failure_type, message)) => {
                self.store.forget_outside_work(job_id).await?;
                Ok(ActionResult::failed(failure_type, message))
            }
        }
    }
}

/// Invokes the function again if it asked for that. `None` while it may still report its job.
pub(super) async fn outcome(platform: &Platform, work: &OutsideWork) -> Result<Option<ActionOutcome>, Fault> {
    let Some(invocation) = &work.invocation else { return Ok(None) };
    match next(invocation, platform.clock.now()) {
        Next::Wait => Ok(None),
        Next::GiveUp(message) => {
            Ok(Some(ActionOutcome::Failed { failure_type: FailureType::JobFailed, message }))
        }
        Next::InvokeAgain => {
            let job_id = ids::uuid();
            let heard_at = platform.clock.now();
            let again = OutsideWork {
                external_execution_id: Some(job_id.clone()),
                invocation: Some(Invocation { is_due: false, heard_at, ..invocation.clone() }),
                ..work.clone()
            };
            // Known before the function is: it may report at once.
            platform.store.update_outside_work(&again).await?;
            let invoked = invoke(platform, &job_id, &again).await?;
            let failed = |(failure_type, message)| ActionOutcome::Failed { failure_type, message };
            Ok(invoked.err().map(failed))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Wait,
    InvokeAgain,
    GiveUp(String),
}

fn next(invocation: &Invocation, now: Timestamp) -> Next {
    if invocation.is_due {
        return Next::InvokeAgain;
    }
    let reply_ms = invocation.timeout_seconds.map_or(REPLY_MS, |seconds| i64::from(seconds) * 1000);
    if now.0 - invocation.heard_at.0 < reply_ms {
        return Next::Wait;
    }
    Next::GiveUp(format!(
        "The AWS Lambda function {} failed to return a result. Check the function to verify that it has \
         permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.",
        invocation.function_name
    ))
}

/// The inner error is the user's to mend.
async fn invoke(
    platform: &Platform,
    job_id: &str,
    work: &OutsideWork,
) -> Result<Result<(), (FailureType, String)>, Fault> {
    let Some(invocation) = &work.invocation else {
        return Err(Fault::corrupt("a function's work does not say which function"));
    };
    let keys = artifact_keys(platform, job_id, &invocation.input_artifacts, &work.output_artifacts).await?;
    let event = job_event(job_id, &platform.config.account_id, work, invocation, &keys);
    let request = platform
        .lambda
        .invoke()
        .function_name(&invocation.function_name)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(event.to_string()));
    match request.send().await {
        Ok(_) => Ok(Ok(())),
        Err(error) => match refusal(&error) {
            None => Err(Fault::of_call("invoking a function", error)),
            Some(failure_type) => {
                let what = format!("Error invoking the AWS Lambda function {}", invocation.function_name);
                Ok(Err((failure_type, Fault::of_call(&what, error).to_string())))
            }
        },
    }
}

/// What the user can mend; the rest is Lambda's trouble, and passes.
fn refusal(error: &SdkError<InvokeError>) -> Option<FailureType> {
    match error.as_service_error()?.code()? {
        "ResourceNotFoundException"
        | "InvalidParameterValueException"
        | "InvalidRequestContentException"
        | "RequestTooLargeException"
        | "UnsupportedMediaTypeException"
        | "InvalidRuntimeException" => Some(FailureType::ConfigurationError),
        "AccessDeniedException" => Some(FailureType::PermissionError),
        code if code.starts_with("KMS") || code.starts_with("InvalidSecurityGroup") => {
            Some(FailureType::JobFailed)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_twenty_minutes_to_say_something() {
        let invocation = |is_due| Invocation {
            function_name: "f".into(),
            configuration: [].into(),
            input_artifacts: vec![],
            continuation_token: None,
            is_due,
            heard_at: Timestamp(1000),
            timeout_seconds: None,
        };
        assert_eq!(next(&invocation(false), Timestamp(1000 + REPLY_MS - 1)), Next::Wait);
        assert_eq!(next(&invocation(true), Timestamp(1001)), Next::InvokeAgain);
        assert!(matches!(next(&invocation(false), Timestamp(1000 + REPLY_MS)), Next::GiveUp(_)));
        assert_eq!(next(&invocation(true), Timestamp(1000 + REPLY_MS)), Next::InvokeAgain);
        let impatient = Invocation { timeout_seconds: Some(60), ..invocation(false) };
        assert_eq!(next(&impatient, Timestamp(60_999)), Next::Wait);
        assert!(matches!(next(&impatient, Timestamp(61_000)), Next::GiveUp(_)));
    }
}
