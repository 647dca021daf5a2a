//! A build as the outcome of an action: exported variables, artifacts with their digests, the phase that
//! failed.

use std::collections::BTreeMap;

use aws_sdk_codebuild::types::{Build, StatusType};
use engine::decide::{ActionOutcome, ActionOutput, ArtifactLocation, FailureType};

use super::ACTION_EXECUTION_VARIABLE;
use crate::store::OutsideWork;
use crate::{Fault, Platform};

/// Which of our action executions a build belongs to; `None` for a build that is not ours.
pub(super) fn action_of(build: &Build) -> Option<&str> {
    let variables = build.environment.as_ref()?.environment_variables.as_deref()?;
    let ours = variables.iter().find(|variable| variable.name == ACTION_EXECUTION_VARIABLE)?;
    Some(&ours.value)
}

/// `None` while the build goes on.
pub(super) fn outcome(build: Option<&Build>, work: &OutsideWork, build_id: &str) -> Option<ActionOutcome> {
    let Some(build) = build else {
        return Some(failed(format!("The build {build_id} does not exist any more.")));
    };
    match build.build_status {
        None | Some(StatusType::InProgress) => None,
        Some(StatusType::Succeeded) => Some(succeeded(build, work)),
        Some(ref status) => Some(failed(why(build, status))),
    }
}

pub(super) async fn describe(platform: &Platform, build_id: &str) -> Result<Option<Build>, Fault> {
    Ok(describe_all(platform, &[build_id.to_owned()]).await?.into_iter().next())
}

/// Those that exist, of at most 100.
pub(super) async fn describe_all(platform: &Platform, ids: &[String]) -> Result<Vec<Build>, Fault> {
    let [first, ..] = ids else { return Ok(Vec::new()) };
    let output = platform.codebuild.batch_get_builds().set_ids(Some(ids.to_vec())).send().await;
    let output = output.map_err(|error| Fault::of_call(&format!("asking for the build {first}"), error))?;
    Ok(output.builds.unwrap_or_default())
}

fn succeeded(build: &Build, work: &OutsideWork) -> ActionOutcome {
    let exported = build.exported_environment_variables.iter().flatten();
    let variables: BTreeMap<_, _> =
        exported.filter_map(|v| Some((v.name.clone()?, v.value.clone()?))).collect();
    let artifacts = work.output_artifacts.iter().map(|artifact| with_digest(build, artifact.clone()));
    ActionOutcome::Succeeded(ActionOutput {
        variables,
        artifacts: artifacts.collect(),
        external_execution_id: build.id.clone(),
        external_execution_url: build.logs.as_ref().and_then(|logs| logs.deep_link.clone()),
        ..ActionOutput::default()
    })
}

/// CodeBuild says the SHA-256 of what it zipped (API reference, BuildArtifacts).
fn with_digest(build: &Build, artifact: ArtifactLocation) -> ArtifactLocation {
    let secondary = build.secondary_artifacts.iter().flatten();
    let mut made = build.artifacts.iter().chain(secondary);
    let is_this = |location: &str| location.ends_with(&format!("{}/{}", artifact.bucket, artifact.key));
    let made = made.find(|made| made.location.as_deref().is_some_and(is_this));
    let sha256 = made.and_then(|made| made.sha256_sum.clone()).unwrap_or_default();
    ArtifactLocation { sha256, ..artifact }
}

pub(super) fn why(build: &Build, status: &StatusType) -> String {
    let phases = build.phases.iter().flatten();
    let mut contexts = phases.filter_map(|phase| {
        let name = phase.phase_type.as_ref()?.as_str();
        let message = phase.contexts.iter().flatten().find_map(|context| context.message.clone())?;
        (!message.is_empty()).then(|| format!("{name}: {message}"))
    });
    let first = contexts.next().unwrap_or_else(|| "no phase says why".to_owned());
    format!("Build terminated with state: {}. {first}", status.as_str())
}

fn failed(message: String) -> ActionOutcome {
    ActionOutcome::Failed { failure_type: FailureType::JobFailed, message }
}
