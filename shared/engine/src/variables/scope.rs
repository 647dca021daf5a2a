//! What references stand for when an action starts.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::catalog;
use crate::declaration::ActionDeclaration;

use super::{PIPELINE_EXECUTION, PIPELINE_LEVEL, PipelineVariable, Reference, references_in};

/// The resolved configuration of one action may have 100 KB. (user guide, page `limits`)
pub const MAXIMUM_CONFIGURATION_BYTES: usize = 100 * 1024;

/// The value of a variable, and whether somebody outside chose it: an author of a commit, whoever answered an
/// approval or started the execution, a build. Whoever uses it as more than data has to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableValue {
    pub text: String,
    pub untrusted: bool,
}

/// Every variable that an action may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    namespaces: BTreeMap<String, BTreeMap<String, VariableValue>>,
}

impl Scope {
    /// The scope of an execution before any action has ended.
    pub fn new(pipeline_execution_id: &str, pipeline_level: &[PipelineVariable]) -> Self {
        let mut scope = Self::default();
        let id = VariableValue { text: pipeline_execution_id.to_string(), untrusted: false };
        scope.insert(PIPELINE_EXECUTION, "PipelineExecutionId", id);
        for variable in pipeline_level {
            let value =
                VariableValue { text: variable.resolved_value.clone(), untrusted: variable.overridden };
            scope.insert(PIPELINE_LEVEL, &variable.name, value);
        }
        scope
    }

    /// Adds what an action left under its namespace. All of it is untrusted: it comes from a repository, a
    /// build or a person.
    pub fn add_action<'a>(
        &mut self,
        namespace: &str,
        output_variables: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) {
        for (key, text) in output_variables {
            self.insert(namespace, key, VariableValue { text: text.clone(), untrusted: true });
        }
    }

    fn insert(&mut self, namespace: &str, key: &str, value: VariableValue) {
        self.namespaces.entry(namespace.to_string()).or_default().insert(key.to_string(), value);
    }

    /// The value of a variable.
    pub fn get(&self, namespace: &str, key: &str) -> Option<&VariableValue> {
        self.namespaces.get(namespace)?.get(key)
    }
}

/// A text whose references are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub text: String,
    /// Whether an untrusted value is in it.
    pub untrusted: bool,
}

/// Why a text could not be filled in: the action fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The variables that have no value, as `namespace.key`: the action that should give them gave others.
    Missing(Vec<String>),
    /// The filled-in texts of the action are too large.
    TooLarge { bytes: usize },
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => {
                let names = names.join(", ");
                write!(
                    f,
                    "An action in this pipeline failed because one or more variables could not be resolved: {names}"
                )
            }
            Self::TooLarge { bytes } => {
                write!(
                    f,
                    "The resolved configuration has {bytes} bytes; {MAXIMUM_CONFIGURATION_BYTES} are allowed"
                )
            }
        }
    }
}

impl std::error::Error for Unresolved {}

/// Fills in every reference of a text. Values are not read again: one that looks like a reference stays text.
pub fn resolve(text: &str, scope: &Scope) -> Result<Resolved, Unresolved> {
    let mut resolved = Resolved { text: String::new(), untrusted: false };
    let mut missing = Vec::new();
    let mut from = 0;
    let references: Vec<Reference> = references_in(text).into_iter().flatten().collect();
    for reference in references {
        resolved.text.push_str(&text[from..reference.range.start]);
        from = reference.range.end;
        match scope.get(&reference.namespace, &reference.key) {
            Some(value) => {
                resolved.text.push_str(&value.text);
                resolved.untrusted |= value.untrusted;
            }
            None => missing.push(reference.text()),
        }
        if resolved.text.len() > MAXIMUM_CONFIGURATION_BYTES {
            return Err(Unresolved::TooLarge { bytes: resolved.text.len() });
        }
    }
    resolved.text.push_str(&text[from..]);
    if missing.is_empty() { Ok(resolved) } else { Err(Unresolved::Missing(missing)) }
}

/// Fills in the configuration of an action: what its function gets and what the history keeps.
pub fn resolve_configuration(
    action: &ActionDeclaration,
    scope: &Scope,
) -> Result<BTreeMap<String, Resolved>, Unresolved> {
    let mut configuration = BTreeMap::new();
    let mut missing = Vec::new();
    let mut bytes = 0;
    for (key, value) in action.configuration_entries() {
        let is_json = catalog::find(&action.action_type_id)
            .and_then(|found| found.configuration_key(key))
            .is_some_and(|key| key.json);
        let resolved = if is_json { resolve_json(value, scope) } else { resolve(value, scope) };
        match resolved {
            Ok(resolved) => {
                bytes += key.len() + resolved.text.len();
                configuration.insert(key.to_string(), resolved);
            }
            Err(Unresolved::Missing(names)) => missing.extend(names),
            Err(too_large) => return Err(too_large),
        }
    }
    if bytes > MAXIMUM_CONFIGURATION_BYTES {
        return Err(Unresolved::TooLarge { bytes });
    }
    if missing.is_empty() { Ok(configuration) } else { Err(Unresolved::Missing(missing)) }
}

/// Fills in the strings of a JSON text: a quote in a commit message must not end the string it stands in. A
/// text that is no JSON is filled in as it is, for its reader to refuse.
fn resolve_json(text: &str, scope: &Scope) -> Result<Resolved, Unresolved> {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return resolve(text, scope) };
    let mut untrusted = false;
    let mut missing = Vec::new();
    resolve_strings(&mut document, scope, &mut untrusted, &mut missing)?;
    if !missing.is_empty() {
        return Err(Unresolved::Missing(missing));
    }
    Ok(Resolved { text: document.to_string(), untrusted })
}

/// Recursion is as deep as the JSON, which `serde_json` bounds at 128.
fn resolve_strings(
    value: &mut Value,
    scope: &Scope,
    untrusted: &mut bool,
    missing: &mut Vec<String>,
) -> Result<(), Unresolved> {
    match value {
        Value::String(text) => match resolve(text, scope) {
            Ok(resolved) => {
                *untrusted |= resolved.untrusted;
                *text = resolved.text;
            }
            Err(Unresolved::Missing(names)) => missing.extend(names),
            Err(too_large) => return Err(too_large),
        },
        Value::Array(items) => {
            for item in items {
                resolve_strings(item, scope, untrusted, missing)?;
            }
        }
        Value::Object(members) => {
            for member in members.values_mut() {
                resolve_strings(member, scope, untrusted, missing)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let variable = |name: &str, value: &str, overridden| PipelineVariable {
            name: name.to_string(),
            resolved_value: value.to_string(),
            overridden,
        };
        let mut scope = Scope::new("e-1", &[variable("stage", "test", false), variable("who", "me", true)]);
        let output = BTreeMap::from([("Message".to_string(), "see #{variables.stage}".to_string())]);
        scope.add_action("Source", &output);
        scope
    }

    #[test]
    fn references_are_filled_in_once_and_remember_whom_they_come_from() {
        for (text, expected, untrusted) in [
            ("plain #{ text", "plain #{ text", false),
            ("#{variables.stage}-#{codepipeline.PipelineExecutionId}", "test-e-1", false),
            ("by #{variables.who}", "by me", true),
            ("<#{Source.Message}>", "<see #{variables.stage}>", true),
        ] {
            let resolved = resolve(text, &scope()).unwrap();
            assert_eq!((resolved.text.as_str(), resolved.untrusted), (expected, untrusted), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_is_named_and_what_is_too_large_is_refused() {
        let error = resolve("#{Source.Nothing} #{variables.stage} #{Other.X}", &scope()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "An action in this pipeline failed because one or more variables could not be resolved: \
             Source.Nothing, Other.X"
        );
        let mut scope = scope();
        scope.add_action("Big", &BTreeMap::from([("Value".to_string(), "x".repeat(60_000))]));
        let action: ActionDeclaration = serde_json::from_value(
            serde_json::json!({"configuration": {"A": "#{Big.Value}", "B": "#{Big.Value}"}}),
        )
        .unwrap();
        assert_eq!(resolve_configuration(&action, &scope), Err(Unresolved::TooLarge { bytes: 120_002 }));
    }

    #[test]
    fn a_value_does_not_break_out_of_the_json_it_is_filled_into() {
        let mut scope = scope();
        let hostile = "\"},{\"name\":\"PATH\",\"value\":\"/evil";
        scope.add_action("Git", &BTreeMap::from([("Message".to_string(), hostile.to_string())]));
        let action: ActionDeclaration = serde_json::from_value(serde_json::json!({
            "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
            "configuration": {"EnvironmentVariables": "[{\"name\":\"MESSAGE\",\"value\":\"<#{Git.Message}>\"}]"},
        }))
        .unwrap();
        let resolved = &resolve_configuration(&action, &scope).unwrap()["EnvironmentVariables"];
        let read: Value = serde_json::from_str(&resolved.text).unwrap();
        let expected = format!("<{hostile}>");
        assert_eq!(read, serde_json::json!([{"name": "MESSAGE", "value": expected}]));
        assert!(resolved.untrusted);
    }
}
