//! Looks at each transaction: which rare paths it took, and what people do about it.

use engine::decide::{
    ActionOutcome, ApprovalAnswer, Decision, Event, EventKind, OnUpdate, Record, RetryMode, StageRecord,
};
use engine::declaration::ExecutionMode;
use engine::execution::{
    ActionStatus, ConditionStatus, ConditionType, ExecutionStatus, PipelineExecutionId, PipelineState,
    StageState, StageStatus,
};

use crate::seen::Path;
use crate::world::World;

/// How long people think before they retry what still runs, and what has ended.
const IMPATIENT_MILLISECONDS: i64 = 3_000;
const PATIENT_MILLISECONDS: i64 = 40_000;

impl World {
    pub(crate) fn observe(&mut self, before: &PipelineState, event: &Event, decision: &Decision) {
        self.observe_event(before, event);
        for record in &decision.records {
            match record {
                Record::Execution(record) => self.observe_status(&record.execution_id, record.status),
                Record::Stage(record) => self.observe_stage(before, record),
                _ => {}
            }
        }
        self.observe_rollbacks(before, decision);
        let waits = decision.state.stages.values().any(|stage| !stage.waiting.is_empty());
        if waits && decision.state.mode == ExecutionMode::Queued {
            self.mark(Path::WaitedInQueue);
        }
        let held = decision.state.stages.values().any(|s| s.occupant.is_none() && !s.waiting.is_empty());
        if held {
            self.mark(Path::HeldByTransition);
        }
    }

    fn observe_status(&mut self, id: &PipelineExecutionId, status: ExecutionStatus) {
        let path = match status {
            ExecutionStatus::InProgress => return,
            ExecutionStatus::Stopping => Path::StopAndWait,
            ExecutionStatus::Stopped => Path::Stopped,
            ExecutionStatus::Succeeded => Path::Succeeded,
            ExecutionStatus::Superseded => Path::Superseded,
            ExecutionStatus::Failed => Path::Failed,
            ExecutionStatus::Cancelled => Path::Cancelled,
        };
        self.mark(path);
        if matches!(status, ExecutionStatus::Failed | ExecutionStatus::Stopped) {
            self.people_may_retry(id, PATIENT_MILLISECONDS);
        }
    }

    fn observe_stage(&mut self, before: &PipelineState, row: &StageRecord) {
        if row.status == StageStatus::Skipped {
            self.mark(Path::Skipped);
        }
        let was = before.executions.get(&row.execution_id).and_then(|was| was.stage.as_ref());
        if row.retries.automatic > was.map_or(0, |was| was.retries.automatic) {
            self.mark(Path::AutomaticRetry);
        }
        for checked in &row.conditions {
            let last = was.and_then(|was| was.condition(checked.condition)).map(|was| was.status);
            if last == Some(checked.status) {
                continue;
            }
            self.observe_condition(&row.execution_id, checked.condition, last, checked.status);
        }
    }

    fn observe_condition(
        &mut self,
        id: &PipelineExecutionId,
        condition: ConditionType,
        was: Option<ConditionStatus>,
        is: ConditionStatus,
    ) {
        let path = match (is, condition, was) {
            (ConditionStatus::InProgress, ..) => return self.people_may_override(id, condition),
            (ConditionStatus::Failed, ConditionType::BeforeEntry, _) => Path::EntryRefused,
            (ConditionStatus::Failed, ConditionType::OnSuccess, _) => Path::SuccessConditionNotMet,
            (ConditionStatus::Errored, ..) => Path::RuleErrored,
            (ConditionStatus::Cancelled | ConditionStatus::Abandoned, ..) => Path::StoppedWhileChecked,
            (ConditionStatus::Overridden, _, Some(ConditionStatus::InProgress)) => {
                Path::OverriddenWhileChecked
            }
            (ConditionStatus::Overridden, ..) => Path::OverriddenAfterFailure,
            (ConditionStatus::Succeeded | ConditionStatus::Failed, ..) => return,
        };
        self.mark(path);
        if is == ConditionStatus::Failed {
            self.people_may_override(id, condition);
        }
    }

    fn observe_rollbacks(&mut self, before: &PipelineState, decision: &Decision) {
        for record in &decision.records {
            let Record::Execution(row) = record else { continue };
            if row.rollback_of.is_none() {
                if row.status_summary.as_ref().is_some_and(|why| why.contains("not rolled back")) {
                    self.mark(Path::NothingToRollBackTo);
                }
                continue;
            }
            match row.status {
                ExecutionStatus::Succeeded => self.mark(Path::RollbackSucceeded),
                ExecutionStatus::Failed => self.mark(Path::RollbackFailed),
                _ => {}
            }
            if before.executions.contains_key(&row.execution_id) {
                continue;
            }
            self.mark(match row.trigger.trigger_type.as_str() {
                "ManualRollback" => Path::ManualRollback,
                _ => Path::AutomaticRollback,
            });
            let occupied = |stage: &StageState| stage.occupant.as_ref() == Some(&row.execution_id);
            if decision.state.stages.values().any(|stage| occupied(stage) && !stage.waiting.is_empty()) {
                self.mark(Path::RollbackOvertookWaiters);
            }
        }
    }

    fn observe_event(&mut self, before: &PipelineState, event: &Event) {
        match &event.kind {
            EventKind::ExecutionRequested(event) if event.variables.is_err() => {
                self.mark(Path::MissingVariables);
            }
            EventKind::ActionFinished(finished) => {
                if matches!(finished.outcome, ActionOutcome::Failed { .. }) {
                    self.people_may_retry(&finished.action.pipeline_execution_id, IMPATIENT_MILLISECONDS);
                }
            }
            EventKind::ActionLost(lost) => {
                if before.action(&lost.action).is_some_and(|action| action.approval_token.is_some()) {
                    self.mark(Path::ApprovalTimedOut);
                }
                self.people_may_retry(&lost.action.pipeline_execution_id, IMPATIENT_MILLISECONDS);
            }
            EventKind::WorkflowLost(_) => self.mark(Path::WorkflowLost),
            EventKind::ApprovalAnswered(event) => self.mark(match event.answer {
                ApprovalAnswer::Approved => Path::ApprovalAccepted,
                ApprovalAnswer::Rejected => Path::ApprovalRejected,
            }),
            EventKind::StopRequested(event) => self.observe_stop(before, &event.execution_id, event.abandon),
            EventKind::StageRetryRequested(event) => {
                self.mark(match event.retry_mode {
                    RetryMode::FailedActions => Path::RetryOfFailedActions,
                    RetryMode::AllActions => Path::RetryOfAllActions,
                });
                self.observe_retry(before, &event.execution_id);
            }
            EventKind::TransitionChanged(event) => {
                let opened = event.disabled.is_none();
                if opened && before.stages.values().any(|s| s.occupant.is_none() && !s.waiting.is_empty()) {
                    self.mark(Path::EnteredWhenOpened);
                }
                if !before.parallel_executions.is_empty() {
                    self.mark(Path::TransitionWithParallelExecutions);
                }
            }
            EventKind::DeclarationUpdated(event) => {
                let running = before.executions.values().any(|execution| !execution.status.is_ended());
                if running {
                    self.mark(Path::EditWhileRunning);
                }
                if running && event.on_update == OnUpdate::Cancel {
                    self.mark(Path::CancelOnEdit);
                }
                let waiters = before.stages.values().any(|stage| !stage.waiting.is_empty());
                if waiters && event.mode != before.mode {
                    self.mark(Path::ModeChangedWithWaiters);
                }
            }
            EventKind::PipelineDeleted => self.observe_deletion(before),
            _ => {}
        }
    }

    fn observe_deletion(&mut self, before: &PipelineState) {
        if before.executions.values().any(|execution| execution.stage.is_some()) {
            self.mark(Path::DeletedWhileRunning);
        }
        if before.stages.values().any(|stage| !stage.waiting.is_empty()) {
            self.mark(Path::DeletedWhileWaiting);
        }
        if !before.parallel_executions.is_empty() {
            self.mark(Path::DeletedWithParallelExecutions);
        }
    }

    fn observe_stop(&mut self, before: &PipelineState, id: &PipelineExecutionId, abandon: bool) {
        let Some(execution) = before.executions.get(id) else { return };
        match &execution.stage {
            None => self.mark(Path::StoppedWhileWaiting),
            Some(stage) if abandon && stage.in_progress().next().is_some() => self.mark(Path::Abandoned),
            Some(_) => {}
        }
        if abandon && execution.status == ExecutionStatus::Stopping {
            self.mark(Path::AbandonedWhileStopping);
        }
    }

    fn observe_retry(&mut self, before: &PipelineState, id: &PipelineExecutionId) {
        let Some(execution) = before.executions.get(id) else { return };
        if execution.stage.as_ref().is_some_and(|stage| stage.in_progress().next().is_some()) {
            self.mark(Path::RetryWhileOthersRun);
        }
        if execution.status == ExecutionStatus::Stopped {
            self.mark(Path::RetryOfStopped);
        }
        if before.key.parallel_execution.is_some() {
            self.mark(Path::RetryOfParallel);
        }
    }

    /// An event that came twice or too late.
    pub(crate) fn changed_nothing(&mut self, event: &Event, state: &PipelineState) {
        let action = match &event.kind {
            EventKind::ActionFinished(event) => &event.action,
            EventKind::ActionLost(event) => &event.action,
            _ => return,
        };
        if state.action(action).is_none_or(|action| action.status != ActionStatus::InProgress) {
            self.mark(Path::LateResult);
        }
    }
}
