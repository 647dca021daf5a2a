//! What a build is told for an action, whatever its project says: its artifacts' places in S3 are given where a
//! project's source and artifacts of type CODEPIPELINE would be, so that projects made for CodePipeline work. Pure.

use std::collections::BTreeMap;

use aws_sdk_codebuild::types::builders::ProjectArtifactsBuilder;
use aws_sdk_codebuild::types::{
    ArtifactNamespace, ArtifactPackaging, ArtifactsType, EnvironmentVariable, EnvironmentVariableType,
    ProjectArtifacts, ProjectSource, SourceType,
};
use engine::decide::ArtifactLocation;

use super::{ACTION_EXECUTION_VARIABLE, BuildRequest, BuildVariable};
use crate::action::ActionJob;

/// Where the outputs of an action go.
pub(super) struct OutputPlaces {
    pub primary: Option<ProjectArtifacts>,
    pub secondary: Vec<ProjectArtifacts>,
}

/// The inputs of an action, and its environment.
pub(super) struct BuildInputs {
    pub source_location: Option<String>,
    pub secondary_sources: Vec<ProjectSource>,
    pub variables: Vec<EnvironmentVariable>,
}

impl BuildInputs {
    pub(super) fn of(job: &ActionJob, build: &BuildRequest) -> Self {
        let id = job.action.action_execution_id.clone();
        let ours =
            BuildVariable { name: ACTION_EXECUTION_VARIABLE.into(), value: id, kind: "PLAINTEXT".into() };
        // Nobody but we may say whose build it is.
        let given = build.variables.iter().filter(|given| given.name != ours.name);
        let variables = given.chain([&ours]).filter_map(variable).collect();
        let mut inputs = job.input_artifacts.iter();
        let primary =
            inputs.find(|artifact| build.primary_source.as_ref().is_none_or(|name| artifact.name == *name));
        let others =
            job.input_artifacts.iter().filter(|artifact| Some(&artifact.name) != primary.map(|p| &p.name));
        Self {
            source_location: primary.map(location),
            secondary_sources: others.filter_map(secondary_source).collect(),
            variables,
        }
    }
}

impl OutputPlaces {
    /// A single output is the buildspec's `artifacts`; several are its `secondary-artifacts`, by their names.
    pub(super) fn of_build(outputs: &[ArtifactLocation]) -> Self {
        match outputs {
            [only] => Self { primary: zipped(only).build().ok(), secondary: Vec::new() },
            several => {
                let named =
                    several.iter().filter_map(|one| zipped(one).artifact_identifier(&one.name).build().ok());
                Self { primary: none(), secondary: named.collect() }
            }
        }
    }

    /// Of a batch whose artifacts stay apart: each build stores below the places that are given here. Outputs are
    /// named `<build>`, and `<build>_<secondary artifact>` (CodeBuild user guide, "Batch build with individual
    /// artifacts").
    pub(super) fn of_batch(outputs: &[ArtifactLocation]) -> Self {
        let names: Vec<_> = outputs.iter().map(|output| output.name.as_str()).collect();
        let identifiers = secondary_identifiers(&names);
        let mut places = BTreeMap::new();
        let mut primary = None;
        for (output, identifier) in outputs.iter().zip(identifiers) {
            match identifier {
                Some(identifier) => _ = places.entry(identifier).or_insert(output),
                None => primary = primary.or(Some(output)),
            }
        }
        let named = places.into_iter();
        let named = named.filter_map(|(name, output)| zipped(output).artifact_identifier(name).build().ok());
        Self {
            primary: primary.map_or_else(none, |output| zipped(output).build().ok()),
            secondary: named.collect(),
        }
    }
}

/// Which secondary artifact each output is; none for one that is the artifact of a build. CodeBuild knows the
/// names of the builds, we do not yet: so what follows the name of another output is a secondary artifact, and
/// where it stands again behind other names it is the same one.
fn secondary_identifiers<'a>(names: &[&'a str]) -> Vec<Option<&'a str>> {
    let behind_another = |name: &'a str| {
        let rests = names.iter().filter_map(|other| name.strip_prefix(other)?.strip_prefix('_'));
        rests.filter(|rest| !rest.is_empty()).min_by_key(|rest| rest.len())
    };
    let known: Vec<&str> = names.iter().filter_map(|name| behind_another(name)).collect();
    let of = |name: &'a str| {
        let same = known.iter().filter(|known| {
            name.strip_suffix(**known)
                .and_then(|build| build.strip_suffix('_'))
                .is_some_and(|b| !b.is_empty())
        });
        behind_another(name).or_else(|| same.copied().max_by_key(|known| known.len()))
    };
    names.iter().map(|name| of(name)).collect()
}

fn variable(variable: &BuildVariable) -> Option<EnvironmentVariable> {
    let kind = EnvironmentVariableType::from(variable.kind.as_str());
    EnvironmentVariable::builder().name(&variable.name).value(&variable.value).r#type(kind).build().ok()
}

fn location(artifact: &ArtifactLocation) -> String {
    format!("{}/{}", artifact.bucket, artifact.key)
}

fn secondary_source(artifact: &ArtifactLocation) -> Option<ProjectSource> {
    let source = ProjectSource::builder().r#type(SourceType::S3).location(location(artifact));
    source.source_identifier(&artifact.name).build().ok()
}

fn none() -> Option<ProjectArtifacts> {
    ProjectArtifacts::builder().r#type(ArtifactsType::NoArtifacts).build().ok()
}

fn zipped(artifact: &ArtifactLocation) -> ProjectArtifactsBuilder {
    let (path, name) = artifact.key.rsplit_once('/').unwrap_or(("", &artifact.key));
    ProjectArtifacts::builder()
        .r#type(ArtifactsType::S3)
        .location(&artifact.bucket)
        .path(path)
        .name(name)
        .namespace_type(ArtifactNamespace::None)
        .packaging(ArtifactPackaging::Zip)
        .override_artifact_name(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_a_batch_are_told_apart_by_their_names() {
        let (artifact1, artifact2) = (Some("artifact1"), Some("artifact2"));
        for (names, expected) in [
            (vec!["linux_amd64"], vec![None]),
            (vec!["linux_amd64", "linux_arm64"], vec![None, None]),
            (vec!["build1", "build1_artifact1", "build1_artifact2"], vec![None, artifact1, artifact2]),
            (vec!["build1", "build1_artifact1", "build2_artifact1"], vec![None, artifact1, artifact1]),
            (
                vec!["build2_test_docs", "build1_test_docs", "build1"],
                vec![Some("test_docs"), Some("test_docs"), None],
            ),
            (vec!["build1", "build1_"], vec![None, None]),
            (vec![], vec![]),
        ] {
            assert_eq!(secondary_identifiers(&names), expected, "{names:?}");
        }
    }

    #[test]
    fn every_place_of_a_batch_is_a_place_of_one_of_its_outputs() {
        let output = |name: &str| ArtifactLocation {
            name: name.into(),
            bucket: "artifacts".into(),
            key: format!("shop/{name}/1"),
            sha256: String::new(),
            size_bytes: 0,
        };
        let outputs = ["one", "one_docs", "two", "two_docs"].map(output);
        let places = OutputPlaces::of_batch(&outputs);
        let path = |artifacts: &ProjectArtifacts| {
            (artifacts.artifact_identifier.clone(), artifacts.path.clone().unwrap_or_default())
        };
        assert_eq!(places.primary.as_ref().map(path), Some((None, "shop/one".into())));
        let secondary: Vec<_> = places.secondary.iter().map(path).collect();
        assert_eq!(secondary, [(Some("docs".into()), "shop/one_docs".into())]);
        let nothing = OutputPlaces::of_batch(&[]);
        assert_eq!(nothing.primary.map(|primary| primary.r#type), Some(ArtifactsType::NoArtifacts));
        assert!(nothing.secondary.is_empty());
    }
}
