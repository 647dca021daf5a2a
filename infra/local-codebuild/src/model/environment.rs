//! What a project says about the machine, most of which a host cannot choose.

use local_service::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::buildspec::secrets_manager_reference;
use crate::error::invalid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectEnvironment {
    #[serde(rename = "type")]
    pub environment_type: String,
    pub image: String,
    pub compute_type: String,
    #[serde(default)]
    pub environment_variables: Vec<EnvironmentVariable>,
    #[serde(default)]
    pub privileged_mode: bool,
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentVariable {
    pub name: String,
    pub value: String,
    #[serde(rename = "type", default)]
    pub variable_type: VariableType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VariableType {
    #[default]
    Plaintext,
    ParameterStore,
    SecretsManager,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedVariable {
    pub name: String,
    pub value: String,
}

impl ProjectEnvironment {
    pub fn check(&self) -> Result<(), ApiError> {
        if self.environment_type.contains("WINDOWS") || self.environment_type.starts_with("MAC") {
            return Err(invalid(format!(
                "Environment type {} is not supported here: commands run on this Linux host",
                self.environment_type
            )));
        }
        check_variables(&self.environment_variables)
    }
}

/// Names that a process can have, values that it can hold, and references that lead somewhere.
pub fn check_variables(variables: &[EnvironmentVariable]) -> Result<(), ApiError> {
    for EnvironmentVariable { name, value, variable_type } in variables {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(invalid(format!("Environment variable name {name:?} is not valid")));
        }
        if value.contains('\0') {
            return Err(invalid(format!("The value of environment variable {name} has a NUL character")));
        }
        let is_reference = match variable_type {
            VariableType::Plaintext => true,
            VariableType::ParameterStore => !value.is_empty(),
            VariableType::SecretsManager => secrets_manager_reference(value).is_some(),
        };
        if !is_reference {
            return Err(invalid(format!(
                "Environment variable {name} does not name a secret or a parameter"
            )));
        }
    }
    Ok(())
}
