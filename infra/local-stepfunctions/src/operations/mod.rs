//! The Step Functions API: one file per group of operations, with the field and exception names of
//! AWS's service model.

mod arn;
mod errors;
mod executions;
mod history;
mod input;
mod page;
mod start_execution;
mod state_machines;
mod task_tokens;

use std::sync::Arc;

use local_service::ApiError;
use serde_json::Value;

use crate::driver::Inner;

pub(crate) fn call(service: &Arc<Inner>, operation: &str, input: Value) -> Result<Value, ApiError> {
    match operation {
        "CreateStateMachine" => state_machines::create(service, input::read(input)?),
        "UpdateStateMachine" => state_machines::update(service, input::read(input)?),
        "DescribeStateMachine" => state_machines::describe(service, input::read(input)?),
        "ListStateMachines" => state_machines::list(service, input::read(input)?),
        "DeleteStateMachine" => state_machines::delete(service, input::read(input)?),
        "StartExecution" => start_execution::start(service, input::read(input)?),
        "DescribeExecution" => executions::describe(service, input::read(input)?),
        "ListExecutions" => executions::list(service, input::read(input)?),
        "StopExecution" => executions::stop(service, input::read(input)?),
        "GetExecutionHistory" => history::get(service, input::read(input)?),
        "SendTaskSuccess" => task_tokens::succeed(service, input::read(input)?),
        "SendTaskFailure" => task_tokens::fail(service, input::read(input)?),
        "SendTaskHeartbeat" => task_tokens::heartbeat(service, input::read(input)?),
        _ => Err(ApiError::unsupported("Step Functions", operation)),
    }
}
