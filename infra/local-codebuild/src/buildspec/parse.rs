//! The buildspec's top level.

use super::artifacts::parse_artifacts;
use super::batch::parse_batch;
use super::cache::parse_cache;
use super::env::{parse_env, parse_old_env};
use super::node::{Node, Value};
use super::phases::parse_phases;
use super::reports::parse_reports;
use super::value::{flag, mapping, notice, text};
use super::{Batch, Buildspec, BuildspecError, PhaseCommands, Shell};

/// Parses a buildspec's text. Everything that cannot be honoured here is an error.
pub fn parse(source: &str) -> Result<Buildspec, BuildspecError> {
    let root = Node::parse(source)?;
    let entries = top_level(&root)?;
    let has_isolated_commands = parse_version(&root, entries)? == Version::V0_1;
    let mut buildspec = empty(has_isolated_commands);
    for (key, node) in entries {
        match key.as_str() {
            "version" => {}
            "run-as" => buildspec.run_as.push(text(node)?),
            "environment_variables" if has_isolated_commands => parse_old_env(node, &mut buildspec)?,
            "env" if !has_isolated_commands => parse_env(node, &mut buildspec)?,
            "phases" => parse_phases(node, &mut buildspec)?,
            "artifacts" => parse_artifacts(node, &mut buildspec)?,
            "batch" => buildspec.batch = Some(parse_batch(node)?),
            "proxy" => parse_proxy(node, &mut buildspec)?,
            "reports" => parse_reports(node, &mut buildspec)?,
            "cache" => parse_cache(node, &mut buildspec)?,
            _ => notice(&mut buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    let phases = [&buildspec.install, &buildspec.pre_build, &buildspec.build, &buildspec.post_build];
    if phases.iter().all(|phase| phase.commands.is_empty() && phase.finally.is_empty()) {
        let message = match &buildspec.batch {
            None => "phases has no commands: nothing to run",
            Some(_) => "phases has no commands: a buildspec with a batch alone needs StartBuildBatch",
        };
        return Err(root.error(message));
    }
    Ok(buildspec)
}

/// The batch of a buildspec, which needs no phases if its builds have buildspecs of their own.
pub fn parse_for_batch(source: &str) -> Result<Batch, BuildspecError> {
    let root = Node::parse(source)?;
    let entries = top_level(&root)?;
    parse_version(&root, entries)?;
    let batch = entries.iter().find(|(key, _)| key == "batch");
    let (_, node) = batch.ok_or_else(|| root.error("there is no batch in the buildspec; use StartBuild"))?;
    let batch = parse_batch(node)?;
    if batch.tasks.iter().any(|task| task.buildspec.is_none()) {
        parse(source)?;
    }
    Ok(batch)
}

fn top_level(root: &Node) -> Result<&[(String, Node)], BuildspecError> {
    match &root.value {
        Value::Mapping(entries) => Ok(entries),
        Value::Null => Err(root.error("the buildspec is empty; it needs version and phases")),
        _ => Err(root.error(format!("the buildspec must be a mapping, not {}", root.kind()))),
    }
}

/// Logs and artifacts do not leave this machine, so no proxy stands between.
fn parse_proxy(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "upload-artifacts" | "logs" => {
                if flag(node)? {
                    notice(buildspec, node, "has no effect; logs and artifacts stay on this machine");
                }
            }
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(())
}

fn empty(has_isolated_commands: bool) -> Buildspec {
    Buildspec {
        has_isolated_commands,
        shell: Shell::default(),
        variables: Vec::new(),
        secrets: Vec::new(),
        exported_variables: Vec::new(),
        run_as: Vec::new(),
        install: PhaseCommands::default(),
        pre_build: PhaseCommands::default(),
        build: PhaseCommands::default(),
        post_build: PhaseCommands::default(),
        runtime_versions: Vec::new(),
        artifacts: None,
        secondary_artifacts: Vec::new(),
        cache: None,
        reports: Vec::new(),
        batch: None,
        notices: Vec::new(),
    }
}

#[derive(PartialEq, Eq)]
enum Version {
    V0_1,
    V0_2,
}

fn parse_version(root: &Node, entries: &[(String, Node)]) -> Result<Version, BuildspecError> {
    let Some((_, node)) = entries.iter().find(|(key, _)| key == "version") else {
        return Err(root.error("version is missing; write version: 0.2"));
    };
    match text(node)?.as_str() {
        "0.1" => Ok(Version::V0_1),
        "0.2" => Ok(Version::V0_2),
        other => Err(node.error(format!("there is no version {other:?}; write 0.2"))),
    }
}
