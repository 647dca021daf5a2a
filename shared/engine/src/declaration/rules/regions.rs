//! Artifact stores, and the Regions and accounts of actions and rules.

use std::collections::BTreeSet;

use crate::declaration::{Circumstances, Path, PipelineDeclaration, Violation};

use super::places::{Placed, Rules, actions};

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let mut violations = Vec::new();
    stores(pipeline, &mut violations);
    let rules = Rules::of(pipeline);
    let placed: Vec<_> = actions(pipeline).chain(rules.placed(pipeline)).collect();
    let home = home(pipeline, circumstances, &placed);
    let foreign: Vec<_> = placed
        .iter()
        .filter_map(|placed| Some((placed, placed.action.region.as_deref()?)))
        .filter(|(_, region)| home.is_some_and(|home| home != *region))
        .collect();
    if !foreign.is_empty() && pipeline.artifact_stores.is_none() {
        violations.push(
            Violation::structure(
                Path::root().member("artifactStore"),
                "Your pipeline contains actions in more than one region. Use 'pipeline.artifactStores' instead \
                 of 'pipeline.artifactStore' to declare an artifact store, such as an artifact bucket, for each \
                 region where you have an action.",
                "remove `region` from actions and rules: Pipewright runs them all in its own Region",
            )
            .at_name(),
        );
    }
    missing_stores(pipeline, home, &foreign.iter().map(|(_, region)| *region).collect(), &mut violations);
    for (placed, region) in foreign {
        violations.push(Violation::new(
            placed.exception(),
            placed.path().member("region"),
            format!(
                "{} is in Region '{region}'. Pipewright does not run {} in another Region than the pipeline yet",
                placed.shown(),
                many(*placed)
            ),
            "remove `region`, or have a pipeline of its own in that Region",
        ));
    }
    roles(pipeline, &placed, &mut violations);
    violations
}

fn many(placed: Placed) -> &'static str {
    if placed.is_rule() { "rules" } else { "actions" }
}

/// The Region of the pipeline: the one of the installation, else the only one that the declaration names.
fn home<'a>(
    pipeline: &'a PipelineDeclaration,
    circumstances: &'a Circumstances,
    placed: &[Placed<'a>],
) -> Option<&'a str> {
    if let Some(region) = &circumstances.region {
        return Some(region);
    }
    let stores = pipeline.artifact_stores.iter().flatten().map(|(region, _)| region.as_str());
    let mut regions = stores.chain(placed.iter().filter_map(|placed| placed.action.region.as_deref()));
    // With several, the Region of the source actions is the pipeline's: sources are never in another.
    let source = placed
        .iter()
        .filter(|placed| placed.action.is_source())
        .find_map(|placed| placed.action.region.as_deref());
    source.or_else(|| regions.next())
}

fn stores(pipeline: &PipelineDeclaration, violations: &mut Vec<Violation>) {
    let declares_many = pipeline.artifact_stores.as_ref().is_some_and(|stores| !stores.is_empty());
    match (&pipeline.artifact_store, declares_many) {
        (Some(_), true) => violations.push(
            Violation::structure(
                Path::root().member("artifactStores"),
                "The pipeline declares both 'pipeline.artifactStore' and 'pipeline.artifactStores'. Only one of \
                 them can be used",
                "keep `artifactStore`",
            )
            .at_name(),
        ),
        (None, false) => violations.push(Violation::structure(
            Path::root().member("artifactStore"),
            "The pipeline declares neither 'pipeline.artifactStore' nor 'pipeline.artifactStores'",
            "add `artifactStore`: {\"type\": \"S3\", \"location\": \"<bucket>\"}",
        )),
        (Some(_), false) | (None, true) => {}
    }
}

fn missing_stores(
    pipeline: &PipelineDeclaration,
    home: Option<&str>,
    foreign: &BTreeSet<&str>,
    violations: &mut Vec<Violation>,
) {
    let Some(stores) = pipeline.artifact_stores.as_ref().filter(|stores| !stores.is_empty()) else { return };
    for region in home.iter().chain(foreign).filter(|region| !stores.contains_key(**region)) {
        violations.push(Violation::structure(
            Path::root().member("artifactStores"),
            format!(
                "Your pipeline must have an artifact store, such as an artifact bucket, for each region where \
                 you have an action. The following region is missing in 'pipeline.artifactStores': {region}."
            ),
            format!("add a store for {region}, the Region where the pipeline runs"),
        ));
    }
}

/// A role of the same account only narrows permissions. One of another account is where the action works,
/// so running without it would work on the wrong account.
fn roles(pipeline: &PipelineDeclaration, placed: &[Placed], violations: &mut Vec<Violation>) {
    let account = |arn: &str| arn.split(':').nth(4).map(str::to_string);
    let Some(own) = account(&pipeline.role_arn) else { return };
    for placed in placed {
        let Some(other) = placed.action.role_arn.as_deref().and_then(account) else { continue };
        if other != own {
            violations.push(Violation::new(
                placed.exception(),
                placed.path().member("roleArn"),
                format!(
                    "{} has a role of account {other}, and the pipeline is of account {own}. Pipewright does not run \
                     {} in another account yet",
                    placed.shown(),
                    many(*placed)
                ),
                format!("remove `roleArn`, or have a pipeline of its own in account {other}"),
            ));
        }
    }
}
