//! What has changed, in the words of the events.

use serde::{Deserialize, Serialize};

use crate::decide::ArtifactLocation;
use crate::execution::{PipelineExecutionId, Timestamp, Trigger};

/// One change of one pipeline execution, stage execution or action execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateChange {
    pub pipeline_name: String,
    pub execution_id: PipelineExecutionId,
    /// Of the pipeline, under which the execution runs.
    pub version: u32,
    /// When it changed.
    pub at: Timestamp,
    /// 1, and one more for each retry of a stage.
    pub attempt: u32,
    pub subject: Subject,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Subject {
    Pipeline {
        state: ExecutionEventState,
        started_at: Timestamp,
        /// Of an execution that has started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trigger: Option<Trigger>,
        /// Why it is being stopped, if whoever stopped it said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stop_comments: Option<String>,
    },
    Stage {
        stage_name: String,
        state: StageEventState,
        started_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_retry_at: Option<Timestamp>,
    },
    Action {
        stage_index: usize,
        stage_name: String,
        action_name: String,
        action_execution_id: String,
        state: ActionEventState,
        started_at: Timestamp,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        input_artifacts: Vec<ArtifactLocation>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        output_artifacts: Vec<ArtifactLocation>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_execution_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_execution_url: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<String>,
    },
}

/// States of pipeline executions. The events spell `CANCELED` with one L.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ExecutionEventState {
    Started,
    Resumed,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
    Superseded,
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StageEventState {
    Started,
    Resumed,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
    Canceled,
}

/// CodePipeline has `CANCELED` as well; here an edit of the pipeline lets actions run to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ActionEventState {
    Started,
    Succeeded,
    Failed,
    Abandoned,
}

impl StateChange {
    /// Within one decision: beginnings from the outside in, ends from the inside out. A stage that begins comes after
    /// the end of the one before.
    pub(super) fn rank(&self) -> u8 {
        match &self.subject {
            Subject::Pipeline { state, .. } => match state {
                ExecutionEventState::Started
                | ExecutionEventState::Resumed
                | ExecutionEventState::Stopping => 0,
                ExecutionEventState::Stopped
                | ExecutionEventState::Succeeded
                | ExecutionEventState::Failed
                | ExecutionEventState::Superseded
                | ExecutionEventState::Canceled => 5,
            },
            Subject::Stage { state, .. } => match state {
                StageEventState::Resumed | StageEventState::Stopping => 1,
                StageEventState::Stopped
                | StageEventState::Succeeded
                | StageEventState::Failed
                | StageEventState::Canceled => 3,
                StageEventState::Started => 4,
            },
            Subject::Action { .. } => 2,
        }
    }
}
