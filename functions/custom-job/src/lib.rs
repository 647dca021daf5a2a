//! Build, Deploy, Test or Invoke/Custom/…: an action of a type that the account created becomes a job, for which a
//! worker of the account's own polls.
//!
//! Configuration and artifacts are those of the action type that was created with CreateCustomActionType. The worker
//! polls with PollForJobs, by the action type and its queryable property; takes the job with AcknowledgeJob; reads and
//! writes artifacts in S3, where the job says and with the keys that are in it; and reports with PutJobSuccessResult
//! or PutJobFailureResult. A success with a `continuationToken` is no end: half a minute later there is another job,
//! with the token. An action that nobody finishes ends after 24 hours.
//! Output variables: what the worker reports.
//!
//! Failures: ConfigurationError (the action type was deleted, or the value of its queryable property is none that
//! workers can ask for), and what the worker reports.
//! Permissions: those of advance-execution.

use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    platform.offer_job(&job).await
}
