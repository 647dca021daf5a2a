//! Which revisions an execution may be told to take in the place of the newest.

use super::{SourceRevisionOverride, SourceRevisionType};
use crate::Rejection;
use crate::declaration::PipelineDeclaration;

/// An override has to be of a type that its action takes (user guide, "Source revision overrides").
///
/// # Errors
/// `ValidationException`, naming the action.
pub fn check_source_revisions(
    declaration: &PipelineDeclaration,
    overrides: &[SourceRevisionOverride],
) -> Result<(), Rejection> {
    for wanted in overrides {
        let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let action = actions.find(|action| action.is_source() && action.name == wanted.action_name);
        let action = action.ok_or_else(|| {
            Rejection::Validation(format!("The pipeline has no source action '{}'.", wanted.action_name))
        })?;
        let provider = action.action_type_id.provider.as_str();
        let is_taken = match wanted.revision_type {
            SourceRevisionType::CommitId => matches!(provider, "CodeCommit" | "CodeStarSourceConnection"),
            SourceRevisionType::ImageDigest => provider == "ECR",
            SourceRevisionType::S3ObjectVersionId => provider == "S3",
            SourceRevisionType::S3ObjectKey => {
                let allowed = action.configuration("AllowOverrideForS3ObjectKey");
                provider == "S3" && allowed.is_some_and(|value| value.eq_ignore_ascii_case("true"))
            }
        };
        if !is_taken {
            let wanted_type = serde_json::to_value(wanted.revision_type).unwrap_or_default();
            return Err(Rejection::Validation(format!(
                "The source action '{}' ({provider}) does not take a revision of the type {wanted_type}.",
                action.name
            )));
        }
    }
    Ok(())
}
