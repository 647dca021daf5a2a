//! Approval/AWS/Manual/1: waits for a person.
//!
//! | configuration | |
//! | --- | --- |
//! | `CustomData` | what the approver shall know |
//! | `ExternalEntityLink` | what the approver shall look at |
//! | `NotificationArn` | an SNS topic that is told of the approval, in CodePipeline's format |
//!
//! No artifacts in or out. PutApprovalResult with the approval's token ends it; the token is the external
//! execution id, as CodePipeline has it for PARALLEL executions (API reference, PutApprovalResult). Nothing waits for
//! the message to the topic: one that cannot be published is tried again every minute until the approval is answered.
//!
//! Permissions: sns:Publish on the topic.

use engine::approval_notification::WaitingApproval;
use engine::catalog;
use engine::execution::Timestamp;
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    if let Some(topic_arn) = job.optional("NotificationArn") {
        let approval = WaitingApproval {
            region: &platform.config.region,
            pipeline_name: job.pipeline_name(),
            stage_name: &job.stage_name,
            action_name: &job.declaration.name,
            token: &job.approval_token,
            expires: expires(&job),
            external_entity_link: job.optional("ExternalEntityLink"),
            custom_data: job.optional("CustomData"),
        };
        platform.notify(&job, topic_arn, &approval).await?;
    }
    Ok(ActionResult::InProgress {
        external_execution_id: job.approval_token.clone(),
        external_execution_url: job.optional("ExternalEntityLink").map(str::to_owned),
        summary: job.optional("CustomData").map(str::to_owned),
        work: None,
    })
}

fn expires(job: &ActionJob) -> Timestamp {
    let usual = catalog::find(&job.declaration.action_type_id).map(|found| found.timeout_minutes);
    let minutes = job.declaration.timeout_in_minutes.or(usual).unwrap_or_default();
    Timestamp(job.started_at.0 + i64::from(minutes) * 60_000)
}
