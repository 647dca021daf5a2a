//! From a decision to its events: what the rows say after it, beside what the state said before.

use super::retries::{attempt_before, is_retry};
use super::{
    ActionEventState, ExecutionEventState, RetriedExecutions, StageEventState, StateChange, Subject,
};
use crate::decide::{ActionRecord, Decision, ExecutionRecord, Record, StageRecord};
use crate::execution::{
    self, ActionError, ActionStatus, ExecutionStatus, PipelineExecutionId, StageStatus, Timestamp,
};

/// The events of `decision`, made on `before` (`None` for a pipeline that is just created), in the order in which they
/// are told. `retries` are those after the decision.
pub fn state_changes(
    before: Option<&execution::PipelineState>,
    decision: &Decision,
    retries: &RetriedExecutions,
    now: Timestamp,
) -> Vec<StateChange> {
    let decided = Decided { before, decision, retries, now };
    let mut changes = Vec::new();
    for record in &decision.records {
        match record {
            Record::Execution(record) => decided.of_execution(record, &mut changes),
            Record::Stage(record) => decided.of_stage(record, &mut changes),
            Record::Action(record) => decided.of_action(record, &mut changes),
            Record::ApprovalToken { .. } | Record::ClientRequest { .. } => {}
        }
    }
    changes.sort_by_key(StateChange::rank);
    changes
}

struct Decided<'a> {
    before: Option<&'a execution::PipelineState>,
    decision: &'a Decision,
    retries: &'a RetriedExecutions,
    now: Timestamp,
}

impl Decided<'_> {
    fn of_execution(&self, record: &ExecutionRecord, changes: &mut Vec<StateChange>) {
        // Only the row that begins an execution has variables: a PARALLEL execution begins in its pipeline's state,
        // and comes to its own state later.
        let was = match self.execution_before(&record.execution_id) {
            Some(was) => Some(was.status),
            None if record.variables.is_some() => None,
            None => Some(ExecutionStatus::InProgress),
        };
        for state in states_of_execution(was, record.status) {
            let subject = Subject::Pipeline {
                state,
                started_at: record.started_at,
                trigger: (state == ExecutionEventState::Started).then(|| record.trigger.clone()),
                stop_comments: record
                    .status_summary
                    .clone()
                    .filter(|_| state == ExecutionEventState::Stopping),
            };
            changes.push(self.change(&record.execution_id, record.version, subject));
        }
    }

    fn of_stage(&self, record: &StageRecord, changes: &mut Vec<StateChange>) {
        let before = self.execution_before(&record.execution_id);
        let was = attempt_before(self.before, record).and_then(|_| {
            let before = before?;
            Some(before.stage.as_ref()?.status(before.stop.is_some()))
        });
        let states = match was {
            Some(_) if is_retry(self.before, record) => resumed(record.status),
            was => states_of_stage(was, record.status),
        };
        for state in states {
            let subject = Subject::Stage {
                stage_name: record.stage_name.clone(),
                state,
                started_at: record.started_at,
                last_retry_at: self.retries.last_retry_of(record),
            };
            changes.push(self.change(&record.execution_id, self.version_of(&record.execution_id), subject));
        }
    }

    fn of_action(&self, record: &ActionRecord, changes: &mut Vec<StateChange>) {
        let ActionRecord { action, execution, .. } = record;
        // Of rules there are no events.
        if action.condition.is_some() {
            return;
        }
        let id = &action.pipeline_execution_id;
        let was = self.before.and_then(|before| before.action(action));
        let had_started =
            was.is_some_and(|was| was.task_token.is_some() || was.status != ActionStatus::InProgress);
        let was_status = was.map_or(ActionStatus::InProgress, |was| was.status);
        let states =
            states_of_action(had_started, was_status, execution.status, execution.task_token.is_some());
        for state in states {
            let (artifacts_in, artifacts_out) = (record.input.as_ref(), record.output.as_ref());
            let is_start = state == ActionEventState::Started;
            let result = |value: &Option<String>| value.clone().filter(|_| !is_start);
            let error = execution.error.as_ref().filter(|_| !is_start);
            let subject = Subject::Action {
                stage_index: action.stage_index,
                stage_name: self.stage_name_of(id, action.stage_index),
                action_name: action.action_name.clone(),
                action_execution_id: action.action_execution_id.clone(),
                state,
                started_at: execution.started_at,
                input_artifacts: artifacts_in.map(|input| input.input_artifacts.clone()).unwrap_or_default(),
                output_artifacts: artifacts_out.map(|output| output.artifacts.clone()).unwrap_or_default(),
                external_execution_id: result(&execution.external_execution_id),
                external_execution_url: result(&execution.external_execution_url),
                summary: error.map(said).or_else(|| result(&execution.summary)),
                error_code: error.map(|error| error.code.clone()),
            };
            changes.push(self.change(id, self.version_of(id), subject));
        }
    }

    fn change(&self, id: &PipelineExecutionId, version: u32, subject: Subject) -> StateChange {
        StateChange {
            pipeline_name: self.decision.state.key.pipeline_name.clone(),
            execution_id: id.clone(),
            version,
            at: self.now,
            attempt: self.retries.attempt(id),
            subject,
        }
    }

    fn execution_before(&self, id: &PipelineExecutionId) -> Option<&execution::Execution> {
        self.before?.executions.get(id)
    }

    /// An execution that begins is in the state after the decision, one that ends in the state before.
    fn execution(&self, id: &PipelineExecutionId) -> Option<&execution::Execution> {
        self.execution_before(id).or_else(|| self.decision.state.executions.get(id))
    }

    fn version_of(&self, id: &PipelineExecutionId) -> u32 {
        self.execution(id).map_or(self.decision.state.version, |execution| execution.version)
    }

    fn stage_name_of(&self, id: &PipelineExecutionId, stage_index: usize) -> String {
        let version = self.version_of(id);
        let states = self.before.into_iter().chain([&self.decision.state]);
        let plan = states.filter_map(|state| state.plans.get(&version)).next();
        let stage = plan.and_then(|plan| plan.stages.get(stage_index));
        stage.map(|stage| stage.name.clone()).unwrap_or_default()
    }
}

/// What a person is told of a failure, as far as an event has room for it.
fn said(error: &ActionError) -> String {
    error.message.chars().take(SUMMARY_CHARACTERS_MAX).collect()
}

/// `externalExecutionSummary` of the API has room for 2,048 characters.
const SUMMARY_CHARACTERS_MAX: usize = 2_048;

/// `None`: it was not there.
pub(super) fn states_of_execution(
    was: Option<ExecutionStatus>,
    is: ExecutionStatus,
) -> Vec<ExecutionEventState> {
    use ExecutionStatus::{Cancelled, Failed, InProgress, Stopped, Stopping, Succeeded, Superseded};
    let mut states = Vec::new();
    if was.is_none() {
        states.push(ExecutionEventState::Started);
    }
    let was = match was {
        // Whoever overrides the condition by which it failed may end it at once.
        Some(Failed | Stopped) if !matches!(is, Failed | Stopped | InProgress) => {
            states.push(ExecutionEventState::Resumed);
            InProgress
        }
        was => was.unwrap_or(InProgress),
    };
    match (was, is) {
        (before, after) if before == after => {}
        (_, InProgress) => states.push(ExecutionEventState::Resumed),
        (_, Stopping) => states.push(ExecutionEventState::Stopping),
        // What is abandoned, or waits, stops at once; it is told both ways.
        (InProgress, Stopped) => states.extend([ExecutionEventState::Stopping, ExecutionEventState::Stopped]),
        (_, Stopped) => states.push(ExecutionEventState::Stopped),
        (_, Succeeded) => states.push(ExecutionEventState::Succeeded),
        (_, Superseded) => states.push(ExecutionEventState::Superseded),
        (_, Failed) => states.push(ExecutionEventState::Failed),
        (_, Cancelled) => states.push(ExecutionEventState::Canceled),
    }
    states
}

/// A stage that is tried again, and may end with that: its success condition was overridden.
fn resumed(is: StageStatus) -> Vec<StageEventState> {
    let ends = states_of_stage(Some(StageStatus::InProgress), is);
    [StageEventState::Resumed].into_iter().chain(ends).collect()
}

/// `None`: the execution was not in it.
pub(super) fn states_of_stage(was: Option<StageStatus>, is: StageStatus) -> Vec<StageEventState> {
    use StageStatus::{Cancelled, Failed, InProgress, Skipped, Stopped, Stopping, Succeeded};
    let mut states = Vec::new();
    if was.is_none() {
        states.push(StageEventState::Started);
    }
    match (was.unwrap_or(InProgress), is) {
        (before, after) if before == after => {}
        (_, InProgress) => states.push(StageEventState::Resumed),
        (_, Stopping) => states.push(StageEventState::Stopping),
        (InProgress, Stopped) => states.extend([StageEventState::Stopping, StageEventState::Stopped]),
        (_, Stopped) => states.push(StageEventState::Stopped),
        (_, Succeeded) => states.push(StageEventState::Succeeded),
        (_, Failed) => states.push(StageEventState::Failed),
        (_, Cancelled) => states.push(StageEventState::Canceled),
        // No event tells of it.
        (_, Skipped) => {}
    }
    states
}

/// An action has started when its function has: what it was given is known then. One that ends before has started
/// nevertheless.
pub(super) fn states_of_action(
    had_started: bool,
    was: ActionStatus,
    is: ActionStatus,
    has_task: bool,
) -> Vec<ActionEventState> {
    use ActionStatus::{Abandoned, Failed, InProgress, Succeeded};
    let mut states = Vec::new();
    if !had_started && (has_task || is != InProgress) {
        states.push(ActionEventState::Started);
    }
    match (was, is) {
        (before, after) if before == after => {}
        (_, InProgress) => {}
        (_, Succeeded) => states.push(ActionEventState::Succeeded),
        (_, Failed) => states.push(ActionEventState::Failed),
        (_, Abandoned) => states.push(ActionEventState::Abandoned),
    }
    states
}
