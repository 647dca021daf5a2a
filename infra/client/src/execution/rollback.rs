//! Executions that bring a stage back to what an earlier execution had.

use aws_sdk_codepipeline::types::{ExecutionTrigger, PipelineExecution, PipelineExecutionSummary};
use serde_json::Value;

/// The execution that a rollback goes back to; none for other executions.
pub(crate) fn target(execution: &PipelineExecution) -> Option<&str> {
    execution.rollback_metadata()?.rollback_target_pipeline_execution_id()
}

/// The same of an execution in a list.
pub(crate) fn target_of_summary(execution: &PipelineExecutionSummary) -> Option<&str> {
    execution.rollback_metadata()?.rollback_target_pipeline_execution_id()
}

/// The execution whose failure was the trigger of a rollback; none if a person asked for it.
pub(crate) fn failed_execution(trigger: Option<&ExecutionTrigger>) -> Option<String> {
    let trigger = trigger?;
    let detail =
        (trigger.trigger_type()?.as_str() == "AutomatedRollback").then(|| trigger.trigger_detail())?;
    let detail: Value = serde_json::from_str(detail?).ok()?;
    detail["FailedPipelineExecutionId"].as_str().map(str::to_owned)
}

/// Among `executions` the one that rolls back a stage in which `failed` failed.
pub(crate) fn rollback_of(failed: &str, executions: &[PipelineExecutionSummary]) -> Option<String> {
    let is_its = |one: &&PipelineExecutionSummary| failed_execution(one.trigger()).as_deref() == Some(failed);
    executions.iter().find(is_its)?.pipeline_execution_id().map(str::to_owned)
}
