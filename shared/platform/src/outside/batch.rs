//! A batch of builds as the outcome of an action: variables and artifacts of its builds, the build that failed.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_codebuild::types::{Build, BuildArtifacts, BuildBatch, BuildGroup, StatusType};
use engine::decide::{ActionOutcome, ActionOutput, ArtifactLocation, FailureType};

use super::codebuild;
use crate::store::OutsideWork;
use crate::{Fault, Platform};

/// As many builds as BatchGetBuilds takes at once.
const BUILDS_OF_A_CALL: usize = 100;
/// Between two looks at a batch none of whose builds runs, the first time; then twice as long each time.
const PAUSE_MS: u64 = 20;
const PAUSE_MS_MAX: u64 = 1_000;

/// A build with its group in the batch.
type BuildOf<'a> = (&'a BuildGroup, &'a Build);

/// `arn:…:build-batch/<project>:<uuid>` of the batch that a build belongs to, as BatchGetBuildBatches takes it.
pub(super) fn batch_of(build: &Build) -> Option<&str> {
    let arn = build.build_batch_arn.as_deref().filter(|arn| !arn.is_empty())?;
    Some(arn.rsplit_once('/').map_or(arn, |(_, id)| id))
}

/// The builds that a batch has begun.
pub(super) fn build_ids(batch: &BuildBatch) -> Vec<String> {
    batch.build_groups.iter().flatten().filter_map(build_id).collect()
}

fn build_id(group: &BuildGroup) -> Option<String> {
    let arn = group.current_build_summary.as_ref()?.arn.as_deref().filter(|arn| !arn.is_empty())?;
    Some(arn.rsplit_once('/').map_or(arn, |(_, id)| id).to_owned())
}

/// The batch as it is when one of its builds runs, or it has ended: between the end of a build and what follows
/// from it CodeBuild takes a moment, and there is no event of that. Waits no longer than `patience_ms`.
pub(super) async fn settled(
    platform: &Platform,
    batch_id: &str,
    patience_ms: u64,
) -> Result<Option<BuildBatch>, Fault> {
    let (mut waited_ms, mut pause_ms) = (0, PAUSE_MS);
    loop {
        let batch = describe(platform, batch_id).await?;
        let is_settled = match &batch {
            Some(batch) => is_ended(batch) || runs(platform, batch).await?,
            None => true,
        };
        if is_settled || waited_ms >= patience_ms {
            return Ok(batch);
        }
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        waited_ms += pause_ms;
        pause_ms = (pause_ms * 2).min(PAUSE_MS_MAX);
    }
}

async fn describe(platform: &Platform, batch_id: &str) -> Result<Option<BuildBatch>, Fault> {
    let output = platform.codebuild.batch_get_build_batches().ids(batch_id).send().await;
    let output =
        output.map_err(|error| Fault::of_call(&format!("asking for the batch {batch_id}"), error))?;
    Ok(output.build_batches.unwrap_or_default().into_iter().next())
}

/// What the batch says of its builds may be late, so they are asked themselves.
async fn runs(platform: &Platform, batch: &BuildBatch) -> Result<bool, Fault> {
    let groups = batch.build_groups.iter().flatten();
    let running = groups.filter(|group| {
        let status = group.current_build_summary.as_ref().and_then(|summary| summary.build_status.as_ref());
        status == Some(&StatusType::InProgress)
    });
    let builds = codebuild::describe_all(platform, &running.filter_map(build_id).collect::<Vec<_>>()).await?;
    Ok(builds.iter().any(|build| build.build_status == Some(StatusType::InProgress)))
}

fn is_ended(batch: &BuildBatch) -> bool {
    !matches!(batch.build_batch_status, None | Some(StatusType::InProgress))
}

/// `None` while the batch goes on.
pub(super) async fn outcome(
    platform: &Platform,
    batch: Option<&BuildBatch>,
    work: &OutsideWork,
    batch_id: &str,
) -> Result<Option<ActionOutcome>, Fault> {
    let Some(batch) = batch else {
        return Ok(Some(failed(format!("The batch {batch_id} does not exist any more."))));
    };
    let status = match &batch.build_batch_status {
        None | Some(StatusType::InProgress) => return Ok(None),
        Some(status) => status,
    };
    let builds = builds_of(platform, batch).await?;
    let groups = batch.build_groups.iter().flatten();
    let builds: Vec<BuildOf<'_>> =
        groups.filter_map(|group| Some((group, builds.get(&build_id(group)?)?))).collect();
    Ok(Some(match status {
        StatusType::Succeeded => succeeded(batch, &builds, work),
        status => failed(why(batch, &builds, status)),
    }))
}

async fn builds_of(platform: &Platform, batch: &BuildBatch) -> Result<BTreeMap<String, Build>, Fault> {
    let mut builds = BTreeMap::new();
    for ids in build_ids(batch).chunks(BUILDS_OF_A_CALL) {
        let described = codebuild::describe_all(platform, ids).await?;
        builds.extend(described.into_iter().filter_map(|build| Some((build.id.clone()?, build))));
    }
    Ok(builds)
}

fn succeeded(batch: &BuildBatch, builds: &[BuildOf<'_>], work: &OutsideWork) -> ActionOutcome {
    let is_combined = batch.build_batch_config.as_ref().and_then(|config| config.combine_artifacts);
    let artifacts = match is_combined {
        Some(true) => Ok(work.output_artifacts.iter().map(|output| combined(batch, output)).collect()),
        _ => apart(batch, builds, &work.output_artifacts),
    };
    match artifacts {
        Ok(artifacts) => ActionOutcome::Succeeded(ActionOutput {
            variables: variables(builds),
            artifacts,
            external_execution_id: batch.id.clone(),
            ..ActionOutput::default()
        }),
        Err(message) => failed(message),
    }
}

/// CodePipeline's guide does not say whose variables a batch gives. `<build>_<NAME>` is that of one build; `NAME`
/// is there as well when all builds that export it agree.
fn variables(builds: &[BuildOf<'_>]) -> BTreeMap<String, String> {
    let mut of_builds = BTreeMap::new();
    let mut shared: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (group, build) in builds {
        let identifier = group.identifier.as_deref().unwrap_or_default();
        let exported = build.exported_environment_variables.iter().flatten();
        for (name, value) in exported.filter_map(|v| Some((v.name.clone()?, v.value.clone()?))) {
            let agreed = shared.entry(name.clone()).or_insert_with(|| Some(value.clone()));
            if agreed.as_ref() != Some(&value) {
                *agreed = None;
            }
            of_builds.insert(format!("{identifier}_{name}"), value);
        }
    }
    of_builds.extend(shared.into_iter().filter_map(|(name, value)| Some((name, value?))));
    of_builds
}

/// The one zip of what all builds made.
fn combined(batch: &BuildBatch, output: &ArtifactLocation) -> ArtifactLocation {
    match &batch.artifacts {
        Some(made) => stored(made, output).unwrap_or_else(|| output.clone()),
        None => output.clone(),
    }
}

/// Each output is the artifact of a build: `<build>`, or `<build>_<secondary artifact>`. A build that failed
/// although the batch did not has none.
fn apart(
    batch: &BuildBatch,
    builds: &[BuildOf<'_>],
    outputs: &[ArtifactLocation],
) -> Result<Vec<ArtifactLocation>, String> {
    let groups: Vec<&str> =
        batch.build_groups.iter().flatten().filter_map(|group| group.identifier.as_deref()).collect();
    let mut made = Vec::new();
    for output in outputs {
        let named = groups.iter().filter_map(|group| Some((*group, artifact_behind(group, &output.name)?)));
        let Some((group, artifact)) = named.max_by_key(|(group, _)| group.len()) else {
            return Err(no_such_output(&output.name, &groups));
        };
        let build = builds.iter().find(|(of, _)| of.identifier.as_deref() == Some(group));
        let succeeded = build.filter(|(_, build)| build.build_status == Some(StatusType::Succeeded));
        let Some((_, build)) = succeeded else { continue };
        let artifacts = match artifact {
            "" => build.artifacts.as_ref(),
            name => {
                let mut secondary = build.secondary_artifacts.iter().flatten();
                secondary.find(|artifacts| artifacts.artifact_identifier.as_deref() == Some(name))
            }
        };
        let Some(location) = artifacts.and_then(|artifacts| stored(artifacts, output)) else {
            return Err(no_such_output(&output.name, &groups));
        };
        made.push(location);
    }
    Ok(made)
}

/// Which artifact of the build `group` an output of this name is; empty for its primary one.
fn artifact_behind<'a>(group: &str, output: &'a str) -> Option<&'a str> {
    match output.strip_prefix(group)? {
        "" => Some(""),
        rest => rest.strip_prefix('_').filter(|artifact| !artifact.is_empty()),
    }
}

fn no_such_output(output: &str, groups: &[&str]) -> String {
    format!(
        "The batch has no artifact for the output '{output}'. Name an output after a build of the batch ({}), or \
         '<build>_<secondary artifact>' beside an output '<build>'.",
        groups.join(", ")
    )
}

/// CodeBuild says where an artifact is, `arn:aws:s3:::<bucket>/<key>`, and the SHA-256 of what it zipped (API
/// reference, BuildArtifacts).
fn stored(made: &BuildArtifacts, output: &ArtifactLocation) -> Option<ArtifactLocation> {
    let place = made.location.as_deref()?;
    let (bucket, key) = place.rsplit_once(":::").map_or(place, |(_, place)| place).split_once('/')?;
    Some(ArtifactLocation {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        sha256: made.sha256_sum.clone().unwrap_or_default(),
        ..output.clone()
    })
}

fn why(batch: &BuildBatch, builds: &[BuildOf<'_>], status: &StatusType) -> String {
    let is_bad = |(group, build): &&BuildOf<'_>| {
        build.build_status != Some(StatusType::Succeeded) && !group.ignore_failure
    };
    // The first failure stops the others if the batch fails fast; those say nothing.
    let mut bad: Vec<_> = builds.iter().filter(is_bad).collect();
    bad.sort_by_key(|(_, build)| build.build_status == Some(StatusType::Stopped));
    let of_build = bad.first().and_then(|(group, build)| {
        let status = build.build_status.as_ref()?;
        Some(format!("Build {}: {}", group.identifier.as_deref()?, codebuild::why(build, status)))
    });
    let of_batch = || {
        let contexts = batch.phases.iter().flatten().filter_map(|phase| {
            let message = phase.contexts.iter().flatten().find_map(|context| context.message.clone())?;
            Some(format!("{}: {message}", phase.phase_type.as_ref()?.as_str()))
        });
        contexts.into_iter().next().unwrap_or_else(|| "no phase says why".to_owned())
    };
    let status = status.as_str();
    format!("Build batch terminated with state: {status}. {}", of_build.unwrap_or_else(of_batch))
}

fn failed(message: String) -> ActionOutcome {
    ActionOutcome::Failed { failure_type: FailureType::JobFailed, message }
}

#[cfg(test)]
mod tests;
