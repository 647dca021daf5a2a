//! Providers speak of objects, users of artifacts: a provider's words are completed with the artifact that they
//! are about.

use engine::decide::{ActionOutcome, ArtifactLocation};

use crate::store::OutsideWork;
use crate::{Fault, Platform};

/// The outcome of `work` as the provider tells it, in words for users.
pub(super) async fn told(
    platform: &Platform,
    work: &OutsideWork,
    outcome: ActionOutcome,
) -> Result<ActionOutcome, Fault> {
    let ActionOutcome::Failed { failure_type, message } = outcome else { return Ok(outcome) };
    let action = &work.action;
    let rows = platform.store.actions_of_stage(&action.pipeline_execution_id, action.stage_index).await?;
    let row = rows.into_iter().find(|row| row.execution.id == action.action_execution_id);
    let inputs = row.and_then(|row| row.input).map(|input| input.input_artifacts).unwrap_or_default();
    Ok(ActionOutcome::Failed { failure_type, message: naming(&inputs, message) })
}

fn naming(artifacts: &[ArtifactLocation], message: String) -> String {
    let is_about = |artifact: &&ArtifactLocation| message.contains(&url(artifact));
    match artifacts.iter().find(is_about) {
        Some(artifact) => format!(
            "{message}. {} is the artifact {}: if it is damaged or gone, put it back and retry the stage, or start a \
             new execution",
            url(artifact),
            artifact.name
        ),
        None => message,
    }
}

fn url(artifact: &ArtifactLocation) -> String {
    format!("s3://{}/{}", artifact.bucket, artifact.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_about_an_artifact_names_it_and_every_other_stays() {
        let artifact = |name: &str, key: &str| ArtifactLocation {
            name: name.to_owned(),
            bucket: "store".to_owned(),
            key: key.to_owned(),
            sha256: String::new(),
            size_bytes: 0,
        };
        let artifacts = [artifact("App", "shop/App/1"), artifact("Tests", "shop/Tests/2")];
        for (message, expected) in [
            ("cannot read s3://store/shop/Tests/2: it is gone", Some("is the artifact Tests")),
            ("cannot read s3://store/shop/Other/3: it is gone", None),
            ("exit status 1", None),
        ] {
            let named = naming(&artifacts, message.to_owned());
            assert!(named.starts_with(message), "{named}");
            assert_eq!(named.len() > message.len(), expected.is_some(), "{named}");
            assert!(expected.is_none_or(|expected| named.contains(expected)), "{named}");
        }
    }
}
