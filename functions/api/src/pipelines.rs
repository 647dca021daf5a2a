//! Pipelines and executions that requests name.

use engine::Rejection;
use engine::catalog::CustomActionType;
use engine::declaration::{ExecutionMode, PipelineDeclaration};
use engine::execution::{PipelineExecutionId, StateKey};
use platform::store::{ExecutionRow, PipelineHead};
use platform::{Fault, Platform, StoreError};

/// # Errors
/// `PipelineNotFound`
pub(crate) async fn pipeline(platform: &Platform, name: &str) -> Result<PipelineHead, StoreError> {
    let head = platform.store.pipeline(name).await?;
    head.ok_or_else(|| {
        let account = &platform.config.account_id;
        Rejection::PipelineNotFound(format!(
            "Account '{account}' does not have a pipeline with name '{name}'"
        ))
        .into()
    })
}

/// The action types beside CodePipeline's own that actions of these declarations may be of.
pub(crate) async fn made_action_types(
    platform: &Platform,
    declarations: &[&PipelineDeclaration],
) -> Result<Vec<CustomActionType>, Fault> {
    let mut stages = declarations.iter().flat_map(|declaration| &declaration.stages);
    // Few pipelines have an action of such a type.
    match stages.any(|stage| stage.actions.iter().any(|action| action.action_type_id.owner != "AWS")) {
        true => platform.store.action_types_of_account().await,
        false => Ok(Vec::new()),
    }
}

/// An execution of this pipeline; not one of a deleted pipeline of the same name.
pub(crate) async fn execution(
    platform: &Platform,
    head: &PipelineHead,
    id: &PipelineExecutionId,
) -> Result<Option<ExecutionRow>, Fault> {
    let row = platform.store.execution(&head.name, id).await?;
    Ok(row.filter(|row| row.execution.sequence > head.history_after))
}

/// # Errors
/// `PipelineExecutionNotFound`
pub(crate) async fn required_execution(
    platform: &Platform,
    head: &PipelineHead,
    id: &PipelineExecutionId,
) -> Result<ExecutionRow, StoreError> {
    execution(platform, head, id).await?.ok_or_else(|| {
        let message = format!("The pipeline '{}' has no execution with the id '{id}'.", head.name);
        Rejection::PipelineExecutionNotFound(message).into()
    })
}

/// The state that the events of an execution belong to. That of an unknown execution is refused by the pipeline's.
pub(crate) async fn state_key(
    platform: &Platform,
    name: &str,
    id: &PipelineExecutionId,
) -> Result<StateKey, StoreError> {
    let head = pipeline(platform, name).await?;
    let row = execution(platform, &head, id).await?;
    Ok(match row.map(|row| row.execution.mode) {
        Some(ExecutionMode::Parallel) => StateKey::parallel(name, id),
        Some(ExecutionMode::Superseded | ExecutionMode::Queued) | None => StateKey::pipeline(name),
    })
}
