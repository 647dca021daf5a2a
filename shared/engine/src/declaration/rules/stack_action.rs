//! What the mode of a CloudFormation action makes necessary.

use crate::declaration::Violation;
use crate::stack_action::{ActionMode, ArtifactFile, artifact_files_of};
use crate::variables::references_in;

use super::configuration::{missing, path};
use super::places::Placed;

pub(super) fn broken(placed: Placed) -> Vec<Violation> {
    let mut violations = Vec::new();
    let value = |key: &str| placed.action.configuration(key);
    let Some(mode) = value("ActionMode").and_then(ActionMode::of) else { return violations };
    let word = value("ActionMode").unwrap_or_default();
    let needs = [
        ("TemplatePath", mode.takes_template()),
        ("RoleArn", mode.takes_role()),
        ("ChangeSetName", mode.takes_change_set()),
    ];
    for (key, is_needed) in needs {
        if is_needed && value(key).is_none() {
            let help = format!("add `{key}`: the ActionMode {word} needs it");
            violations.push(missing(placed, key, help));
        }
    }
    if !mode.takes_template() {
        return violations;
    }
    for key in ["TemplatePath", "TemplateConfiguration"] {
        violations.extend(value(key).and_then(|text| wrong_file(placed, key, text)));
    }
    violations.extend(value("ParameterOverrides").and_then(|text| wrong_overrides(placed, text)));
    violations
}

fn wrong_file(placed: Placed, key: &str, text: &str) -> Option<Violation> {
    if !references_in(text).is_empty() {
        return None;
    }
    let inputs: Vec<_> =
        placed.action.input_artifacts().iter().map(|artifact| artifact.name.as_str()).collect();
    let file = ArtifactFile::of(text);
    if file.as_ref().is_some_and(|file| inputs.contains(&file.artifact.as_str())) {
        return None;
    }
    let name = &placed.action.name;
    let message = match file {
        Some(ArtifactFile { artifact, .. }) => {
            format!("Action '{name}': {key} names '{artifact}', which is not an input artifact of the action")
        }
        None => format!("Action '{name}': {key} '{text}' is not of the form Artifact::file"),
    };
    let help = match inputs[..] {
        [] => "add the artifact to the action's inputArtifacts".to_owned(),
        _ => format!("write Artifact::file, with one of its input artifacts: {}", inputs.join(", ")),
    };
    Some(Violation::action(path(placed).member(key), message, help))
}

fn wrong_overrides(placed: Placed, text: &str) -> Option<Violation> {
    let error = artifact_files_of(text).err()?;
    let message = format!("Action '{}': {error}", placed.action.name);
    let help = "write a JSON object as text: {\"Size\":\"small\"}";
    Some(Violation::action(path(placed).member("ParameterOverrides"), message, help))
}
