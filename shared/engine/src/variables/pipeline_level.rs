//! The variables of the pipeline level, when an execution starts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Rejection;
use crate::declaration::{VariableDeclaration, closest};

/// A variable of one execution (`ResolvedPipelineVariable` of the API).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineVariable {
    pub name: String,
    pub resolved_value: String,
    /// Whether the value was given at the start, and is not the default of the declaration.
    #[serde(default)]
    pub overridden: bool,
}

/// Why the variables of an execution are not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariablesProblem {
    /// The start is refused.
    Rejected(Rejection),
    /// The execution exists and has failed; this is its status summary.
    Missing { summary: String },
}

impl fmt::Display for VariablesProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Missing { summary } => f.write_str(summary),
        }
    }
}

impl std::error::Error for VariablesProblem {}

/// The variables of an execution: what was given at its start, else the defaults, in the order of the
/// declaration.
///
/// A name that is not declared, a name given twice and a value out of limits refuse the start. A variable that
/// has neither a value nor a default lets CodePipeline start an execution that fails at once.
pub fn resolve_pipeline_variables(
    declared: &[VariableDeclaration],
    given: &[(String, String)],
) -> Result<Vec<PipelineVariable>, VariablesProblem> {
    for (index, (name, value)) in given.iter().enumerate() {
        check_given(declared, given, index, name, value).map_err(VariablesProblem::Rejected)?;
    }
    let mut variables = Vec::new();
    let mut missing = Vec::new();
    for variable in declared {
        let value = given.iter().find(|(name, _)| *name == variable.name).map(|(_, value)| value);
        let name = variable.name.clone();
        match (value, &variable.default_value) {
            (Some(value), _) => {
                variables.push(PipelineVariable { name, resolved_value: value.clone(), overridden: true });
            }
            (None, Some(default)) => {
                variables.push(PipelineVariable { name, resolved_value: default.clone(), overridden: false });
            }
            (None, None) => missing.push(name),
        }
    }
    if missing.is_empty() {
        return Ok(variables);
    }
    let missing = missing.join(",");
    let summary = format!("Values for required variables haven't been provided: {missing}");
    Err(VariablesProblem::Missing { summary })
}

fn check_given(
    declared: &[VariableDeclaration],
    given: &[(String, String)],
    index: usize,
    name: &str,
    value: &str,
) -> Result<(), Rejection> {
    let refuse = |message: String| Err(Rejection::Validation(message));
    let constraint = |member: &str, text: &str| {
        let path = format!("variables.{}.member.{member}", index + 1);
        refuse(format!(
            "1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must {text}"
        ))
    };
    match value.encode_utf16().count() {
        0 => return constraint("value", "have length greater than or equal to 1"),
        1..=1000 => {}
        _ => return constraint("value", "have length less than or equal to 1000"),
    }
    if value.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        return constraint("value", "satisfy regular expression pattern: .*");
    }
    if given[..index].iter().any(|(earlier, _)| earlier == name) {
        return refuse(format!("The variable '{name}' is given more than once"));
    }
    if declared.iter().all(|variable| variable.name != name) {
        let names = || declared.iter().map(|variable| variable.name.as_str());
        let hint = match closest(name, names()) {
            Some(meant) => format!("; did you mean '{meant}'?"),
            None if declared.is_empty() => "; it declares none".to_string(),
            None => format!("; it declares {}", names().collect::<Vec<_>>().join(", ")),
        };
        return refuse(format!("The pipeline declares no variable '{name}'{hint}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Vec<VariableDeclaration> {
        serde_json::from_value(serde_json::json!([
            {"name": "stage", "defaultValue": "test"}, {"name": "ticket"}, {"name": "who"}
        ]))
        .unwrap()
    }

    fn start(given: &[(&str, &str)]) -> String {
        let given: Vec<_> = given.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        match resolve_pipeline_variables(&declared(), &given) {
            Ok(variables) => variables
                .iter()
                .map(|variable| {
                    format!("{}={} {}", variable.name, variable.resolved_value, variable.overridden)
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn what_is_given_wins_over_the_default_and_the_rest_is_required() {
        for (given, expected) in [
            (&[("ticket", "T-1"), ("who", "me")][..], "stage=test false; ticket=T-1 true; who=me true"),
            (
                &[("who", "me"), ("ticket", "T-1"), ("stage", "production")],
                "stage=production true; ticket=T-1 true; who=me true",
            ),
            (&[], "Values for required variables haven't been provided: ticket,who"),
            (
                &[("tiket", "T-1")],
                "ValidationException: The pipeline declares no variable 'tiket'; did you mean 'ticket'?",
            ),
            (
                &[("who", "me"), ("who", "you")],
                "ValidationException: The variable 'who' is given more than once",
            ),
            (
                &[("who", "")],
                "ValidationException: 1 validation error detected: Value at 'variables.1.member.value' failed to \
                 satisfy constraint: Member must have length greater than or equal to 1",
            ),
            (
                &[("who", "a\nb")],
                "ValidationException: 1 validation error detected: Value at 'variables.1.member.value' failed to \
                 satisfy constraint: Member must satisfy regular expression pattern: .*",
            ),
        ] {
            assert_eq!(start(given), expected);
        }
    }
}
