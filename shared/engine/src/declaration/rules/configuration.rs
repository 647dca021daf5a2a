//! The configuration of each action, against the keys of its action type.

use serde_json::Value;

use crate::catalog::{self, ActionType, ConfigurationKey};
use crate::declaration::{Circumstances, HIDDEN, Path, PipelineDeclaration, Violation, closest};
use crate::variables::references_in;

use super::places::{Placed, actions};
use super::stack_action;

/// No action type has as many keys; a hundred unknown ones are errors enough.
pub(super) const MAXIMUM_KEYS: usize = 100;

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let mut violations = Vec::new();
    for placed in actions(pipeline) {
        // The details of an action type that does not run are not worth a second error.
        let Some(found) = catalog::find(&placed.action.action_type_id).filter(|found| found.is_runnable())
        else {
            continue;
        };
        missing_keys(placed, found, &mut violations);
        for (name, value) in placed.action.configuration_entries().take(MAXIMUM_KEYS) {
            match found.configuration_key(name) {
                Some(key) => violations.extend(wrong_value(placed, key, value)),
                None => violations.push(unknown_key(placed, found, name)),
            }
        }
        match (found.category.as_str(), found.provider) {
            (_, "CodeBuild") => codebuild(placed, &mut violations),
            ("Deploy", "S3") => violations.extend(object_key(placed)),
            ("Deploy", "CloudFormation") => violations.extend(stack_action::broken(placed)),
            (_, "Manual") => violations.extend(notification(placed, circumstances)),
            _ => {}
        }
    }
    violations
}

pub(super) fn path(placed: Placed) -> Path {
    placed.path().member("configuration")
}

fn missing_keys(placed: Placed, found: &ActionType, violations: &mut Vec<Violation>) {
    let is_missing =
        |key: &&ConfigurationKey| key.required && placed.action.configuration(key.name).is_none();
    for key in found.configuration.iter().filter(is_missing) {
        violations.push(missing(placed, key.name, format!("add `{}` to the configuration", key.name)));
    }
}

pub(super) fn missing(placed: Placed, key: &str, help: String) -> Violation {
    let name = &placed.action.name;
    let message =
        format!("Action configuration for action '{name}' is missing required configuration '{key}'");
    Violation::action(path(placed).member(key), message, help)
}

fn unknown_key(placed: Placed, found: &ActionType, key: &str) -> Violation {
    let names: Vec<_> = found.configuration.iter().map(|key| key.name).collect();
    unknown(placed, &found.to_string(), &names, key)
}

/// A key that is none of `names`, which the action type `shown` takes.
pub(super) fn unknown(placed: Placed, shown: &str, names: &[&str], key: &str) -> Violation {
    let help = match closest(key, names.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => format!("{shown} takes no configuration"),
        None => format!("{shown} takes: {}", names.join(", ")),
    };
    let name = &placed.action.name;
    let message = format!("Action configuration for action '{name}' contains unknown configuration '{key}'");
    Violation::action(path(placed).member(key), message, help).at_name()
}

/// A secret of which nobody knows what it was.
pub(super) fn hidden(placed: Placed, key: &str) -> Violation {
    let name = &placed.action.name;
    let message = format!(
        "Action configuration for the new action '{name}' contains an invalid configuration for the secret \
         property '{key}'. '****' may be used in secret properties only when updating an existing action."
    );
    Violation::action(path(placed).member(key), message, "write the secret itself")
}

fn wrong_value(placed: Placed, key: &ConfigurationKey, value: &str) -> Option<Violation> {
    let name = &placed.action.name;
    let path = path(placed).member(key.name);
    if let Some(instead) = key.refused {
        let message =
            format!("Action '{name}': Pipewright does not honour the configuration '{}' yet", key.name);
        return Some(Violation::action(path, message, instead).at_name());
    }
    if key.secret && value == HIDDEN {
        return Some(hidden(placed, key.name));
    }
    // What a variable will hold is not known before the execution.
    if !references_in(value).is_empty() {
        return None;
    }
    if let Some((_, instead)) = key.refused_values.iter().find(|(word, _)| word.eq_ignore_ascii_case(value)) {
        let message = format!("Action '{name}': Pipewright does not honour {} '{value}' yet", key.name);
        return Some(Violation::action(path, message, *instead));
    }
    if !key.allowed.is_empty() && !key.allowed.iter().any(|word| word.eq_ignore_ascii_case(value)) {
        let message = format!(
            "Action configuration for action '{name}' contains an invalid value '{value}' for configuration '{}'",
            key.name
        );
        let help = match closest(value, key.allowed.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("use {}", key.allowed.join(" or ")),
        };
        return Some(Violation::action(path, message, help));
    }
    None
}

/// With several inputs CodeBuild needs to know in which its buildspec is.
fn codebuild(placed: Placed, violations: &mut Vec<Violation>) {
    let inputs = || placed.action.input_artifacts().iter().map(|artifact| artifact.name.as_str());
    let names = inputs().collect::<Vec<_>>().join(", ");
    match placed.action.configuration("PrimarySource") {
        None if inputs().count() > 1 => {
            violations.push(missing(
                placed,
                "PrimarySource",
                format!("add `PrimarySource`: the input artifact that holds the buildspec, one of {names}"),
            ));
        }
        Some(primary) if references_in(primary).is_empty() && inputs().all(|name| name != primary) => {
            let name = &placed.action.name;
            violations.push(Violation::action(
                path(placed).member("PrimarySource"),
                format!("Action '{name}': PrimarySource '{primary}' is not an input artifact of the action"),
                format!("use one of its input artifacts: {names}"),
            ));
        }
        _ => {}
    }
    if let Some(text) = placed.action.configuration("EnvironmentVariables") {
        violations.extend(environment_variables(text).err().map(|problem| {
            Violation::action(
                path(placed).member("EnvironmentVariables"),
                format!(
                    "Action configuration for action '{}' contains an invalid value for configuration \
                     'EnvironmentVariables': {problem}",
                    placed.action.name
                ),
                "write a JSON array as text: [{\"name\":\"STAGE\",\"value\":\"test\",\"type\":\"PLAINTEXT\"}]",
            )
        }));
    }
}

/// A JSON array of name, value and type, as the CodeBuild action takes it.
fn environment_variables(text: &str) -> Result<(), String> {
    let parsed: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON ({error})"))?;
    let items = parsed.as_array().ok_or("it is not a JSON array")?;
    for (position, item) in items.iter().enumerate() {
        let position = position + 1;
        let item = item.as_object().ok_or(format!("item {position} is not a JSON object"))?;
        for key in ["name", "value"] {
            if !item.get(key).is_some_and(Value::is_string) {
                return Err(format!("item {position} has no text '{key}'"));
            }
        }
        if let Some(other) = item.keys().find(|key| !["name", "value", "type"].contains(&key.as_str())) {
            return Err(format!("item {position} has an unknown member '{other}'"));
        }
        let types = ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"];
        if item.get("type").is_some_and(|given| !types.iter().any(|known| given == known)) {
            return Err(format!("the type of item {position} is none of {}", types.join(", ")));
        }
    }
    Ok(())
}

fn object_key(placed: Placed) -> Option<Violation> {
    let extract = placed.action.configuration("Extract")?;
    if extract.eq_ignore_ascii_case("false") && placed.action.configuration("ObjectKey").is_none() {
        let help = "add `ObjectKey`: the key of the zip in the bucket; it is needed because Extract is false";
        return Some(missing(placed, "ObjectKey", help.to_string()));
    }
    None
}

/// The topic of an approval: the service checks its form, not whether it exists.
fn notification(placed: Placed, circumstances: &Circumstances) -> Option<Violation> {
    let arn = placed.action.configuration("NotificationArn")?;
    if !references_in(arn).is_empty() {
        return None;
    }
    let name = &placed.action.name;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let problem = match parts[..] {
        ["arn", partition, service, region, account, topic]
            if ![partition, service, region, account, topic].contains(&"") =>
        {
            let own = circumstances.region.as_deref().unwrap_or(region);
            if service != "sns" {
                Some("but the AWS service for this ARN cannot be used to send approval requests.")
            } else if region != own {
                Some("but the ARN is not in the same region as the pipeline.")
            } else {
                None
            }
            .map(|problem| {
                format!(
                    "The ARN {arn} has been specified for sending notifications for the approval action {name}, \
                     {problem}"
                )
            })
        }
        _ => Some(format!(
            "The ARN {arn} you specified for sending notifications for the approval action {name} contains a \
             format error."
        )),
    }?;
    let help = "use the ARN of an SNS topic: arn:aws:sns:<region>:<account>:<topic>";
    Some(Violation::action(path(placed).member("NotificationArn"), problem, help))
}
