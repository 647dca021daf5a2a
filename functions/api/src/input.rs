//! Reading an operation's input, with CodePipeline's words for what is wrong with it.

use engine::Rejection;
use engine::execution::PipelineExecutionId;
use platform::{Platform, StoreError};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The typed input of an operation.
pub(crate) fn parse<T: DeserializeOwned>(input: &Value) -> Result<T, StoreError> {
    serde_json::from_value(input.clone()).map_err(|error| {
        Rejection::Validation(format!("1 validation error detected: the request cannot be read: {error}"))
            .into()
    })
}

pub(crate) fn no_such_pipeline(name: &str) -> StoreError {
    Rejection::PipelineNotFound(format!("Account does not have a pipeline with name '{name}'")).into()
}

pub(crate) fn no_such_execution(name: &str, id: &PipelineExecutionId) -> StoreError {
    Rejection::PipelineExecutionNotFound(format!(
        "The pipeline '{name}' has no execution with the id '{id}'."
    ))
    .into()
}

/// The state that the events of an execution belong to.
pub(crate) async fn state_key(
    platform: &Platform,
    name: &str,
    id: &PipelineExecutionId,
) -> Result<engine::execution::StateKey, StoreError> {
    use engine::declaration::ExecutionMode;
    use engine::execution::StateKey;
    if platform.store.pipeline(name).await?.is_none() {
        return Err(no_such_pipeline(name));
    }
    let row = platform.store.execution(name, id).await?.ok_or_else(|| no_such_execution(name, id))?;
    Ok(match row.execution.mode {
        ExecutionMode::Parallel => StateKey::parallel(name, id),
        ExecutionMode::Superseded | ExecutionMode::Queued => StateKey::pipeline(name),
    })
}
