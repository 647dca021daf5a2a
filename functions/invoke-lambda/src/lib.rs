//! Invoke/AWS/Lambda/1: invokes a Lambda function with a job, which the function reports.
//!
//! | configuration | |
//! | --- | --- |
//! | `FunctionName` | required; a name or an ARN |
//! | `UserParameters` | text for the function |
//!
//! 0 to 5 artifacts in, 0 to 5 out; the function reads and writes them in S3, where the job's event says and
//! with the keys that are in it.
//! Output variables: what the function reports. The action ends when the job is reported with
//! PutJobSuccessResult or PutJobFailureResult. A success with a `continuationToken` is no end: the function is
//! invoked again within a minute, with the token. A function that says nothing for 20 minutes has failed.
//!
//! Failures: ConfigurationError (no such function), PermissionError, and what the function reports.
//! Permissions: lambda:InvokeFunction on the function; sts:AssumeRole on the role whose keys open artifacts.

use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    match job.required("FunctionName") {
        Ok(function_name) => platform.start_invocation(&job, function_name, None).await,
        Err(refusal) => Ok(refusal),
    }
}
