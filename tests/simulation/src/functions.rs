//! The functions of actions, and what they work with: some end in the function, some go on at a provider
//! that tells their end by an event, some wait for a person.

use engine::decide::{
    ActionFinished, ActionInput, ActionOutcome, ActionOutput, ActionProgressed, ActionStarted, Event,
    EventKind, FailureType,
};
use engine::execution::{ActionRef, ActionStatus, PipelineState, SourceRevision};
use rand::Rng;

use crate::plans::{APPROVAL, OUTSIDE};
use crate::seen::Path;
use crate::workflows::TaskRef;
use crate::world::{Step, World};
use crate::writer::Caller;

/// What a provider does for an action; started once under the action execution's id.
pub(crate) struct Work {
    action: ActionRef,
    outcome: ActionOutcome,
}

impl World {
    /// The function tells that it runs before it does anything.
    pub(crate) fn function_starts(&mut self, task: TaskRef, token: u64) {
        let item = self.item(task);
        let approval_token = (item.function_name == APPROVAL).then(|| format!("approval-{token}"));
        let started = ActionStarted {
            action: item.action.clone(),
            task_token: token.to_string(),
            approval_token,
            input: ActionInput::default(),
        };
        let event = Event { key: item.action.key.clone(), kind: EventKind::ActionStarted(started) };
        self.tell(Caller::Function { task, token }, event);
    }

    /// The start is written. An action that has ended meanwhile only needs its task completed.
    pub(crate) fn function_may_work(&mut self, task: TaskRef, token: u64, state: &PipelineState) {
        let item = self.item(task);
        let is_wanted =
            state.action(&item.action).is_some_and(|action| action.status == ActionStatus::InProgress);
        if !is_wanted {
            self.mark(Path::ActionEndedBeforeItsFunctionStarted);
            self.complete_task(token);
            return;
        }
        match item.function_name.as_str() {
            APPROVAL => self.approval_is_asked(&item.action, item.timeout_seconds),
            OUTSIDE => self.work_begins(&item.action),
            _ => {
                let outcome = self.draw_outcome(&item.action);
                let event = finished(&item.action, outcome);
                self.tell(Caller::FunctionEnds { task, token }, event);
            }
        }
    }

    fn work_begins(&mut self, action: &ActionRef) {
        let id = action.action_execution_id.clone();
        if self.work.contains_key(&id) {
            self.mark(Path::WorkStartedTwice);
            return;
        }
        let outcome = self.draw_outcome(action);
        self.work.insert(id.clone(), Work { action: action.clone(), outcome });
        let progressed = ActionProgressed {
            action: action.clone(),
            external_execution_id: format!("build-{id}"),
            external_execution_url: None,
            summary: None,
            percent_complete: None,
        };
        let event = Event { key: action.key.clone(), kind: EventKind::ActionProgressed(progressed) };
        self.tell(Caller::FunctionProgresses, event);
        let mut takes = self.rng.random_range(500..40_000);
        if self.chance(10) {
            takes += 60_000;
        }
        if self.strikes(|faults| faults.lost_event) {
            // The sweep asks the provider about what is overdue.
            self.mark(Path::LostProviderEvent);
            takes += 60_000;
        }
        self.schedule(takes, Step::WorkEnded(id));
    }

    pub(crate) fn work_ended(&mut self, id: &str) {
        let Some(work) = self.work.get(id) else { return };
        let event = finished(&work.action, work.outcome.clone());
        if self.strikes(|faults| faults.duplicate) {
            self.mark(Path::RepeatedProviderEvent);
            self.tell(Caller::Provider { action: id.to_owned() }, event.clone());
        }
        self.tell(Caller::Provider { action: id.to_owned() }, event);
    }

    fn draw_outcome(&mut self, action: &ActionRef) -> ActionOutcome {
        let fails = if action.condition.is_some() { 35 } else { 12 };
        if self.chance(fails) {
            let message = "exit status 1".to_owned();
            return ActionOutcome::Failed { failure_type: FailureType::JobFailed, message };
        }
        let revision_id = (action.stage_index == 0).then(|| self.new_id().to_string());
        let source_revision = revision_id.map(|id| SourceRevision {
            action_name: action.action_name.clone(),
            revision_id: Some(id),
            revision_summary: None,
            revision_url: None,
        });
        ActionOutcome::Succeeded(ActionOutput { source_revision, ..ActionOutput::default() })
    }
}

fn finished(action: &ActionRef, outcome: ActionOutcome) -> Event {
    let finished = ActionFinished { action: action.clone(), outcome };
    Event { key: action.key.clone(), kind: EventKind::ActionFinished(finished) }
}
