//! A declaration that a request brings: every constraint and rule of it is checked before anything is written.

use engine::Rejection;
use engine::declaration::{Circumstances, PipelineDeclaration, Violation, check, first_rejection};
use engine::execution::Plan;
use serde_json::Value;

/// The declaration with its plan. `violations` are what is wrong with the rest of the request: the service tells
/// all broken constraints at once.
///
/// # Errors
/// The exception that CodePipeline gives for the first thing that is wrong.
pub(super) fn read(
    region: &str,
    pipeline: &Value,
    mut violations: Vec<Violation>,
) -> Result<(PipelineDeclaration, Plan), Rejection> {
    let circumstances = Circumstances { region: Some(region.to_owned()), ..Circumstances::default() };
    let checked = check(pipeline, &circumstances);
    // A request without a declaration is told that, and not all that a declaration has to have.
    if !pipeline.is_null() {
        violations.extend(checked.violations);
    }
    if let Some(rejection) = first_rejection(&violations) {
        return Err(rejection);
    }
    let plan = Plan::of(&checked.declaration).map_err(Rejection::InvalidActionDeclaration)?;
    Ok((checked.declaration, plan))
}
