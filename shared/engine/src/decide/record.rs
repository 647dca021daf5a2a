//! History rows: what users see of executions, stages and actions. They are projections of the state,
//! written in the same transaction, so that no list of statuses is kept twice.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ActionInput, ActionOutput, ClientRequest, Left};
use crate::declaration::ExecutionMode;
use crate::execution::{
    ActionExecution, ActionRef, ConditionExecution, ConditionType, Execution, ExecutionStatus,
    PipelineExecutionId, PipelineState, Retries, SourceRevision, SourceRevisionOverride, StageExecution,
    StageStatus, Timestamp, Trigger,
};
use crate::variables::PipelineVariable;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record {
    Execution(Box<ExecutionRecord>),
    Stage(StageRecord),
    Action(Box<ActionRecord>),
    /// Where the answer to an approval belongs.
    ApprovalToken {
        token: String,
        action: ActionRef,
    },
    /// Written only if it is not there yet: the same token starts one execution.
    ClientRequest {
        pipeline_name: String,
        execution_id: PipelineExecutionId,
        request: ClientRequest,
    },
}

/// A pipeline execution. `None` leaves what the row has.
///
/// Only the row that begins an execution has `variables`, and it is written only if there is none of that
/// execution yet: the state forgets executions that have ended, so a start that is told once more after
/// that would begin it anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionRecord {
    pub pipeline_name: String,
    pub execution_id: PipelineExecutionId,
    pub version: u32,
    pub mode: ExecutionMode,
    pub sequence: u64,
    pub status: ExecutionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_summary: Option<String>,
    pub trigger: Trigger,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub source_revisions: Vec<SourceRevision>,
    /// The execution whose variables and artifacts it has, if it is a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<PipelineExecutionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<PipelineVariable>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_revision_overrides: Option<Vec<SourceRevisionOverride>>,
}

impl ExecutionRecord {
    pub fn of(pipeline_name: &str, id: &PipelineExecutionId, execution: &Execution) -> Self {
        Self {
            pipeline_name: pipeline_name.to_owned(),
            execution_id: id.clone(),
            version: execution.version,
            mode: execution.mode,
            sequence: execution.sequence,
            status: execution.status,
            status_summary: execution.status_summary.clone(),
            trigger: execution.trigger.clone(),
            started_at: execution.started_at,
            updated_at: execution.updated_at,
            source_revisions: execution.source_revisions.clone(),
            rollback_of: execution.rollback_of.clone(),
            variables: None,
            source_revision_overrides: None,
        }
    }
}

/// One execution's passage through one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRecord {
    pub pipeline_name: String,
    pub execution_id: PipelineExecutionId,
    pub stage_index: usize,
    pub stage_name: String,
    pub status: StageStatus,
    pub attempt: u32,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    /// Without what is not for users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ConditionExecution>,
    #[serde(default, skip_serializing_if = "Retries::is_empty")]
    pub retries: Retries,
}

/// One execution of one action, or of one rule. `None` leaves what the row has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRecord {
    pub pipeline_name: String,
    pub action: ActionRef,
    pub execution: ActionExecution,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<ActionInput>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<ActionOutput>,
}

impl ActionRecord {
    pub fn of(pipeline_name: &str, action: &ActionRef, execution: &ActionExecution) -> Self {
        Self {
            pipeline_name: pipeline_name.to_owned(),
            action: action.clone(),
            execution: execution.clone(),
            input: None,
            output: None,
        }
    }
}

/// The rows of everything that users see differently in the two states. `details` are rows with more than the
/// state knows; they get the state's newest view. `left` are the stages that the later state knows no more.
pub(super) fn project(
    before: &PipelineState,
    after: &PipelineState,
    details: Vec<Record>,
    left: &[Left],
) -> Vec<Record> {
    let mut records = details;
    for Left { execution_id, execution } in left {
        let was = before.executions.get(execution_id);
        project_stage(&mut records, (before, after), execution_id, was, execution);
    }
    let ids: BTreeSet<_> = before.executions.keys().chain(after.executions.keys()).collect();
    for id in ids {
        let Some(now) = after.executions.get(id) else { continue };
        let was = before.executions.get(id);
        if was != Some(now) {
            put_execution(&mut records, after, id, was, now);
            project_stage(&mut records, (before, after), id, was, now);
        }
    }
    records
}

fn put_execution(
    records: &mut Vec<Record>,
    state: &PipelineState,
    id: &PipelineExecutionId,
    was: Option<&Execution>,
    now: &Execution,
) {
    let name = &state.key.pipeline_name;
    let fresh = ExecutionRecord::of(name, id, now);
    let detailed = records.iter_mut().find_map(|record| match record {
        Record::Execution(record) if record.execution_id == *id => Some(record),
        _ => None,
    });
    match detailed {
        Some(record) => {
            let variables = record.variables.take();
            let source_revision_overrides = record.source_revision_overrides.take();
            **record = ExecutionRecord { variables, source_revision_overrides, ..fresh };
        }
        None if was.is_some_and(|was| ExecutionRecord::of(name, id, was) == fresh) => {}
        None => records.push(Record::Execution(Box::new(fresh))),
    }
}

fn project_stage(
    records: &mut Vec<Record>,
    (before, after): (&PipelineState, &PipelineState),
    id: &PipelineExecutionId,
    was: Option<&Execution>,
    now: &Execution,
) {
    let Some(stage) = &now.stage else { return };
    let was_stage = was.and_then(|was| was.stage.as_ref());
    let fresh = stage_record(after, id, now, stage);
    let known = was.zip(was_stage).map(|(was, stage)| stage_record(before, id, was, stage));
    if known.as_ref() != Some(&fresh) {
        records.push(Record::Stage(fresh));
    }
    for action in stage.executions() {
        let unchanged = was_stage.is_some_and(|was| was.executions().any(|was| was == action));
        if !unchanged {
            put_action(records, after, id, now.stage_index, action);
        }
    }
}

fn stage_record(
    state: &PipelineState,
    id: &PipelineExecutionId,
    execution: &Execution,
    stage: &StageExecution,
) -> StageRecord {
    let plan = state.plan_of(execution).and_then(|plan| plan.stages.get(execution.stage_index));
    StageRecord {
        pipeline_name: state.key.pipeline_name.clone(),
        execution_id: id.clone(),
        stage_index: execution.stage_index,
        stage_name: plan.map(|plan| plan.name.clone()).unwrap_or_default(),
        status: stage.status(execution.stop.is_some()),
        attempt: stage.attempt,
        started_at: stage.started_at,
        updated_at: execution.updated_at,
        conditions: stage.conditions.iter().map(for_users).collect(),
        retries: stage.retries,
    }
}

fn for_users(condition: &ConditionExecution) -> ConditionExecution {
    let mut condition = condition.clone();
    for rule in &mut condition.rules {
        rule.task_token = None;
    }
    condition
}

fn put_action(
    records: &mut Vec<Record>,
    state: &PipelineState,
    id: &PipelineExecutionId,
    stage_index: usize,
    action: &ActionExecution,
) {
    let detailed = records.iter_mut().find_map(|record| match record {
        Record::Action(record) if record.action.action_execution_id == action.id => Some(record),
        _ => None,
    });
    if let Some(record) = detailed {
        record.execution = action.clone();
        return;
    }
    let action_ref = ActionRef {
        key: state.key.clone(),
        pipeline_execution_id: id.clone(),
        stage_index,
        action_name: action.name.clone(),
        action_execution_id: action.id.clone(),
        condition: ConditionType::of_run_order(action.run_order),
    };
    records.push(Record::Action(Box::new(ActionRecord::of(&state.key.pipeline_name, &action_ref, action))));
}
