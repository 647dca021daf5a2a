//! Build, Deploy, Test or Invoke/Custom/… and …/ThirdParty/…: an action of a type that the account created, or a
//! provider made, becomes a job, for which a worker polls, or with which the provider's function is invoked.
//!
//! Configuration and artifacts are those of the action type: of CreateCustomActionType, or UpdateActionType. A worker
//! of the account polls with PollForJobs, by the action type and its queryable property; takes the job with
//! AcknowledgeJob; reads and writes artifacts in S3, where the job says and with the keys that are in it; and reports
//! with PutJobSuccessResult or PutJobFailureResult. A success with a `continuationToken` is no end: half a minute
//! later there is another job, with the token. An action that nobody finishes ends after 24 hours.
//!
//! A provider's worker does the same with the operations for third parties. Its poll tells the `ClientId` of the
//! action; everything else asks for the `ClientToken` that goes with it. A provider's function is invoked with the job
//! as in Invoke/AWS/Lambda, and reports as such a function does. Each job ends after the type's `jobTimeout`.
//! Output variables: what the worker or the function reports; there are none in the operations for third parties.
//!
//! Failures: ConfigurationError (the action type is gone, or not for this account any more; the value of its queryable
//! property is none that workers can ask for; the ClientId is no UUID), JobFailed (the job's time is up), and what is
//! reported. Permissions: those of advance-execution and of invoke-lambda.

use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    platform.offer_job(&job).await
}
