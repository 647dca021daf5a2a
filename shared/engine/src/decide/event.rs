//! What may happen to a pipeline, in the past tense. Everything that a decision needs and that is not
//! in the state comes with the event: ids, the plan of a new version, resolved variables.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::declaration::{ExecutionMode, RetryMode};
use crate::execution::{
    ActionRef, ConditionType, PipelineExecutionId, Plan, Progress, RollbackTarget, SourceRevision,
    SourceRevisionOverride, StageRef, StageStatus, StateKey, Timestamp, TransitionKind, Transitions, Trigger,
};
use crate::variables::PipelineVariable;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The state that the event belongs to.
    #[serde(flatten)]
    pub key: StateKey,
    pub kind: EventKind,
}

impl Event {
    /// What to tell in the place of an event that was raised to a pipeline that is not there any more: a PARALLEL
    /// execution that was retried when the pipeline did not count it was not told of the deletion.
    pub fn when_the_pipeline_is_gone(&self) -> Option<Self> {
        let EventKind::ParallelExecutionResumed(run) = &self.kind else { return None };
        let key = StateKey::parallel(&self.key.pipeline_name, &run.execution_id);
        Some(Self { key, kind: EventKind::PipelineDeleted })
    }

    /// Tells this event from all others that could be raised towards the same state.
    pub fn identity(&self) -> String {
        let state = match &self.key.parallel_execution {
            Some(id) => id.0.clone(),
            None => self.key.pipeline_name.clone(),
        };
        match &self.kind {
            EventKind::ParallelExecutionAdmitted(event) => format!("{state}/admitted/{}", event.execution_id),
            EventKind::ParallelExecutionResumed(run) => format!("{state}/resumed/{run}"),
            EventKind::ParallelExecutionEnded(run) => format!("{state}/ended/{run}"),
            EventKind::PipelineDeleted => format!("{state}/deleted"),
            EventKind::TransitionsCopied(transitions) => {
                format!("{state}/transitions/{}", transitions.sequence)
            }
            EventKind::ExecutionRequested(_)
            | EventKind::TransitionChanged(_)
            | EventKind::DeclarationUpdated(_)
            | EventKind::ActionStarted(_)
            | EventKind::ActionProgressed(_)
            | EventKind::ActionFinished(_)
            | EventKind::ActionLost(_)
            | EventKind::GroupEnded(_)
            | EventKind::WorkflowLost(_)
            | EventKind::ApprovalAnswered(_)
            | EventKind::StopRequested(_)
            | EventKind::StageRetryRequested(_)
            | EventKind::StageRollbackRequested(_)
            | EventKind::ConditionOverridden(_) => state,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    ExecutionRequested(ExecutionRequested),
    ParallelExecutionAdmitted(ParallelExecutionAdmitted),
    /// A PARALLEL execution that had ended is retried: the pipeline counts it again.
    ParallelExecutionResumed(ParallelRun),
    ParallelExecutionEnded(ParallelRun),
    ActionStarted(ActionStarted),
    ActionProgressed(ActionProgressed),
    ActionFinished(ActionFinished),
    ActionLost(ActionLost),
    GroupEnded(StageRef),
    WorkflowLost(WorkflowLost),
    ApprovalAnswered(ApprovalAnswered),
    StopRequested(StopRequested),
    StageRetryRequested(StageRetryRequested),
    StageRollbackRequested(StageRollbackRequested),
    ConditionOverridden(ConditionOverridden),
    TransitionChanged(TransitionChanged),
    /// The pipeline passes its transitions on to a PARALLEL execution.
    TransitionsCopied(Transitions),
    DeclarationUpdated(DeclarationUpdated),
    /// DeletePipeline; the pipeline passes it on to its PARALLEL executions.
    PipelineDeleted,
}

/// StartPipelineExecution, or a trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionRequested {
    pub execution_id: PipelineExecutionId,
    pub trigger: Trigger,
    /// The pipeline variables of this execution, or why it cannot run: CodePipeline answers with an id
    /// either way, and the execution then fails.
    pub variables: Result<Vec<PipelineVariable>, String>,
    /// Revisions that source actions take in the place of the newest.
    #[serde(default)]
    pub source_revision_overrides: Vec<SourceRevisionOverride>,
    #[serde(default)]
    pub client_request: Option<ClientRequest>,
}

/// Makes a repeated StartPipelineExecution answer with the same execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientRequest {
    pub token: String,
    /// Of everything else in the request.
    pub digest: String,
}

/// The pipeline let a PARALLEL execution start; from here on it is on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParallelExecutionAdmitted {
    pub execution_id: PipelineExecutionId,
    pub version: u32,
    pub plan: Plan,
    pub transitions: Transitions,
    pub sequence: u64,
    pub trigger: Trigger,
    /// When it was requested.
    pub started_at: Timestamp,
}

/// Where a PARALLEL execution was when it was retried, or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParallelRun {
    pub execution_id: PipelineExecutionId,
    pub progress: Progress,
    /// Of the execution; 0 where it was not told yet, in events of older versions.
    #[serde(default)]
    pub sequence: u64,
}

impl fmt::Display for ParallelRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { stage_index, attempt } = self.progress;
        write!(f, "{}/{stage_index}-{attempt}", self.execution_id)
    }
}

/// The action's function runs, and this is what it was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionStarted {
    pub action: ActionRef,
    pub task_token: String,
    /// Drawn for an approval: whoever answers has to give it back.
    #[serde(default)]
    pub approval_token: Option<String>,
    pub input: ActionInput,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionInput {
    /// With every variable in its value's place.
    pub resolved_configuration: BTreeMap<String, String>,
    pub input_artifacts: Vec<ArtifactLocation>,
}

/// Where an artifact lies, and what its bytes must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactLocation {
    pub name: String,
    pub bucket: String,
    pub key: String,
    /// Lower-case hexadecimal; empty for an object that a provider wrote and nobody has read yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    #[serde(default)]
    pub size_bytes: u64,
}

/// The action goes on outside, under this id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionProgressed {
    pub action: ActionRef,
    pub external_execution_id: String,
    #[serde(default)]
    pub external_execution_url: Option<String>,
    #[serde(default)]
    pub summary: Option<String>,
    /// 0 to 100, where whoever does the work says so.
    #[serde(default)]
    pub percent_complete: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionFinished {
    pub action: ActionRef,
    pub outcome: ActionOutcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "result")]
pub enum ActionOutcome {
    Succeeded(ActionOutput),
    /// The action ran and did not succeed; an ordinary event, retried by nobody but the user.
    Failed {
        failure_type: FailureType,
        message: String,
    },
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionOutput {
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub artifacts: Vec<ArtifactLocation>,
    /// What a source action fetched.
    #[serde(default)]
    pub source_revision: Option<SourceRevision>,
    /// The revision of what the action works on, as its worker says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_revision: Option<Box<ActionRevision>>,
    #[serde(default)]
    pub external_execution_id: Option<String>,
    #[serde(default)]
    pub external_execution_url: Option<String>,
    #[serde(default)]
    pub summary: Option<String>,
}

/// `ActionRevision` of the CodePipeline API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRevision {
    pub revision_id: String,
    /// The change that set the action to the revision.
    pub revision_change_id: String,
    pub created_at: Timestamp,
}

/// `FailureType` of the CodePipeline API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureType {
    JobFailed,
    ConfigurationError,
    PermissionError,
    RevisionOutOfSync,
    RevisionUnavailable,
    SystemUnavailable,
}

/// The action's function crashed, or its time was up: reported by the state machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionLost {
    pub action: ActionRef,
    /// Step Functions' error name: `States.Timeout`, `Lambda.Unknown`, a Fault's type.
    pub error: String,
    #[serde(default)]
    pub cause: String,
}

/// A stage's state machine ended without having asked what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowLost {
    pub execution_id: PipelineExecutionId,
    pub stage_index: usize,
    pub attempt: u32,
    /// What Step Functions says of it: `FAILED: …`, `ABORTED`.
    pub error: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApprovalAnswer {
    Approved,
    Rejected,
}

/// PutApprovalResult. The execution is found by the token, or is the one in the stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalAnswered {
    pub stage_name: String,
    pub action_name: String,
    pub token: String,
    pub answer: ApprovalAnswer,
    pub summary: String,
    pub answered_by: String,
}

/// StopPipelineExecution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StopRequested {
    pub execution_id: PipelineExecutionId,
    pub abandon: bool,
    pub reason: String,
}

/// RetryStageExecution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRetryRequested {
    pub execution_id: PipelineExecutionId,
    pub stage_name: String,
    pub retry_mode: RetryMode,
}

/// RollbackStage, with what is known of the execution that is rolled back to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRollbackRequested {
    /// Of the rollback, which is an execution of its own.
    pub execution_id: PipelineExecutionId,
    pub stage_name: String,
    pub target: RollbackTarget,
    pub target_is_rollback: bool,
    /// How the target left the stage; `None` if it has not been there.
    pub target_status: Option<StageStatus>,
    pub requested_by: String,
}

/// OverrideStageCondition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionOverridden {
    pub execution_id: PipelineExecutionId,
    pub stage_name: String,
    pub condition: ConditionType,
    pub overridden_by: String,
}

/// EnableStageTransition or DisableStageTransition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransitionChanged {
    pub stage_name: String,
    pub transition: TransitionKind,
    /// The reason for disabling it; `None` enables it.
    pub disabled: Option<String>,
    pub changed_by: String,
}

/// What happens to running executions when the declaration changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnUpdate {
    /// They run to their end under the version that they started with.
    Continue,
    /// They end as Cancelled when their running actions have ended, as in CodePipeline.
    Cancel,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationUpdated {
    pub version: u32,
    pub mode: ExecutionMode,
    pub plan: Plan,
    pub on_update: OnUpdate,
}
