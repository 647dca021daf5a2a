//! `EnvironmentVariables` of the action, as CodeBuild takes them.

use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use platform::outside::BuildVariable;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Declared {
    name: String,
    value: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

/// A value is data to CodeBuild, never a part of a command: variables of any origin may stand in it.
pub(super) fn variables(job: &ActionJob) -> Result<Vec<BuildVariable>, ActionResult> {
    let Some(text) = job.optional("EnvironmentVariables") else { return Ok(Vec::new()) };
    let declared: Vec<Declared> = serde_json::from_str(text).map_err(|error| {
        let message = format!(
            "EnvironmentVariables of action '{}' is no JSON array of name, value and type: {error}",
            job.declaration.name
        );
        ActionResult::failed(FailureType::ConfigurationError, message)
    })?;
    let variables = declared.into_iter().map(|variable| BuildVariable {
        name: variable.name,
        value: variable.value,
        kind: variable.kind.unwrap_or_else(|| "PLAINTEXT".to_owned()),
    });
    Ok(variables.collect())
}
