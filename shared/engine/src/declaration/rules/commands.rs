//! Commands actions, and the members that only they have.

use crate::catalog;
use crate::declaration::{Circumstances, PipelineDeclaration, Violation};
use crate::variables::shell;

use super::places::{Placed, actions};
use super::stages::repeated;

/// The service model allows 50 commands of 1,000 characters, and reports more by itself.
const MAXIMUM_LINES: usize = 50;
const MAXIMUM_LINE_BYTES: usize = 4 * 1000;

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let mut violations = Vec::new();
    for placed in actions(pipeline) {
        let id = &placed.action.action_type_id;
        match catalog::find(id) {
            Some(found) if found.takes_commands => {
                lines(placed, &mut violations);
                names(placed, &mut violations);
            }
            Some(found) if found.is_runnable() => members_of_commands(placed, &mut violations),
            None if circumstances.custom_action_types.find(id).is_some() => {
                members_of_commands(placed, &mut violations);
            }
            _ => {}
        }
    }
    violations
}

fn lines(placed: Placed, violations: &mut Vec<Violation>) {
    let name = &placed.action.name;
    if placed.action.commands().is_empty() {
        let message = format!("Action {name} must have a non-empty commands field");
        let help = "add `commands`: a list of shell commands, beside `configuration`, not in it";
        violations.push(Violation::action(placed.path().member("commands"), message, help));
    }
    for (index, line) in placed.action.commands().iter().enumerate().take(MAXIMUM_LINES) {
        let path = placed.path().member("commands").item(index);
        if line.len() > MAXIMUM_LINE_BYTES {
            continue;
        }
        if line.contains(['\n', '\r']) {
            let message = format!("Action {name}: command {} has several lines", index + 1);
            let help = "write one command per item; several lines belong in a script in the repository";
            violations.push(Violation::action(path, message, help));
        } else if let Err(refusal) = shell::rewrite(line) {
            let message = format!("Action {name}: command {}: {}", index + 1, refusal);
            violations.push(Violation::action(path, message, refusal.fix).of_part(refusal.reference));
        }
    }
}

fn names(placed: Placed, violations: &mut Vec<Violation>) {
    let name = &placed.action.name;
    let environment = placed.action.environment_variables();
    let path = placed.path().member("environmentVariables");
    for (index, _) in repeated(environment.iter().map(|variable| variable.name.as_str())) {
        let twice = &environment[index].name;
        let message = format!("Action {name}: environment variable '{twice}' is declared more than once");
        violations.push(Violation::action(path.item(index).member("name"), message, "keep one of them"));
    }
    for (index, variable) in environment.iter().enumerate() {
        if variable.name.starts_with(shell::PREFIX) {
            let message = format!(
                "Action {name}: environment variables that start with '{}' are reserved",
                shell::PREFIX
            );
            violations.push(Violation::action(path.item(index).member("name"), message, "rename it"));
        }
    }
    let path = placed.path().member("outputVariables");
    for (index, _) in repeated(placed.action.output_variables().iter().map(String::as_str)) {
        let twice = &placed.action.output_variables()[index];
        let message = format!("Action {name}: output variable '{twice}' is declared more than once");
        violations.push(Violation::action(path.item(index), message, "keep one of them"));
    }
}

fn members_of_commands(placed: Placed, violations: &mut Vec<Violation>) {
    let action = placed.action;
    let mut refuse = |path, member: &str| {
        let message = format!("Action {}: `{member}` can only be used with the Commands action", action.name);
        let help = "remove it, or make this a Compute action of provider Commands";
        violations.push(Violation::action(path, message, help).at_name());
    };
    for (member, declared) in [
        ("commands", !action.commands().is_empty()),
        ("outputVariables", !action.output_variables().is_empty()),
        ("environmentVariables", !action.environment_variables().is_empty()),
    ] {
        if declared {
            refuse(placed.path().member(member), member);
        }
    }
    for (index, artifact) in action.output_artifacts().iter().enumerate() {
        if artifact.files.is_some() {
            refuse(placed.path().member("outputArtifacts").item(index).member("files"), "files");
        }
    }
}
