//! An execution of a state machine of the user's as the work of an action. Its name ends with the action execution's
//! id, so that its event names its action, and a repeated start is refused.

use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sfn::operation::describe_execution::{DescribeExecutionError, DescribeExecutionOutput};
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::types::ExecutionStatus;
use engine::decide::{ActionOutcome, ActionOutput, FailureType};

use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};

/// The file with the output of the machine, in the output artifact.
const OUTPUT_FILE: &str = "output.json";
/// Of an action execution's id, at the end of an execution's name.
const ID_LENGTH: usize = 36;

impl Platform {
    /// Starts an execution of a state machine, which ends the action; one of an EXPRESS machine is not waited for.
    ///
    /// # Errors
    /// What the user can mend fails the action; everything else is a fault, and is tried again.
    pub async fn start_machine(
        &self,
        job: &ActionJob,
        state_machine_arn: &str,
        name_prefix: Option<&str>,
        input: &str,
    ) -> Result<ActionResult, Fault> {
        if state_machine_arn == self.config.stage_execution_state_machine_arn {
            let message = "The state machine is the one that runs stages, which pipelines cannot start.";
            return Ok(ActionResult::failed(FailureType::ConfigurationError, message));
        }
        let (work, _) = self.keep_outside_work_of(job, Provider::StepFunctions).await?;
        if let Some(id) = work.external_execution_id.clone() {
            return Ok(ActionResult::outside(work, &id, None));
        }
        let id = &job.action.action_execution_id;
        let name = name_prefix.map_or_else(|| id.clone(), |prefix| format!("{prefix}-{id}"));
        let call = self.stepfunctions.start_execution().state_machine_arn(state_machine_arn);
        let arn = match call.name(&name).input(input).send().await {
            Ok(output) => output.execution_arn,
            // An earlier run of the function has started it, and it has ended.
            Err(error) if is(&error, StartExecutionError::is_execution_already_exists) => {
                execution_arn(state_machine_arn, &name)
            }
            Err(error) => return self.refuse_machine(job, error).await,
        };
        if arn.contains(":express:") {
            self.store.forget_outside_work(id).await?;
            let variables = [("StateMachineArn".to_owned(), state_machine_arn.to_owned())];
            let summary = Some("The execution of the express state machine has started".to_owned());
            return Ok(ActionResult::succeeded(ActionOutput {
                variables: variables.into(),
                external_execution_id: Some(arn),
                summary,
                ..ActionOutput::default()
            }));
        }
        let page = page(&arn);
        Ok(ActionResult::outside(work, &arn, Some(page)))
    }

    async fn refuse_machine(
        &self,
        job: &ActionJob,
        error: SdkError<StartExecutionError>,
    ) -> Result<ActionResult, Fault> {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
        let failure_type = match code {
            "AccessDeniedException" => FailureType::PermissionError,
            "ExecutionLimitExceeded" => FailureType::JobFailed,
            "StateMachineDoesNotExist"
            | "StateMachineDeleting"
            | "InvalidArn"
            | "InvalidExecutionInput"
            | "InvalidName"
            | "ValidationException" => FailureType::ConfigurationError,
            _ => return Err(Fault::of_call("starting a state machine", error)),
        };
        self.store.forget_outside_work(&job.action.action_execution_id).await?;
        let message = Fault::of_call("Error calling StartExecution", error).to_string();
        Ok(ActionResult::failed(failure_type, message))
    }

    /// An execution of a state machine has ended, says its event: ends the action that it belongs to. Answers whether
    /// it is ours. `name`: of the execution.
    pub async fn conclude_machine(&self, execution_arn: &str, name: &str) -> Result<bool, Fault> {
        let Some(id) = action_of_name(name) else { return Ok(false) };
        let work = self.work_that_counts(id, execution_arn).await?;
        let Some(work) = work.filter(|work| work.provider == Provider::StepFunctions) else {
            return Ok(false);
        };
        self.end_if(&work, outcome(self, &work, execution_arn).await?).await?;
        Ok(true)
    }
}

/// The action execution whose id an execution's name ends with.
fn action_of_name(name: &str) -> Option<&str> {
    let id = name.get(name.len().checked_sub(ID_LENGTH)?..)?;
    id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-').then_some(id)
}

/// `None` while it runs.
pub(super) async fn outcome(
    platform: &Platform,
    work: &OutsideWork,
    arn: &str,
) -> Result<Option<ActionOutcome>, Fault> {
    let execution = match platform.stepfunctions.describe_execution().execution_arn(arn).send().await {
        Ok(execution) => execution,
        Err(error) if is(&error, DescribeExecutionError::is_execution_does_not_exist) => {
            return Ok(Some(failed(format!("The execution {arn} does not exist any more."))));
        }
        Err(error) => return Err(Fault::of_call("asking for an execution", error)),
    };
    match execution.status() {
        ExecutionStatus::Succeeded => {
            Ok(Some(ActionOutcome::Succeeded(output(platform, work, &execution).await?)))
        }
        ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Aborted => {
            Ok(Some(failed(why(&execution))))
        }
        _ => Ok(None),
    }
}

async fn output(
    platform: &Platform,
    work: &OutsideWork,
    execution: &DescribeExecutionOutput,
) -> Result<ActionOutput, Fault> {
    let arn = execution.execution_arn().to_owned();
    let mut artifacts = Vec::new();
    if let Some(place) = work.output_artifacts.first() {
        let contents = execution.output().unwrap_or("{}").as_bytes().to_vec();
        artifacts.push(platform.artifacts.put_file(place, OUTPUT_FILE, contents).await?);
    }
    let variables = [
        ("StateMachineArn".to_owned(), execution.state_machine_arn().to_owned()),
        ("ExecutionArn".to_owned(), arn.clone()),
    ];
    Ok(ActionOutput {
        variables: variables.into(),
        artifacts,
        external_execution_url: Some(page(&arn)),
        external_execution_id: Some(arn),
        summary: Some("The execution of the state machine succeeded".to_owned()),
        ..ActionOutput::default()
    })
}

fn why(execution: &DescribeExecutionOutput) -> String {
    let status = execution.status().as_str();
    let details = [execution.error(), execution.cause()];
    let details: Vec<_> = details.into_iter().flatten().filter(|detail| !detail.is_empty()).collect();
    let arn = execution.execution_arn();
    match details.is_empty() {
        true => format!("The execution {arn} ended as {status}"),
        false => format!("The execution {arn} ended as {status}: {}", details.join(": ")),
    }
}

/// `arn:…:stateMachine:<name>`, maybe with a version or an alias, and `arn:…:execution:<name>:<execution>`
fn execution_arn(state_machine_arn: &str, name: &str) -> String {
    let machine: Vec<_> = state_machine_arn.split(':').take(7).collect();
    format!("{}:{name}", machine.join(":").replacen(":stateMachine:", ":execution:", 1))
}

/// In AWS's console.
fn page(arn: &str) -> String {
    let region = arn.split(':').nth(3).unwrap_or_default();
    format!("https://console.aws.amazon.com/states/home?region={region}#/executions/details/{arn}")
}

fn failed(message: String) -> ActionOutcome {
    ActionOutcome::Failed { failure_type: FailureType::JobFailed, message }
}

fn is<E, R>(error: &SdkError<E, R>, kind: impl Fn(&E) -> bool) -> bool {
    error.as_service_error().is_some_and(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_execution_ends_with_its_action() {
        let id = "1624a1d1-3699-43f0-8e1e-6bafd7fde791";
        assert_eq!(action_of_name(id), Some(id));
        assert_eq!(action_of_name(&format!("myPrefix-{id}")), Some(id));
        for other in ["", "nightly", "a-name-of-somebody-elses-with-no-id-at-all"] {
            assert_eq!(action_of_name(other), None, "{other}");
        }
        let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:Hello";
        let expected = "arn:aws:states:us-east-1:111122223333:execution:Hello:e";
        assert_eq!(execution_arn(machine, "e"), expected);
        assert_eq!(execution_arn(&format!("{machine}:PROD"), "e"), expected);
    }
}
