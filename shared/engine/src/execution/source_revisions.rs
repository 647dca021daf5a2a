//! Which revisions an execution may be told to take in the place of the newest.

use super::{SourceRevisionOverride, SourceRevisionType};
use crate::Rejection;
use crate::declaration::{ActionDeclaration, PipelineDeclaration};

/// What a revision of a source action is; `None` of a provider whose revisions nobody can choose.
pub fn source_revision_type(action: &ActionDeclaration) -> Option<SourceRevisionType> {
    match action.action_type_id.provider.as_str() {
        "CodeCommit" | "CodeStarSourceConnection" => Some(SourceRevisionType::CommitId),
        "ECR" => Some(SourceRevisionType::ImageDigest),
        "S3" => Some(SourceRevisionType::S3ObjectVersionId),
        _ => None,
    }
}

/// An override has to be of a type that its action takes, and the only one of it (user guide, "Source revision
/// overrides").
///
/// # Errors
/// `ValidationException`, naming the action.
pub fn check_source_revisions(
    declaration: &PipelineDeclaration,
    overrides: &[SourceRevisionOverride],
) -> Result<(), Rejection> {
    for (index, wanted) in overrides.iter().enumerate() {
        let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let action = actions.find(|action| action.is_source() && action.name == wanted.action_name);
        let action = action.ok_or_else(|| {
            Rejection::Validation(format!("The pipeline has no source action '{}'.", wanted.action_name))
        })?;
        if !takes(action, wanted.revision_type) {
            return Err(Rejection::Validation(not_taken(action, wanted.revision_type)));
        }
        let is_same = |other: &SourceRevisionOverride| {
            (&other.action_name, other.revision_type) == (&wanted.action_name, wanted.revision_type)
        };
        if overrides.iter().take(index).any(is_same) {
            return Err(Rejection::Validation(format!(
                "The source action '{}' is given two revisions of the type {}.",
                action.name,
                word(wanted.revision_type)
            )));
        }
    }
    Ok(())
}

/// The key of an object may be chosen where the action allows it, with or without its version.
fn takes(action: &ActionDeclaration, wanted: SourceRevisionType) -> bool {
    let usual = source_revision_type(action);
    let is_allowed = || {
        let allowed = action.configuration(ALLOW_KEY);
        allowed.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    };
    match wanted {
        SourceRevisionType::S3ObjectKey => {
            usual == Some(SourceRevisionType::S3ObjectVersionId) && is_allowed()
        }
        wanted => usual == Some(wanted),
    }
}

const ALLOW_KEY: &str = "AllowOverrideForS3ObjectKey";

fn not_taken(action: &ActionDeclaration, wanted: SourceRevisionType) -> String {
    let usual = source_revision_type(action);
    let instead = match (wanted, usual) {
        (SourceRevisionType::S3ObjectKey, Some(SourceRevisionType::S3ObjectVersionId)) => {
            format!("Set {ALLOW_KEY} to true in its configuration first.")
        }
        (_, Some(usual)) => format!("It takes {}.", word(usual)),
        (_, None) => "Its provider takes no revision of any type.".to_owned(),
    };
    format!(
        "The source action '{}' ({}) does not take a revision of the type {}. {instead}",
        action.name,
        action.action_type_id.provider,
        word(wanted)
    )
}

fn word(revision_type: SourceRevisionType) -> &'static str {
    match revision_type {
        SourceRevisionType::CommitId => "COMMIT_ID",
        SourceRevisionType::ImageDigest => "IMAGE_DIGEST",
        SourceRevisionType::S3ObjectVersionId => "S3_OBJECT_VERSION_ID",
        SourceRevisionType::S3ObjectKey => "S3_OBJECT_KEY",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::SourceRevisionType::{CommitId, ImageDigest, S3ObjectKey, S3ObjectVersionId};
    use super::*;

    fn declared() -> PipelineDeclaration {
        let source = |name: &str, provider: &str, configuration: Value| {
            let id = json!({ "category": "Source", "owner": "AWS", "provider": provider, "version": "1" });
            json!({ "name": name, "actionTypeId": id, "configuration": configuration })
        };
        let build = json!({
            "name": "Build",
            "actionTypeId": { "category": "Build", "owner": "AWS", "provider": "S3", "version": "1" },
        });
        let sources = [
            source("Git", "CodeStarSourceConnection", json!({})),
            source("Commit", "CodeCommit", json!({})),
            source("Image", "ECR", json!({})),
            source("Fixed", "S3", json!({ "AllowOverrideForS3ObjectKey": "false" })),
            source("Free", "S3", json!({ "AllowOverrideForS3ObjectKey": "True" })),
            source("Old", "GitHub", json!({})),
        ];
        let stages =
            json!([{ "name": "Source", "actions": sources }, { "name": "Build", "actions": [build] }]);
        serde_json::from_value(json!({ "name": "p", "stages": stages })).expect("a declaration")
    }

    fn wanted(action: &str, revision_type: SourceRevisionType) -> SourceRevisionOverride {
        SourceRevisionOverride { action_name: action.into(), revision_type, revision_value: "v".into() }
    }

    #[test]
    fn a_source_takes_revisions_of_its_own_kind() {
        for (action, taken) in [
            ("Git", &[CommitId][..]),
            ("Commit", &[CommitId]),
            ("Image", &[ImageDigest]),
            ("Fixed", &[S3ObjectVersionId]),
            ("Free", &[S3ObjectVersionId, S3ObjectKey]),
            ("Old", &[]),
            ("Build", &[]),
            ("Nobody", &[]),
        ] {
            for revision_type in [CommitId, ImageDigest, S3ObjectVersionId, S3ObjectKey] {
                let checked = check_source_revisions(&declared(), &[wanted(action, revision_type)]);
                assert_eq!(checked.is_ok(), taken.contains(&revision_type), "{action} {revision_type:?}");
            }
        }
        let both = [wanted("Free", S3ObjectKey), wanted("Free", S3ObjectVersionId), wanted("Git", CommitId)];
        assert_eq!(check_source_revisions(&declared(), &both), Ok(()));
    }

    #[test]
    fn a_refusal_says_what_would_be_taken() {
        for (overrides, said) in [
            (
                vec![wanted("Git", ImageDigest)],
                "does not take a revision of the type IMAGE_DIGEST. It takes COMMIT_ID.",
            ),
            (vec![wanted("Fixed", S3ObjectKey)], "Set AllowOverrideForS3ObjectKey to true"),
            (vec![wanted("Old", CommitId)], "takes no revision of any type"),
            (vec![wanted("Build", CommitId)], "has no source action 'Build'"),
            (vec![wanted("Git", CommitId), wanted("Git", CommitId)], "two revisions of the type COMMIT_ID"),
        ] {
            let refused = check_source_revisions(&declared(), &overrides).expect_err(said);
            assert!(refused.code() == "ValidationException" && refused.message().contains(said), "{refused}");
        }
    }
}
