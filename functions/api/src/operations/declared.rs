//! A declaration that a request brings: every constraint and rule of it is checked before anything is written.

use engine::Rejection;
use engine::declaration::{
    Circumstances, CustomActionTypes, PipelineDeclaration, Violation, check, first_rejection,
};
use engine::execution::Plan;
use platform::{Platform, StoreError};
use serde_json::Value;

/// The declaration with its plan. `violations` are what is wrong with the rest of the request: the service tells
/// all broken constraints at once.
///
/// # Errors
/// The exception that CodePipeline gives for the first thing that is wrong.
pub(super) async fn read(
    platform: &Platform,
    pipeline: &Value,
    mut violations: Vec<Violation>,
) -> Result<(PipelineDeclaration, Plan), StoreError> {
    // Few pipelines have an action of such a type.
    let known = match names_custom_actions(pipeline) {
        true => platform.store.custom_action_types().await?,
        false => Vec::new(),
    };
    let circumstances = Circumstances {
        region: Some(platform.config.region.clone()),
        custom_action_types: CustomActionTypes::Known(known),
        ..Circumstances::default()
    };
    let checked = check(pipeline, &circumstances);
    // A request without a declaration is told that, and not all that a declaration has to have.
    if !pipeline.is_null() {
        violations.extend(checked.violations);
    }
    if let Some(rejection) = first_rejection(&violations) {
        return Err(rejection.into());
    }
    let plan = Plan::of(&checked.declaration).map_err(Rejection::InvalidActionDeclaration)?;
    Ok((checked.declaration, plan))
}

fn names_custom_actions(pipeline: &Value) -> bool {
    let stages = pipeline["stages"].as_array();
    let mut actions = stages.into_iter().flatten().flat_map(|stage| stage["actions"].as_array()).flatten();
    actions.any(|action| action["actionTypeId"]["owner"] == "Custom")
}
