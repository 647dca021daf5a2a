//! Invoke/AWS/StepFunctions/1: starts an execution of a state machine and waits for its end.
//!
//! | configuration | |
//! | --- | --- |
//! | `StateMachineArn` | required |
//! | `InputType` | `Literal` (the default) or `FilePath` |
//! | `Input` | JSON; with `FilePath` the path of a file in the input artifact, and required; `{}` without it |
//! | `ExecutionNamePrefix` | before the action execution's id and a hyphen, in the execution's name |
//!
//! At most one artifact in, and one out: `output.json`, what the machine has returned. Output variables:
//! StateMachineArn, ExecutionArn. Ends with the execution's event; of an EXPRESS machine only the start is waited for,
//! and there is no artifact. An execution goes on when its action is abandoned.
//!
//! Failures: ConfigurationError (no such machine, file, or input), PermissionError, JobFailed (FAILED, TIMED_OUT or
//! ABORTED, with error and cause).
//! Permissions: states:StartExecution on the machine, states:DescribeExecution on its executions, s3:GetObject and
//! s3:PutObject on artifacts.

use std::io::Cursor;

use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use platform::store::Provider;
use platform::{Fault, Platform};

/// What an execution takes as its input (Step Functions' quotas).
const INPUT_BYTES_MAX: u64 = 256 * 1024;

/// What an action starts.
pub fn work(_: &ActionJob) -> Provider {
    Provider::StepFunctions
}

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let state_machine_arn = match job.required("StateMachineArn") {
        Ok(arn) => arn,
        Err(refusal) => return Ok(refusal),
    };
    let input = match input(&platform, &job).await? {
        Ok(input) => input,
        Err(refusal) => return Ok(refusal),
    };
    let prefix = job.optional("ExecutionNamePrefix");
    platform.start_machine(&job, state_machine_arn, prefix, &input).await
}

/// The inner error is the result that the action fails with.
async fn input(platform: &Platform, job: &ActionJob) -> Result<Result<String, ActionResult>, Fault> {
    let is_file = job.optional("InputType").is_some_and(|word| word.eq_ignore_ascii_case("FilePath"));
    if !is_file {
        return Ok(Ok(job.optional("Input").unwrap_or("{}").to_owned()));
    }
    let path = match job.required("Input") {
        Ok(path) => path,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let refused = |message: String| Ok(Err(ActionResult::failed(FailureType::ConfigurationError, message)));
    let Some(artifact) = job.input_artifacts.first() else {
        return refused("InputType FilePath needs an input artifact.".to_owned());
    };
    let zip = match platform.artifacts.get(artifact).await? {
        Ok(zip) => zip,
        Err(lost) => return Ok(Err(lost)),
    };
    match archive::read_entry(Cursor::new(zip), path, INPUT_BYTES_MAX) {
        Ok(Some(contents)) => match String::from_utf8(contents) {
            Ok(text) => Ok(Ok(text)),
            Err(_) => refused(format!("The file {path} is no text in UTF-8.")),
        },
        Ok(None) => refused(format!("There is no file {path} in the artifact {}.", artifact.name)),
        Err(error) => refused(format!("The artifact {}: {error}", artifact.name)),
    }
}
