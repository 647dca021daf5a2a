//! An action: one piece of work of one provider.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An action of a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionDeclaration {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub action_type_id: ActionTypeId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_order: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_artifacts: Option<Vec<OutputArtifact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_artifacts: Option<Vec<InputArtifact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_variables: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_in_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_variables: Option<Vec<EnvironmentVariable>>,
}

impl ActionDeclaration {
    /// The declared order; 1 when omitted.
    pub fn run_order(&self) -> u32 {
        self.run_order.unwrap_or(1)
    }

    /// One value of the configuration.
    pub fn configuration(&self, key: &str) -> Option<&str> {
        self.configuration.as_ref()?.get(key).map(String::as_str)
    }

    /// All keys and values of the configuration, in the order of the keys.
    pub fn configuration_entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.configuration.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub fn commands(&self) -> &[String] {
        self.commands.as_deref().unwrap_or_default()
    }

    pub fn output_artifacts(&self) -> &[OutputArtifact] {
        self.output_artifacts.as_deref().unwrap_or_default()
    }

    pub fn input_artifacts(&self) -> &[InputArtifact] {
        self.input_artifacts.as_deref().unwrap_or_default()
    }

    pub fn output_variables(&self) -> &[String] {
        self.output_variables.as_deref().unwrap_or_default()
    }

    pub fn environment_variables(&self) -> &[EnvironmentVariable] {
        self.environment_variables.as_deref().unwrap_or_default()
    }

    pub fn is_source(&self) -> bool {
        self.action_type_id.category == "Source"
    }

    pub fn is_approval(&self) -> bool {
        self.action_type_id.category == "Approval"
    }
}

/// Which provider does the work. Words that the catalog does not know are kept, to be named in errors;
/// `catalog::find` gives the typed entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionTypeId {
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub provider: String,
    #[serde(default)]
    pub version: String,
}

/// An artifact that an action makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputArtifact {
    #[serde(default)]
    pub name: String,
    /// The files of a Commands action that go into the artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
}

/// An artifact that an action reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputArtifact {
    #[serde(default)]
    pub name: String,
}

/// An environment variable of the compute that runs an action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentVariable {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub value: String,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub variable_type: Option<EnvironmentVariableType>,
}

impl EnvironmentVariable {
    /// The declared type; PLAINTEXT when omitted.
    pub fn variable_type(&self) -> EnvironmentVariableType {
        self.variable_type.unwrap_or(EnvironmentVariableType::Plaintext)
    }
}

/// Whether `value` is the value, or the name of a secret that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EnvironmentVariableType {
    Plaintext,
    SecretsManager,
}
