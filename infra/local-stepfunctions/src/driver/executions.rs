//! Executions: started, fed with what happens, ended. Everything is recorded before it is acted on.

use std::sync::{Arc, Mutex, PoisonError};

use local_service::Timestamp;

use super::open::{Gate, Inner, lock};
use super::status_change;
use crate::interpreter::{Command, Execution, Input, Outcome, Start};
use crate::store::{Journal, StoreError, Summary};

/// A running execution.
pub(super) struct Live {
    arn: Arc<str>,
    execution: Execution,
    journal: Journal,
    /// The deadline that the timers have.
    deadline: Option<Timestamp>,
}

/// Why something that was to happen to an execution did not.
#[derive(Debug)]
pub(crate) enum Unaccepted {
    /// The execution has ended, or does not want it any more.
    TooLate,
    Store(StoreError),
}

/// After one that could not be recorded.
const DEADLINE_COMES_AGAIN_MS: i64 = 1000;

impl Inner {
    /// Records and starts an execution. The caller holds what decides about its name.
    pub(crate) fn start(self: &Arc<Self>, definition: &str, start: Start) -> Result<(), StoreError> {
        let machine = self.compiled(definition)?.ok_or_else(|| self.no_definition(definition))?;
        let journal = Journal::at(self.directory.journal(&start.machine_name, &start.execution_name));
        journal.create(definition, &start)?;
        if let Some(disk) = &self.disk {
            disk.named(journal.path());
        }
        let summary = Summary {
            execution_arn: start.execution_arn.clone(),
            name: start.execution_name.clone(),
            machine_arn: start.machine_arn.clone(),
            machine_name: start.machine_name.clone(),
            started_at: start.at,
            status: "RUNNING".to_owned(),
            stopped_at: None,
        };
        lock(&self.catalog).started(summary)?;
        let (execution, commands) = Execution::start(machine, start);
        self.admit(execution, journal, commands);
        Ok(())
    }

    /// Takes an execution among the running ones and does what it asks for.
    fn admit(self: &Arc<Self>, execution: Execution, journal: Journal, commands: Vec<Command>) {
        let arn: Arc<str> = execution.started_with().execution_arn.as_str().into();
        let live = Arc::new(Mutex::new(Live { arn: arn.clone(), execution, journal, deadline: None }));
        let mut running = lock(&live);
        lock(&self.live).insert(arn.to_string(), live.clone());
        self.after_step(&mut running, commands);
    }

    /// Continues what was running when the process ended.
    pub(super) fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        let summaries = self.summaries();
        let mut running = Vec::new();
        for summary in summaries.into_iter().filter(|summary| summary.stopped_at.is_none()) {
            let Some((execution, journal)) = self.replay(&summary)? else {
                tracing::warn!(
                    execution = summary.execution_arn,
                    "its journal or its definition is gone; the execution is forgotten"
                );
                lock(&self.catalog).forgotten(&summary.execution_arn)?;
                continue;
            };
            running.push((execution, journal));
        }
        // Nothing moves before everything was read: an open that fails has changed nothing.
        for (execution, journal) in running {
            let commands = execution.open_invocations();
            self.admit(execution, journal, commands);
        }
        Ok(())
    }

    fn announce(&self, execution: &Execution) {
        if let (Some(events), Some((outcome, at))) = (&self.events, execution.ended()) {
            events.put_event(status_change::ended(&self.place, execution.started_with(), outcome, *at));
        }
    }

    /// Tells again of executions that did not succeed since `since`.
    pub(super) fn announce_again(&self, since: Timestamp) -> Result<(), StoreError> {
        let ended = self.summaries().into_iter().filter(|summary| summary.status != "SUCCEEDED");
        for summary in ended.filter(|summary| summary.stopped_at.is_some_and(|at| at >= since)) {
            if let Some((execution, _)) = self.replay(&summary)? {
                self.announce(&execution);
            }
        }
        Ok(())
    }

    fn replay(&self, summary: &Summary) -> Result<Option<(Execution, Journal)>, StoreError> {
        let journal = Journal::at(self.directory.journal(&summary.machine_name, &summary.name));
        let execution = journal.replay(|definition| self.compiled(definition))?;
        Ok(execution.map(|execution| (execution, journal)))
    }

    /// Feeds an execution with what `input` makes of it; `None` means that it is too late.
    pub(crate) fn happened(
        self: &Arc<Self>,
        execution_arn: &str,
        input: impl FnOnce(&Execution) -> Option<Input>,
    ) -> Result<(), Unaccepted> {
        let gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        if *gate == Gate::Closed {
            return Err(Unaccepted::TooLate);
        }
        let live = lock(&self.live).get(execution_arn).cloned().ok_or(Unaccepted::TooLate)?;
        let mut live = lock(&live);
        if live.execution.ended().is_some() {
            return Err(Unaccepted::TooLate);
        }
        let input = input(&live.execution).ok_or(Unaccepted::TooLate)?;
        let now = self.clock.now();
        live.journal.append(now, &input).map_err(Unaccepted::Store)?;
        if let Some(disk) = &self.disk {
            disk.wrote(live.journal.path());
        }
        let commands = live.execution.step(input, now);
        self.after_step(&mut live, commands);
        Ok(())
    }

    pub(super) fn deadline_reached(self: &Arc<Self>, execution_arn: &str) {
        let Some(live) = lock(&self.live).get(execution_arn).cloned() else { return };
        // The timers have given the deadline up already.
        lock(&live).deadline = None;
        let fed = self.happened(execution_arn, |_| Some(Input::DeadlineReached));
        if let Err(Unaccepted::Store(error)) = fed {
            tracing::error!(%error, execution = execution_arn, "a deadline could not be recorded");
            // A disk may be full: it comes again.
            let again = Some(self.clock.now() + DEADLINE_COMES_AGAIN_MS);
            let mut live = lock(&live);
            self.timers.set(&live.arn, live.deadline, again);
            live.deadline = again;
        }
    }

    fn after_step(self: &Arc<Self>, live: &mut Live, commands: Vec<Command>) {
        let deadline = live.execution.next_deadline();
        self.timers.set(&live.arn, live.deadline, deadline);
        live.deadline = deadline;
        if let Some((outcome, at)) = live.execution.ended() {
            // Without this line, the next open finds out by reading the journal again.
            if let Err(error) = lock(&self.catalog).ended(&live.arn, outcome.status(), *at) {
                tracing::error!(%error, execution = %live.arn, "the end of an execution could not be recorded");
            }
            if let Some(disk) = &self.disk {
                // Whoever started it knows how it ended from elsewhere, or is told again.
                disk.postpone(live.journal.path());
            }
            self.announce(&live.execution);
            lock(&self.live).remove(&*live.arn);
        }
        for command in commands {
            self.invoke(live.arn.clone(), command);
        }
    }

    /// Looks at an execution, running or ended; `None` when there is none.
    pub(crate) fn look<T>(
        &self,
        execution_arn: &str,
        look: impl FnOnce(&Execution) -> T,
    ) -> Result<Option<T>, StoreError> {
        let live = lock(&self.live).get(execution_arn).cloned();
        if let Some(live) = live {
            return Ok(Some(look(&lock(&live).execution)));
        }
        let Some(summary) = self.summary(execution_arn) else { return Ok(None) };
        self.replay(&summary).map(|replayed| replayed.map(|(execution, _)| look(&execution)))
    }

    pub(crate) fn summary(&self, execution_arn: &str) -> Option<Summary> {
        lock(&self.catalog).get(execution_arn).cloned()
    }

    pub(crate) fn summaries(&self) -> Vec<Summary> {
        lock(&self.catalog).all().cloned().collect()
    }

    /// Of two starts with one name, the second waits for the first.
    pub(crate) fn starts_one_by_one<T>(&self, start: impl FnOnce() -> T) -> T {
        let _starting = lock(&self.starting);
        start()
    }
}

impl Outcome {
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "SUCCEEDED",
            Self::Failed { .. } => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted { .. } => "ABORTED",
        }
    }
}
