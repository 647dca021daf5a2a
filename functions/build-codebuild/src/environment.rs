//! `EnvironmentVariables` of the action, as CodeBuild takes them.

use aws_sdk_codebuild::types::{EnvironmentVariable, EnvironmentVariableType};
use engine::decide::FailureType;
use platform::action::{ActionJob, ActionResult};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Declared {
    name: String,
    value: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

/// A value is data to CodeBuild, never a part of a command: variables of any origin may stand in it.
pub(super) fn variables(job: &ActionJob) -> Result<Vec<EnvironmentVariable>, ActionResult> {
    let Some(text) = job.optional("EnvironmentVariables") else { return Ok(Vec::new()) };
    let invalid = |why: &dyn std::fmt::Display| {
        let message = format!(
            "EnvironmentVariables of action '{}' is no JSON array of name, value and type: {why}",
            job.declaration.name
        );
        ActionResult::failed(FailureType::ConfigurationError, message)
    };
    let declared: Vec<Declared> = serde_json::from_str(text).map_err(|error| invalid(&error))?;
    let built = declared.into_iter().map(|variable| {
        EnvironmentVariable::builder()
            .name(variable.name)
            .value(variable.value)
            .r#type(EnvironmentVariableType::from(variable.kind.as_deref().unwrap_or("PLAINTEXT")))
            .build()
            .map_err(|error| invalid(&error))
    });
    built.collect()
}
