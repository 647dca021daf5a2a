//! The configuration of actions whose type the account created itself, against the type's properties.

use crate::catalog::{ConfigurationProperty, CustomActionType, PropertyType};
use crate::declaration::secrets::Unknown;
use crate::declaration::{Circumstances, Former, HIDDEN, PipelineDeclaration, Violation};
use crate::variables::references_in;

use super::action_types::shown;
use super::configuration::{MAXIMUM_KEYS, hidden, missing, path, unknown};
use super::places::{Placed, actions};

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let mut violations = Vec::new();
    for placed in actions(pipeline) {
        if let Some(found) = circumstances.custom_action_types.find(&placed.action.action_type_id) {
            configuration(placed, found, circumstances.former.as_ref(), &mut violations);
        }
    }
    violations
}

fn configuration(
    placed: Placed,
    found: &CustomActionType,
    former: Option<&Former>,
    violations: &mut Vec<Violation>,
) {
    let properties = &found.action_configuration_properties;
    let is_missing = |property: &&ConfigurationProperty| {
        property.required && placed.action.configuration(&property.name).is_none()
    };
    for property in properties.iter().filter(is_missing) {
        let help = format!("add `{}` to the configuration", property.name);
        violations.push(missing(placed, &property.name, help));
    }
    for (name, value) in placed.action.configuration_entries().take(MAXIMUM_KEYS) {
        match found.property(name) {
            Some(property) => violations.extend(wrong_value(placed, property, value, former)),
            None => {
                let names: Vec<_> = properties.iter().map(|property| property.name.as_str()).collect();
                violations.push(unknown(placed, &shown(placed), &names, name));
            }
        }
    }
}

/// What is wrong with `****`.
fn wrong_secret(placed: Placed, key: &str, former: Option<&Former>) -> Option<Violation> {
    let known = former.map(|former| former.secret(&placed.stage.name, placed.action, key));
    match known.unwrap_or(Err(Unknown::New)) {
        Ok(_) => None,
        Err(Unknown::New) => Some(hidden(placed, key)),
        Err(Unknown::Changed) => {
            let message = format!(
                "Action configuration for action '{}' contains '****' for the secret property '{key}', and other \
                 values of the configuration have changed. '****' keeps a secret only together with the values that \
                 it was given with.",
                placed.action.name
            );
            Some(Violation::action(path(placed).member(key), message, "write the secret itself"))
        }
    }
}

fn wrong_value(
    placed: Placed,
    property: &ConfigurationProperty,
    value: &str,
    former: Option<&Former>,
) -> Option<Violation> {
    if property.secret && value == HIDDEN {
        return wrong_secret(placed, &property.name, former);
    }
    // What a variable will hold is not known before the execution.
    if !references_in(value).is_empty() {
        return None;
    }
    let help = match property.property_type {
        _ if property.is_queryable() && !CustomActionType::is_queryable_value(value) => {
            "workers ask for jobs by it: use at most 20 letters, digits, _ and -"
        }
        Some(PropertyType::Number) if value.parse::<f64>().is_err() => "use a number",
        Some(PropertyType::Boolean) if !["true", "false"].contains(&value) => "use true or false",
        _ => return None,
    };
    let (action, name) = (&placed.action.name, &property.name);
    let shown = if property.secret { HIDDEN } else { value };
    let message = format!(
        "Action configuration for action '{action}' contains an invalid value '{shown}' for configuration '{name}'"
    );
    Some(Violation::action(path(placed).member(name), message, help))
}
