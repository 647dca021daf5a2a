//! Invoke/AWS/CodePipeline/1: starts an execution of another pipeline.
//!
//! | configuration | |
//! | --- | --- |
//! | `PipelineName` | required; of this service and Region |
//! | `SourceRevisions` | JSON array as StartPipelineExecution takes it: `actionName`, `revisionType`, `revisionValue` |
//! | `Variables` | JSON array of `name` and `value` |
//!
//! No artifacts in or out. Output variable: PipelineExecutionId. It succeeds when the execution has started and does
//! not wait for its end: CodePipeline asks for the permission to start it and for no other (user guide, "AWS
//! CodePipeline invoke action reference"). An action that is run again starts nothing twice.
//!
//! Failures: ConfigurationError (no such pipeline or variable, or it is not understood), JobFailed (it has too many
//! executions).
//! Permissions: those of every function.

use engine::Rejection;
use engine::decide::{ActionOutput, FailureType};
use engine::execution::{SourceRevisionOverride, Trigger};
use platform::action::{ActionJob, ActionResult};
use platform::start::Start;
use platform::{Fault, Platform, StoreError};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    name: String,
    value: String,
}

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let start = match start(&platform, &job) {
        Ok(start) => start,
        Err(refusal) => return Ok(refusal),
    };
    match platform.start_pipeline_execution(&start).await {
        Ok(id) => Ok(ActionResult::succeeded(ActionOutput {
            variables: [("PipelineExecutionId".to_owned(), id.0.clone())].into(),
            summary: Some(format!("Started the execution {} of the pipeline {}", id.0, start.pipeline_name)),
            external_execution_id: Some(id.0),
            ..ActionOutput::default()
        })),
        Err(StoreError::Rejected(rejection)) => {
            let failure_type = match rejection {
                Rejection::ConcurrentPipelineExecutionsLimitExceeded(_) => FailureType::JobFailed,
                _ => FailureType::ConfigurationError,
            };
            Ok(ActionResult::failed(
                failure_type,
                format!("Error calling StartPipelineExecution: {rejection}"),
            ))
        }
        Err(StoreError::Fault(fault)) => Err(fault),
    }
}

fn start(platform: &Platform, job: &ActionJob) -> Result<Start, ActionResult> {
    let variables: Vec<Variable> = list(job, "Variables")?;
    let source_revisions: Vec<SourceRevisionOverride> = list(job, "SourceRevisions")?;
    let arn = platform.config.pipeline_arn(job.pipeline_name());
    Ok(Start {
        pipeline_name: job.required("PipelineName")?.to_owned(),
        variables: variables.into_iter().map(|variable| (variable.name, variable.value)).collect(),
        source_revisions,
        client_request_token: Some(job.action.action_execution_id.clone()),
        trigger: Trigger {
            trigger_type: "StartPipelineExecution".to_owned(),
            trigger_detail: format!("{arn}/{}/{}", job.stage_name, job.declaration.name),
        },
    })
}

fn list<Item: DeserializeOwned>(job: &ActionJob, key: &str) -> Result<Vec<Item>, ActionResult> {
    let Some(text) = job.optional(key) else { return Ok(Vec::new()) };
    serde_json::from_str(text).map_err(|error| {
        ActionResult::failed(FailureType::ConfigurationError, format!("{key} is not understood: {error}"))
    })
}
