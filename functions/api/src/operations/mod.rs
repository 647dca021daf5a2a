//! One file per operation. The list below is the only one: it dispatches, and it tells what there is.

mod create_pipeline;
mod disable_stage_transition;
mod enable_stage_transition;
mod get_pipeline;
mod get_pipeline_execution;
mod list_action_executions;
mod list_pipeline_executions;
mod put_approval_result;
mod retry_stage_execution;
mod start_pipeline_execution;
mod stop_pipeline_execution;
mod update_pipeline;

use engine::Rejection;
use platform::{Platform, StoreError};
use serde_json::Value;

use crate::Request;

macro_rules! operations {
    ($($name:literal => $module:ident,)*) => {
        /// The operations that are answered.
        pub fn names() -> &'static [&'static str] {
            &[$($name),*]
        }

        pub(crate) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
            match request.operation.as_str() {
                $($name => $module::call(platform, request).await,)*
                other => Err(unknown(other)),
            }
        }
    };
}

operations! {
    "CreatePipeline" => create_pipeline,
    "DisableStageTransition" => disable_stage_transition,
    "EnableStageTransition" => enable_stage_transition,
    "GetPipeline" => get_pipeline,
    "GetPipelineExecution" => get_pipeline_execution,
    "ListActionExecutions" => list_action_executions,
    "ListPipelineExecutions" => list_pipeline_executions,
    "PutApprovalResult" => put_approval_result,
    "RetryStageExecution" => retry_stage_execution,
    "StartPipelineExecution" => start_pipeline_execution,
    "StopPipelineExecution" => stop_pipeline_execution,
    "UpdatePipeline" => update_pipeline,
}

fn unknown(operation: &str) -> StoreError {
    Rejection::Validation(format!(
        "The operation {operation} is not answered here. Answered are: {}.",
        names().join(", ")
    ))
    .into()
}
