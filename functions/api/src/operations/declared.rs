//! A declaration that a request brings: every constraint and rule of it is checked before anything is written.

use engine::Rejection;
use engine::declaration::{
    Circumstances, CustomActionTypes, Former, HIDDEN, PipelineDeclaration, Secrets, Violation, check,
    first_rejection, take_secrets,
};
use engine::execution::Plan;
use platform::{Platform, StoreError};
use serde_json::Value;

/// A declaration that may be written.
pub(super) struct Declared {
    /// Without its secrets.
    pub declaration: PipelineDeclaration,
    pub secrets: Secrets,
    pub plan: Plan,
}

/// Reads a declaration. `violations` are what is wrong with the rest of the request: the service tells all broken
/// constraints at once. `former` is the version that it is to follow.
///
/// # Errors
/// The exception that CodePipeline gives for the first thing that is wrong.
pub(super) async fn read(
    platform: &Platform,
    pipeline: &Value,
    mut violations: Vec<Violation>,
    former: Option<Former>,
) -> Result<Declared, StoreError> {
    // Few pipelines have an action of such a type.
    let known = match names_made_actions(pipeline) {
        true => platform.store.action_types_of_account().await?,
        false => Vec::new(),
    };
    let circumstances = Circumstances {
        region: Some(platform.config.region.clone()),
        custom_action_types: CustomActionTypes::Known(known),
        former,
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
    let mut declaration = checked.declaration;
    let plan = Plan::of(&declaration).map_err(Rejection::InvalidActionDeclaration)?;
    let Circumstances { custom_action_types, former, .. } = circumstances;
    let secrets = take_secrets(&mut declaration, &custom_action_types, former.as_ref());
    Ok(Declared { declaration, secrets, plan })
}

/// Whether a value of an action's configuration stands for what it was in the version before.
pub(super) fn keeps_secrets(pipeline: &Value) -> bool {
    let mut values = actions(pipeline).filter_map(|action| action["configuration"].as_object());
    values.any(|values| values.values().any(|value| value == HIDDEN))
}

fn names_made_actions(pipeline: &Value) -> bool {
    let is_made = |owner: &Value| owner == "Custom" || owner == "ThirdParty";
    actions(pipeline).any(|action| is_made(&action["actionTypeId"]["owner"]))
}

fn actions(pipeline: &Value) -> impl Iterator<Item = &Value> {
    let stages = pipeline["stages"].as_array();
    stages.into_iter().flatten().filter_map(|stage| stage["actions"].as_array()).flatten()
}
