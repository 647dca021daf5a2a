//! The message of an approval that waits, to the SNS topic that its action names. Nobody waits for it: what cannot be
//! published now is tried again by the sweep, until the approval is answered.

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use engine::approval_notification::WaitingApproval;
use serde::{Deserialize, Serialize};

use crate::action::ActionJob;
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};

/// A message that is still to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub topic_arn: String,
    pub subject: String,
    pub message: String,
}

impl Platform {
    /// Publishes the message of an approval, once at least.
    ///
    /// # Errors
    /// It could not be kept for later.
    pub async fn notify(
        &self,
        job: &ActionJob,
        topic_arn: &str,
        approval: &WaitingApproval<'_>,
    ) -> Result<(), Fault> {
        let planned = OutsideWork {
            external_execution_id: Some(approval.token.to_owned()),
            notification: Some(Notification {
                topic_arn: topic_arn.to_owned(),
                subject: approval.subject(),
                message: approval.message().to_string(),
            }),
            ..self.plan_outside_work(job, Provider::ApprovalNotification)
        };
        let (work, _) = self.keep_planned(job, planned).await?;
        if let Err(fault) = publish(self, &work).await {
            tracing::warn!(topic = topic_arn, %fault, "the message of an approval is left to the sweep");
        }
        Ok(())
    }

    /// An approval that was answered meanwhile needs no message.
    pub(super) async fn notify_again(&self, work: &OutsideWork) -> Result<(), Fault> {
        match self.is_in_progress(work).await? {
            true => publish(self, work).await,
            false => self.forget(work).await,
        }
    }
}

/// Publishes what is kept and forgets it. What is refused for good is told of in the log, and not tried again.
async fn publish(platform: &Platform, work: &OutsideWork) -> Result<(), Fault> {
    if let Some(Notification { topic_arn, subject, message }) = &work.notification {
        let call = platform.sns.publish().topic_arn(topic_arn).subject(subject).message(message);
        match call.send().await {
            Ok(_) => {}
            Err(error) if is_final(&error) => {
                let fault = Fault::of_call("publishing the message of an approval", error);
                tracing::error!(topic = topic_arn, %fault, "nobody is told of an approval");
            }
            Err(error) => return Err(Fault::of_call("publishing the message of an approval", error)),
        }
    }
    platform.store.forget_outside_work(&work.action.action_execution_id).await
}

/// The topic, the message or the permission is wrong.
fn is_final(error: &SdkError<PublishError>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    [
        "NotFound",
        "AuthorizationError",
        "InvalidParameter",
        "InvalidParameterValue",
        "EndpointDisabled",
        "UnsupportedOperation",
        "AccessDenied",
    ]
    .contains(&code)
        || code.starts_with("KMS")
}
