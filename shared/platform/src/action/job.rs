//! What a provider's function is given, and what it may answer.

use std::collections::{BTreeMap, BTreeSet};

use engine::decide::{ActionOutput, ArtifactLocation, FailureType};
use engine::declaration::{ActionDeclaration, HIDDEN};
use engine::execution::{ActionRef, SourceRevisionOverride, SourceRevisionType, Timestamp, Trigger};
use engine::variables::Scope;
use serde::{Deserialize, Serialize};

use crate::store::OutsideWork;

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
    /// With every variable in its value's place, and every secret.
    pub configuration: BTreeMap<String, String>,
    /// Keys of the configuration that are kept from everybody but who does the work.
    pub secret_keys: BTreeSet<String>,
    /// In the order of the declaration.
    pub input_artifacts: Vec<ArtifactLocation>,
    /// What the action's variables stand for.
    pub variables: Scope,
    /// The revisions that whoever started the execution wants from this source action: one of each type
    /// at most.
    pub revision_overrides: Vec<SourceRevisionOverride>,
    /// What started the execution.
    pub trigger: Trigger,
    /// Drawn for approvals.
    pub approval_token: String,
    /// No function has begun this action execution before.
    pub is_first_run: bool,
    /// The work at a provider that was kept with the start of this run.
    pub(crate) kept_work: Option<OutsideWork>,
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

    /// As histories show it.
    pub fn shown_configuration(&self) -> BTreeMap<String, String> {
        let mut shown = self.configuration.clone();
        shown.extend(self.secret_keys.iter().map(|key| (key.clone(), HIDDEN.to_owned())));
        shown
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
        /// The work that a provider's event will end, if it is that.
        work: Option<Box<OutsideWork>>,
    },
}

impl ActionResult {
    pub fn failed(failure_type: FailureType, message: impl Into<String>) -> Self {
        Self::Failed { failure_type, message: message.into() }
    }

    /// `work` has begun at its provider, which calls it `external_execution_id`.
    pub fn outside(work: OutsideWork, external_execution_id: &str, log_url: Option<String>) -> Self {
        let external_execution_id = external_execution_id.to_owned();
        Self::InProgress {
            external_execution_id: external_execution_id.clone(),
            external_execution_url: log_url,
            summary: None,
            work: Some(Box::new(OutsideWork { external_execution_id: Some(external_execution_id), ..work })),
        }
    }

    pub fn succeeded(output: ActionOutput) -> Self {
        Self::Succeeded(Box::new(output))
    }
}
