//! The `env` section, and what it was called in version 0.1.

use super::node::Node;
use super::secret_reference::secrets_manager_reference;
use super::value::{flag, list, mapping, notice, text};
use super::{Buildspec, BuildspecError, SecretReference, SecretVariable, Shell};

/// `environment_variables` of version 0.1, where `variables` was called `plaintext`.
pub(super) fn parse_old_env(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "plaintext" | "variables" => buildspec.variables.extend(parse_variables(node)?),
            "parameter-store" => parse_parameters(node, buildspec)?,
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(())
}

pub(super) fn parse_env(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "shell" => buildspec.shell = parse_shell(node)?,
            "variables" => buildspec.variables = parse_variables(node)?,
            "exported-variables" => {
                for item in list(node)? {
                    buildspec.exported_variables.push(variable_name(&item, text(&item)?)?);
                }
            }
            "parameter-store" => parse_parameters(node, buildspec)?,
            "secrets-manager" => parse_secrets(node, buildspec)?,
            "git-credential-helper" => {
                if flag(node)? {
                    let text = "has no effect; git uses what the host has configured";
                    notice(buildspec, node, text);
                }
            }
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(())
}

fn parse_parameters(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (name, node) in mapping(node)? {
        let parameter = text(node)?;
        if parameter.is_empty() {
            return Err(node.error("must be the name of a parameter"));
        }
        let reference = SecretReference::ParameterStore(parameter);
        buildspec.secrets.push(SecretVariable { name: variable_name(node, name.clone())?, reference });
    }
    Ok(())
}

fn parse_secrets(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (name, node) in mapping(node)? {
        let reference = secrets_manager_reference(&text(node)?);
        let reference = reference.ok_or_else(|| {
            node.error("must be secret-id:json-key:version-stage:version-id; only the id is required")
        })?;
        buildspec.secrets.push(SecretVariable { name: variable_name(node, name.clone())?, reference });
    }
    Ok(())
}

fn parse_shell(node: &Node) -> Result<Shell, BuildspecError> {
    match text(node)?.as_str() {
        "sh" | "/bin/sh" => Ok(Shell::Sh),
        "bash" | "/bin/bash" => Ok(Shell::Bash),
        "powershell.exe" | "cmd.exe" => {
            Err(node.error("Windows shells are not supported here: commands run on this Linux host"))
        }
        other => Err(node.error(format!("the shell {other:?} is not supported; use bash or /bin/sh"))),
    }
}

pub(super) fn parse_variables(node: &Node) -> Result<Vec<(String, String)>, BuildspecError> {
    let mut variables = Vec::new();
    for (name, node) in mapping(node)? {
        variables.push((variable_name(node, name.clone())?, text(node)?));
    }
    Ok(variables)
}

pub(super) fn variable_name(node: &Node, name: String) -> Result<String, BuildspecError> {
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
