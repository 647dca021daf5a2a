//! The buildspec's top level and its `env` section.

use super::artifacts::parse_artifacts;
use super::node::{Node, Value};
use super::phases::parse_phases;
use super::{Buildspec, BuildspecError, PhaseCommands, Shell};

/// Parses a buildspec's text. Everything that cannot be honoured here is an error.
pub fn parse(source: &str) -> Result<Buildspec, BuildspecError> {
    let root = Node::parse(source)?;
    let entries = match &root.value {
        Value::Mapping(entries) => entries,
        Value::Null => return Err(root.error("the buildspec is empty; it needs version and phases")),
        _ => return Err(root.error(format!("the buildspec must be a mapping, not {}", root.kind()))),
    };
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
            "batch" => {
                return Err(node.error(
                    "batch builds are not supported here; move the builds into actions of the pipeline",
                ));
            }
            "proxy" => {
                return Err(node.error(
                    "proxy is not supported here; set HTTPS_PROXY and NO_PROXY as variables of the build",
                ));
            }
            "reports" => notice(&mut buildspec, node, "test reports are not supported yet; none is made"),
            "cache" => notice(&mut buildspec, node, "there is no cache here; nothing is restored or saved"),
            _ => notice(&mut buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    let phases = [&buildspec.install, &buildspec.pre_build, &buildspec.build, &buildspec.post_build];
    if phases.iter().all(|phase| phase.commands.is_empty() && phase.finally.is_empty()) {
        return Err(root.error("phases has no commands: nothing to run"));
    }
    Ok(buildspec)
}

fn empty(has_isolated_commands: bool) -> Buildspec {
    Buildspec {
        has_isolated_commands,
        shell: Shell::default(),
        variables: Vec::new(),
        exported_variables: Vec::new(),
        run_as: Vec::new(),
        install: PhaseCommands::default(),
        pre_build: PhaseCommands::default(),
        build: PhaseCommands::default(),
        post_build: PhaseCommands::default(),
        runtime_versions: Vec::new(),
        artifacts: None,
        secondary_artifacts: Vec::new(),
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

/// `environment_variables` of version 0.1, where `variables` was called `plaintext`.
fn parse_old_env(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "plaintext" => buildspec.variables = parse_variables(node)?,
            "parameter-store" => refuse_store(node, "Parameter Store")?,
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(())
}

fn parse_env(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "shell" => buildspec.shell = parse_shell(node)?,
            "variables" => buildspec.variables = parse_variables(node)?,
            "exported-variables" => {
                for item in list(node)? {
                    buildspec.exported_variables.push(variable_name(&item, text(&item)?)?);
                }
            }
            "parameter-store" => refuse_store(node, "Parameter Store")?,
            "secrets-manager" => refuse_store(node, "Secrets Manager")?,
            "git-credential-helper" => {
                if flag(node)? {
                    let text = "there is no credential helper here; git uses what the host has configured";
                    notice(buildspec, node, text);
                }
            }
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(())
}

fn refuse_store(node: &Node, store: &str) -> Result<(), BuildspecError> {
    if mapping(node)?.is_empty() {
        return Ok(());
    }
    Err(node.error(format!(
        "{store} is not supported here yet; give the values as environment variables of the project or the \
         action"
    )))
}

fn parse_shell(node: &Node) -> Result<Shell, BuildspecError> {
    match text(node)?.as_str() {
        "sh" | "/bin/sh" => Ok(Shell::Sh),
        "bash" | "/bin/bash" => Ok(Shell::Bash),
        other => Err(node.error(format!("the shell {other:?} is not supported here; use bash or sh"))),
    }
}

fn parse_variables(node: &Node) -> Result<Vec<(String, String)>, BuildspecError> {
    let mut variables = Vec::new();
    for (name, node) in mapping(node)? {
        variables.push((variable_name(node, name.clone())?, text(node)?));
    }
    Ok(variables)
}

fn variable_name(node: &Node, name: String) -> Result<String, BuildspecError> {
    if is_variable_name(&name) {
        return Ok(name);
    }
    Err(node.error(format!(
        "{name:?} is no name of a variable: use letters, digits and _, not starting with a digit"
    )))
}

/// What every shell takes for the name of a variable.
pub fn is_variable_name(name: &str) -> bool {
    let is_start = |first: char| first.is_ascii_alphabetic() || first == '_';
    name.starts_with(is_start) && name.chars().all(|other| other.is_ascii_alphanumeric() || other == '_')
}

pub(super) fn notice(buildspec: &mut Buildspec, node: &Node, text: &str) {
    buildspec.notices.push(format!("buildspec line {}: {}: {text}", node.line, node.path));
}

pub(super) fn mapping(node: &Node) -> Result<&[(String, Node)], BuildspecError> {
    match &node.value {
        Value::Mapping(entries) => Ok(entries),
        Value::Null => Ok(&[]),
        _ => Err(node.error(format!("must be a mapping, not {}", node.kind()))),
    }
}

/// A list of items. CodeBuild also takes one item in place of a list of one.
pub(super) fn list(node: &Node) -> Result<Vec<Node>, BuildspecError> {
    match &node.value {
        Value::Sequence(items) => Ok(items.clone()),
        Value::Text(_) => Ok(vec![node.clone()]),
        Value::Null => Ok(Vec::new()),
        Value::Mapping(_) => Err(node.error("must be a list, not a mapping")),
    }
}

pub(super) fn text(node: &Node) -> Result<String, BuildspecError> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Mapping(_) => Err(node
            .error("must be a string, not a mapping; put quotes around a text that has a colon and a space")),
        Value::Sequence(_) => Err(node.error("must be a string, not a list")),
    }
}

pub(super) fn flag(node: &Node) -> Result<bool, BuildspecError> {
    match text(node)?.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" | "" => Ok(false),
        other => Err(node.error(format!("must be yes or no, not {other:?}"))),
    }
}
