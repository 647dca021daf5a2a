//! Approval/AWS/Manual/1: waits for a person.
//!
//! | configuration | |
//! | --- | --- |
//! | `CustomData` | what the approver shall know |
//! | `ExternalEntityLink` | what the approver shall look at |
//! | `NotificationArn` | its form is checked; nothing is published yet, which `pipewright run` says |
//!
//! No artifacts in or out. PutApprovalResult with the approval's token ends it; the token is the external
//! execution id, as CodePipeline has it for PARALLEL executions (API reference, PutApprovalResult).

use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(_platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    Ok(ActionResult::InProgress {
        external_execution_id: job.approval_token.clone(),
        external_execution_url: job.optional("ExternalEntityLink").map(str::to_owned),
        summary: job.optional("CustomData").map(str::to_owned),
        work: None,
    })
}
