//! The data that decisions are made on: small, plain, and complete in itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ActionRef, ActionStatus, ConditionExecution, ExecutionStatus, IllegalTransition, PipelineExecutionId,
    Plan, StageStatus, StateKey, Timestamp,
};
use crate::declaration::ExecutionMode;

/// Everything that is locked together; see the module's header.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineState {
    pub key: StateKey,
    /// The newest version of the declaration; new executions start under it.
    pub version: u32,
    pub mode: ExecutionMode,
    /// The newest version's plan and those of live executions.
    pub plans: BTreeMap<u32, Plan>,
    pub transitions: Transitions,
    pub stages: BTreeMap<String, StageState>,
    pub executions: BTreeMap<PipelineExecutionId, Execution>,
    /// Counts starts: of two executions, the one with the higher number is newer.
    pub last_sequence: u64,
    /// Executions up to this number were of a deleted pipeline of the same name.
    #[serde(default)]
    pub history_after: u64,
    /// PARALLEL executions that have not ended, and where each was when it was counted; their states
    /// are their own.
    #[serde(default)]
    pub parallel_executions: BTreeMap<PipelineExecutionId, Progress>,
}

impl PipelineState {
    /// A pipeline that was just created, at `version` of its declaration.
    pub fn new(name: &str, version: u32, mode: ExecutionMode, plan: Plan) -> Self {
        Self {
            key: StateKey::pipeline(name),
            version,
            mode,
            plans: BTreeMap::from([(version, plan)]),
            transitions: Transitions::default(),
            stages: BTreeMap::new(),
            executions: BTreeMap::new(),
            last_sequence: 0,
            history_after: 0,
            parallel_executions: BTreeMap::new(),
        }
    }

    /// The same under the name of a deleted pipeline that had so many executions: their numbers are taken.
    #[must_use]
    pub fn after(self, last_sequence: u64) -> Self {
        Self { last_sequence, history_after: last_sequence, ..self }
    }

    /// The plan that `execution` runs under. Live executions keep theirs, so it is always there.
    pub fn plan_of(&self, execution: &Execution) -> Option<&Plan> {
        self.plans.get(&execution.version)
    }

    /// Of an action, or of a rule.
    pub fn action(&self, action: &ActionRef) -> Option<&ActionExecution> {
        let stage = self.executions.get(&action.pipeline_execution_id)?.stage.as_ref()?;
        stage.executions().find(|a| a.id == action.action_execution_id)
    }

    pub(crate) fn action_mut(&mut self, action: &ActionRef) -> Option<&mut ActionExecution> {
        let stage = self.executions.get_mut(&action.pipeline_execution_id)?.stage.as_mut()?;
        stage.executions_mut().find(|a| a.id == action.action_execution_id)
    }

    pub(crate) fn execution_mut(&mut self, id: &PipelineExecutionId) -> Option<&mut Execution> {
        self.executions.get_mut(id)
    }

    pub(crate) fn stage_name_of(&self, id: &PipelineExecutionId) -> Option<String> {
        let execution = self.executions.get(id)?;
        Some(self.plan_of(execution)?.stages.get(execution.stage_index)?.name.clone())
    }
}

/// Who is in a stage and who waits for it, by the stage's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageState {
    /// Holds the stage's lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant: Option<PipelineExecutionId>,
    /// In the order of arrival.
    #[serde(default)]
    pub waiting: Vec<PipelineExecutionId>,
    /// Failed or was stopped here and nobody entered since: it may be retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<PipelineExecutionId>,
    /// What the stage is rolled back to without anybody asking for it. Kept where its conditions do that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_succeeded: Option<RollbackTarget>,
}

/// A former execution of which a stage is run again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackTarget {
    pub execution_id: PipelineExecutionId,
    pub version: u32,
    #[serde(default)]
    pub source_revisions: Vec<SourceRevision>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TransitionKind {
    Inbound,
    Outbound,
}

/// A transition that was disabled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    pub reason: String,
    pub changed_by: String,
    pub changed_at: Timestamp,
}

/// Who enabled a transition, and when.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnabledTransition {
    pub changed_by: String,
    pub changed_at: Timestamp,
}

/// The disabled transitions by stage name; all others are enabled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transitions {
    #[serde(default)]
    pub inbound: BTreeMap<String, Transition>,
    #[serde(default)]
    pub outbound: BTreeMap<String, Transition>,
    /// Of transitions into stages, those that somebody enabled and nobody has disabled since. GetPipelineState shows
    /// none that lead out of a stage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub enabled_inbound: BTreeMap<String, EnabledTransition>,
    /// Counts the changes, so that a late copy does not undo a newer one.
    #[serde(default)]
    pub sequence: u64,
}

/// What started an execution, as `trigger` of the API has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    pub trigger_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trigger_detail: String,
}

/// What a source action fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceRevision {
    pub action_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_url: Option<String>,
}

/// `revisionType` of the API: what the value of a source revision override is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SourceRevisionType {
    CommitId,
    ImageDigest,
    #[serde(rename = "S3_OBJECT_VERSION_ID")]
    S3ObjectVersionId,
    #[serde(rename = "S3_OBJECT_KEY")]
    S3ObjectKey,
}

/// What a source action fetches in the place of the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceRevisionOverride {
    pub action_name: String,
    pub revision_type: SourceRevisionType,
    pub revision_value: String,
}

/// Why an execution is being brought to an end before its last stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stop {
    /// StopPipelineExecution: ends as Stopped.
    Requested { reason: String },
    /// The pipeline was edited and is set to cancel what runs: ends as Cancelled.
    Edited,
}

/// One pipeline execution that is running, waiting, or may still be retried.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    pub version: u32,
    /// The mode it was started in; a later edit of the pipeline does not change it.
    pub mode: ExecutionMode,
    pub sequence: u64,
    pub status: ExecutionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    pub trigger: Trigger,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub source_revisions: Vec<SourceRevision>,
    /// It runs one stage with what this execution had: its variables, its artifacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<PipelineExecutionId>,
    /// The stage it is in, or waits for.
    pub stage_index: usize,
    /// `None` while it waits for the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageExecution>,
}

/// How far an execution has come. It only grows, so it tells an earlier run from a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub stage_index: usize,
    /// 0 while it waits for the stage.
    pub attempt: u32,
}

impl Execution {
    /// One that has just been started, in front of the first stage.
    pub(crate) fn new(
        (version, mode): (u32, ExecutionMode),
        sequence: u64,
        trigger: Trigger,
        started_at: Timestamp,
        now: Timestamp,
    ) -> Self {
        Self {
            version,
            mode,
            sequence,
            status: ExecutionStatus::InProgress,
            status_summary: None,
            stop: None,
            trigger,
            started_at,
            updated_at: now,
            source_revisions: Vec::new(),
            rollback_of: None,
            stage_index: 0,
            stage: None,
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let attempt = self.stage.as_ref().map_or(0, |stage| stage.attempt);
        Progress { stage_index: self.stage_index, attempt }
    }

    pub(crate) fn set_status(&mut self, to: ExecutionStatus) -> Result<(), IllegalTransition> {
        self.status = self.status.next(to)?;
        Ok(())
    }
}

/// One execution's passage through one stage, with all its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageExecution {
    /// Set when the stage has ended; until then the status follows from the actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<StageStatus>,
    /// Counts from 1; each attempt is a Step Functions execution.
    pub attempt: u32,
    /// The group that is running, or ran last.
    pub run_order: u32,
    /// The attempt whose workflow runs that group.
    pub group_attempt: u32,
    /// The attempts whose workflow still runs, each with the `runOrder` of its group. Only what a workflow
    /// asks after that group is answered; any other question is late, as its answer was given before.
    pub workflows: BTreeMap<u32, u32>,
    pub started_at: Timestamp,
    /// The newest execution of each action that was started.
    pub actions: Vec<ActionExecution>,
    /// The newest check of each condition that was checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionExecution>,
    #[serde(default, skip_serializing_if = "Retries::is_empty")]
    pub retries: Retries,
}

/// `retryStageMetadata` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Retries {
    #[serde(default)]
    pub automatic: u32,
    #[serde(default)]
    pub manual: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<RetryTrigger>,
}

impl Retries {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn count(&mut self, trigger: RetryTrigger) {
        match trigger {
            RetryTrigger::AutomatedStageRetry => self.automatic += 1,
            RetryTrigger::ManualStageRetry => self.manual += 1,
        }
        self.latest = Some(trigger);
    }
}

/// `RetryTrigger` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RetryTrigger {
    AutomatedStageRetry,
    ManualStageRetry,
}

impl StageExecution {
    /// A passage that begins now.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            ended: None,
            attempt: 1,
            run_order: 0,
            group_attempt: 1,
            workflows: BTreeMap::new(),
            started_at: now,
            actions: Vec::new(),
            conditions: Vec::new(),
            retries: Retries::default(),
        }
    }

    /// Of its actions and of the rules of its conditions.
    pub fn executions(&self) -> impl Iterator<Item = &ActionExecution> {
        self.actions.iter().chain(self.conditions.iter().flat_map(|condition| &condition.rules))
    }

    pub(crate) fn executions_mut(&mut self) -> impl Iterator<Item = &mut ActionExecution> {
        self.actions.iter_mut().chain(self.conditions.iter_mut().flat_map(|condition| &mut condition.rules))
    }

    pub fn status(&self, stopping: bool) -> StageStatus {
        match self.ended {
            Some(status) => status,
            None if stopping => StageStatus::Stopping,
            None => StageStatus::InProgress,
        }
    }

    pub fn in_progress(&self) -> impl Iterator<Item = &ActionExecution> {
        self.executions().filter(|a| a.status == ActionStatus::InProgress)
    }

    pub fn has_failed_action(&self) -> bool {
        self.failed_actions().next().is_some()
    }

    pub fn failed_actions(&self) -> impl Iterator<Item = &ActionExecution> {
        self.actions.iter().filter(|a| matches!(a.status, ActionStatus::Failed | ActionStatus::Abandoned))
    }
}

/// Why an action failed: one of CodePipeline's failure types and a message for a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionError {
    pub code: String,
    pub message: String,
}

/// One execution of an action, or of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionExecution {
    pub id: String,
    pub name: String,
    /// Of a rule, that of its condition.
    pub run_order: u32,
    /// The stage's attempt that began it.
    pub attempt: u32,
    /// The attempt whose workflow runs it: a retry's workflow may end before an older one goes on.
    pub workflow_attempt: u32,
    pub status: ActionStatus,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    /// Step Functions waits for it; known once the action's function has started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_token: Option<String>,
    /// What an approver has to give back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_execution_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_execution_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// As it was last told while the action went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_complete: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ActionError>,
}
