//! What a provider's function is given, and what it may answer.

use std::collections::BTreeMap;

use engine::decide::{ActionOutput, ArtifactLocation, FailureType};
use engine::declaration::ActionDeclaration;
use engine::execution::{ActionRef, SourceRevisionOverride, SourceRevisionType, Timestamp};
use engine::variables::Scope;
use serde::{Deserialize, Serialize};

/// What the state machine calls an action's function with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionTask {
    pub action: ActionRef,
    pub task_token: String,
}

/// One execution of one action, ready to run.
#[derive(Debug, Clone)]
pub struct ActionJob {
    pub action: ActionRef,
    pub stage_name: String,
    /// The same however often its function is run.
    pub started_at: Timestamp,
    pub declaration: ActionDeclaration,
    /// With every variable in its value's place.
    pub configuration: BTreeMap<String, String>,
    /// In the order of the declaration.
    pub input_artifacts: Vec<ArtifactLocation>,
    /// What the action's variables stand for.
    pub variables: Scope,
    /// The revisions that whoever started the execution wants from this source action: one of each type
    /// at most.
    pub revision_overrides: Vec<SourceRevisionOverride>,
    /// Drawn for approvals.
    pub approval_token: String,
}

impl ActionJob {
    pub fn pipeline_name(&self) -> &str {
        &self.action.key.pipeline_name
    }

    /// A required configuration value.
    ///
    /// # Errors
    /// The result that the action fails with when it is missing.
    pub fn required(&self, key: &str) -> Result<&str, ActionResult> {
        self.optional(key).ok_or_else(|| {
            ActionResult::failed(
                FailureType::ConfigurationError,
                format!(
                    "Action configuration for action '{}' is missing required configuration '{key}'",
                    self.declaration.name
                ),
            )
        })
    }

    /// The override of one type.
    pub fn revision_override(&self, revision_type: SourceRevisionType) -> Option<&str> {
        let of_type = self.revision_overrides.iter().find(|wanted| wanted.revision_type == revision_type)?;
        Some(&of_type.revision_value)
    }

    pub fn optional(&self, key: &str) -> Option<&str> {
        self.configuration.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `true` in any spelling of it; everything else is false, as in CodePipeline.
    pub fn is_set(&self, key: &str) -> bool {
        self.optional(key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// How an action's function ended.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionResult {
    Succeeded(Box<ActionOutput>),
    Failed {
        failure_type: FailureType,
        message: String,
    },
    /// Somebody else ends it: a provider's event, a person.
    InProgress {
        external_execution_id: String,
        external_execution_url: Option<String>,
        summary: Option<String>,
    },
}

impl ActionResult {
    pub fn failed(failure_type: FailureType, message: impl Into<String>) -> Self {
        Self::Failed { failure_type, message: message.into() }
    }

    pub fn succeeded(output: ActionOutput) -> Self {
        Self::Succeeded(Box::new(output))
    }
}
