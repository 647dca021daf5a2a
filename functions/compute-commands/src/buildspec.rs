//! The action's lines as a buildspec. Values of variables are in the environment, never in the text.

use std::collections::BTreeMap;

use engine::declaration::EnvironmentVariableType;
use engine::variables::{resolve, shell};
use platform::action::ActionJob;
use platform::outside::BuildVariable;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct Program {
    /// JSON, which is YAML too.
    pub buildspec: String,
    pub variables: Vec<BuildVariable>,
}

/// # Errors
/// A sentence for the user when a command cannot carry its variables safely, or one has no value.
pub(super) fn program(job: &ActionJob) -> Result<Program, String> {
    let mut commands = Vec::new();
    let mut bound = BTreeMap::new();
    for command in job.declaration.commands() {
        let rewritten = shell::rewrite(command).map_err(|refusal| format!("{refusal}. {}", refusal.fix))?;
        commands.push(rewritten.text);
        for binding in rewritten.environment {
            let value = job
                .variables
                .get(&binding.namespace, &binding.key)
                .ok_or_else(|| format!("The variable {}.{} has no value.", binding.namespace, binding.key))?;
            bound.insert(binding.name, value.text.clone());
        }
    }
    let bound =
        bound.into_iter().map(|(name, value)| BuildVariable { name, value, kind: "PLAINTEXT".into() });
    let variables = declared(job)?.into_iter().chain(bound).collect();
    Ok(Program { buildspec: buildspec(job, commands).to_string(), variables })
}

fn declared(job: &ActionJob) -> Result<Vec<BuildVariable>, String> {
    let variables = job.declaration.environment_variables().iter().map(|variable| {
        let value = resolve(&variable.value, &job.variables).map_err(|error| error.to_string())?;
        let kind = match variable.variable_type {
            None | Some(EnvironmentVariableType::Plaintext) => "PLAINTEXT",
            Some(EnvironmentVariableType::SecretsManager) => "SECRETS_MANAGER",
        };
        Ok(BuildVariable { name: variable.name.clone(), value: value.text, kind: kind.into() })
    });
    variables.collect()
}

fn buildspec(job: &ActionJob, commands: Vec<String>) -> Value {
    let mut buildspec = json!({ "version": "0.2", "phases": { "build": { "commands": commands } } });
    if !job.declaration.output_variables().is_empty() {
        buildspec["env"] = json!({ "exported-variables": job.declaration.output_variables() });
    }
    if let Some(output) = job.declaration.output_artifacts().first() {
        let files = output.files.clone().unwrap_or_else(|| vec!["**/*".into()]);
        buildspec["artifacts"] = json!({ "files": files });
    }
    buildspec
}
