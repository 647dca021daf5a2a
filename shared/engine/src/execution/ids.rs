//! Names for things: ids are given or derived from what was given, never drawn here.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ConditionType;

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A UUID, as `pipelineExecutionId` of the CodePipeline API is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PipelineExecutionId(pub String);

impl fmt::Display for PipelineExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for PipelineExecutionId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// Which [`super::PipelineState`] an event belongs to: the pipeline's own, or that of one PARALLEL
/// execution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateKey {
    pub pipeline_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_execution: Option<PipelineExecutionId>,
}

impl StateKey {
    pub fn pipeline(name: &str) -> Self {
        Self { pipeline_name: name.to_owned(), parallel_execution: None }
    }

    pub fn parallel(name: &str, execution: &PipelineExecutionId) -> Self {
        Self { pipeline_name: name.to_owned(), parallel_execution: Some(execution.clone()) }
    }
}

/// One group of actions (equal `runOrder`) within one attempt of one stage; what a Step Functions
/// execution carries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRef {
    #[serde(flatten)]
    pub key: StateKey,
    pub pipeline_execution_id: PipelineExecutionId,
    pub stage_index: usize,
    pub attempt: u32,
    pub run_order: u32,
}

impl StageRef {
    /// The name of the Step Functions execution, so that AWS itself refuses a duplicate start.
    pub fn workflow_name(&self) -> String {
        workflow_name(&self.pipeline_execution_id, self.stage_index, self.attempt)
    }
}

pub(crate) fn workflow_name(id: &PipelineExecutionId, stage_index: usize, attempt: u32) -> String {
    format!("{id}-{stage_index}-{attempt}")
}

/// One execution of one action, or of one rule of a condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRef {
    #[serde(flatten)]
    pub key: StateKey,
    pub pipeline_execution_id: PipelineExecutionId,
    pub stage_index: usize,
    pub action_name: String,
    pub action_execution_id: String,
    /// Of a rule; an action has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionType>,
}

/// The id of an action execution follows from where it is, so a repeated decision makes the same one.
pub fn action_execution_id(
    execution: &PipelineExecutionId,
    stage_index: usize,
    attempt: u32,
    action_name: &str,
) -> String {
    let namespace = Uuid::parse_str(&execution.0).unwrap_or(Uuid::NAMESPACE_OID);
    let path = format!("{execution}/{stage_index}/{attempt}/{action_name}");
    Uuid::new_v5(&namespace, path.as_bytes()).to_string()
}

/// No action has a name with a slash, so no action execution has the id of a rule's.
pub(crate) fn rule_execution_id(
    execution: &PipelineExecutionId,
    stage_index: usize,
    attempt: u32,
    condition: ConditionType,
    rule_name: &str,
) -> String {
    action_execution_id(execution, stage_index, attempt, &format!("{}/{rule_name}", condition.as_str()))
}

/// Of the execution that rolls a stage back by itself after this attempt of it has failed.
pub(crate) fn rollback_execution_id(
    failed: &PipelineExecutionId,
    stage_index: usize,
    attempt: u32,
) -> PipelineExecutionId {
    PipelineExecutionId(action_execution_id(failed, stage_index, attempt, "/rollback"))
}
