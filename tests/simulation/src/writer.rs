//! Whoever tells an event: reads the state, decides, writes, delivers, answers its caller. Every arrow is a
//! place to die, to be overtaken, or to hear no reply.

use std::rc::Rc;

use engine::Rejection;
use engine::decide::{Decision, Event, EventKind, decide};
use engine::execution::{PipelineState, Timestamp};

use crate::invariants::Violation;
use crate::people::Request;
use crate::seen::Path;
use crate::store::{Read, Refused, Transaction, is_deletion};
use crate::workflows::{GroupRef, TaskRef};
use crate::world::{Step, World};

/// On whose behalf: who gets the answer, and who tries again after a crash.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    Person(Request),
    /// The state machine asks what follows its group; only the reply to its newest question counts.
    Advance {
        group: GroupRef,
        question: u64,
    },
    /// The state machine records that a task was lost.
    RecordLost(TaskRef),
    /// An action's function, invoked with this task token, has to know whether it shall work.
    Function {
        task: TaskRef,
        token: u64,
    },
    /// An action's function tells the outcome.
    FunctionEnds {
        task: TaskRef,
        token: u64,
    },
    /// An action's function tells where its work goes on; nobody waits for that.
    FunctionProgresses,
    /// The sweep tells that a workflow has died.
    LostWorkflow(usize),
    /// A provider's event tells that an action's work has ended.
    Provider {
        action: String,
    },
    /// An effect is delivered to another state.
    Outbox {
        key: String,
    },
}

pub(crate) struct Writer {
    pub caller: Caller,
    pub event: Event,
    phase: Phase,
}

enum Phase {
    Read,
    Write {
        read: Option<Read>,
        before: Rc<PipelineState>,
        decision: Box<Decision>,
        decided_at: Timestamp,
    },
    /// No reply came: was it written?
    FindOut {
        write_id: u64,
        effects: Vec<String>,
        after: Rc<PipelineState>,
    },
}

impl World {
    pub(crate) fn tell(&mut self, caller: Caller, event: Event) {
        let writer = Writer { caller, event, phase: Phase::Read };
        let latency = self.latency();
        self.schedule(latency, Step::Writer(Box::new(writer)));
    }

    fn goes_on(&mut self, writer: Writer, phase: Phase) {
        let latency = self.latency();
        self.schedule(latency, Step::Writer(Box::new(Writer { phase, ..writer })));
    }

    pub(crate) fn writer_goes_on(&mut self, mut writer: Writer) -> Result<(), Violation> {
        match std::mem::replace(&mut writer.phase, Phase::Read) {
            Phase::Read => {
                self.read(writer);
                Ok(())
            }
            Phase::Write { read, before, decision, decided_at } => {
                self.write(writer, read, &before, &decision, decided_at)
            }
            Phase::FindOut { write_id, effects, after } => self.find_out(writer, write_id, &effects, after),
        }
    }

    fn read(&mut self, writer: Writer) {
        let (read, before) = match (self.store.read(&writer.event.key), &writer.event.kind) {
            (Some(stored), _) => (Some(stored.mark()), Rc::clone(&stored.state)),
            (None, EventKind::ParallelExecutionAdmitted(event)) => {
                (None, Rc::new(PipelineState::of_parallel(writer.event.key.clone(), event)))
            }
            (None, _) => return self.nobody_there(writer),
        };
        match decide(&before, &writer.event, Timestamp(self.now)) {
            Err(rejection) => self.rejected(&writer, &rejection),
            Ok(decision)
                if read.is_some() && decision.changes_nothing(&before) && !is_deletion(&writer.event) =>
            {
                self.changed_nothing(&writer.event, &before);
                self.replied(writer.caller, before);
            }
            Ok(decision) => {
                let decided_at = Timestamp(self.now);
                let decision = Box::new(decision);
                self.goes_on(writer, Phase::Write { read, before, decision, decided_at });
            }
        }
    }

    fn write(
        &mut self,
        writer: Writer,
        read: Option<Read>,
        before: &PipelineState,
        decision: &Decision,
        decided_at: Timestamp,
    ) -> Result<(), Violation> {
        if self.strikes(|faults| faults.crash) {
            self.mark(Path::CrashBeforeCommit);
            self.crashed(writer.caller);
            return Ok(());
        }
        let write_id = self.new_id();
        let event = &writer.event;
        let transaction = Transaction { event, decision, decided_at, read, write_id };
        let effects = match self.store.commit(&transaction) {
            Ok(effects) => effects,
            Err(Refused::ConditionFailed) => {
                self.mark(Path::ConditionFailed);
                self.goes_on(writer, Phase::Read);
                return Ok(());
            }
            Err(Refused::AlreadyStarted(_)) => {
                self.mark(Path::RepeatedClientRequest);
                self.replied(writer.caller, Rc::new(decision.state.clone()));
                return Ok(());
            }
        };
        let kind = kind_of(event);
        self.trace.step(self.now, kind, write_id, || format!("{event:?}\n{:?}", decision.effects));
        self.invariants.check((before, read.is_some()), event, decision, &self.store)?;
        self.sweep_later(&effects);
        self.observe(before, event, decision);
        let after = match self.store.read(&event.key) {
            Some(stored) => Rc::clone(&stored.state),
            None => Rc::new(decision.state.clone()),
        };
        if self.strikes(|faults| faults.crash) {
            self.mark(Path::CrashAfterCommit);
            self.crashed(writer.caller);
            return Ok(());
        }
        if self.strikes(|faults| faults.lost_reply) {
            self.mark(Path::LostCommitReply);
            self.goes_on(writer, Phase::FindOut { write_id, effects, after });
            return Ok(());
        }
        self.deliver_and_reply(writer, &effects, after)
    }

    /// Who finds its own write goes on; who finds another's decides again, as if the event came twice.
    fn find_out(
        &mut self,
        writer: Writer,
        write_id: u64,
        effects: &[String],
        after: Rc<PipelineState>,
    ) -> Result<(), Violation> {
        let stored = self.store.read(&writer.event.key);
        let is_gone = stored.is_none() && is_deletion(&writer.event);
        if is_gone || stored.is_some_and(|stored| stored.write_id == write_id) {
            return self.deliver_and_reply(writer, effects, after);
        }
        self.mark(Path::DecidedAgainAfterLostReply);
        self.goes_on(writer, Phase::Read);
        Ok(())
    }

    fn deliver_and_reply(
        &mut self,
        writer: Writer,
        effects: &[String],
        after: Rc<PipelineState>,
    ) -> Result<(), Violation> {
        for key in effects {
            if self.strikes(|faults| faults.crash) {
                self.crashed(writer.caller);
                return Ok(());
            }
            self.deliver(key)?;
        }
        self.replied(writer.caller, after);
        Ok(())
    }

    /// The state is not there: its pipeline was deleted, or its execution is about to be admitted.
    fn nobody_there(&mut self, writer: Writer) {
        self.trace.step(self.now, "nobody there", 0, || format!("{:?}", writer.event));
        let Writer { caller, event, .. } = writer;
        if event.key.parallel_execution.is_some() {
            // It stays in the outbox, or the person is told that there is no such execution.
            self.mark(Path::RaisedToMissingState);
            return;
        }
        self.mark(if is_deletion(&event) { Path::DeletedTwice } else { Path::ToldToDeletedPipeline });
        match caller {
            Caller::Advance { group, question } => self.nothing_follows(group, question),
            Caller::RecordLost(task) => self.task_ended(task),
            Caller::Function { token, .. } => {
                self.complete_task(token);
            }
            Caller::Outbox { key } => match event.when_the_pipeline_is_gone() {
                Some(told) => {
                    self.mark(Path::ToldOfDeletedPipeline);
                    self.tell(Caller::Outbox { key }, told);
                }
                None => self.raised(&key),
            },
            Caller::Person(_)
            | Caller::FunctionEnds { .. }
            | Caller::FunctionProgresses
            | Caller::LostWorkflow(_)
            | Caller::Provider { .. } => {}
        }
    }

    fn replied(&mut self, caller: Caller, state: Rc<PipelineState>) {
        match caller {
            Caller::Advance { group, question } => self.answered(group, question, &state),
            Caller::RecordLost(task) => self.task_ended(task),
            Caller::Function { task, token } => self.function_may_work(task, token, &state),
            Caller::Outbox { key } => self.raised(&key),
            Caller::Person(request) => self.person_is_answered(&request),
            Caller::FunctionEnds { .. }
            | Caller::FunctionProgresses
            | Caller::LostWorkflow(_)
            | Caller::Provider { .. } => {}
        }
    }

    fn rejected(&mut self, writer: &Writer, rejection: &Rejection) {
        self.trace.step(self.now, "rejected", 0, || format!("{:?}: {rejection}", writer.event));
        if let Caller::Person(request) = &writer.caller {
            self.person_is_refused(request, rejection);
        }
    }

    /// The process is gone; whoever called it notices in its own way.
    fn crashed(&mut self, caller: Caller) {
        self.trace.step(self.now, "crashed", 0, || format!("{caller:?}"));
        match caller {
            Caller::Advance { group, question } if self.is_newest(group, question) => {
                self.schedule(1_000, Step::Ask(group));
            }
            Caller::RecordLost(task) => self.record_lost(task, "Lambda.Unknown"),
            Caller::Function { task, token } | Caller::FunctionEnds { task, token } => {
                self.invocation_failed(task, token);
            }
            Caller::Person(request) => self.person_hears_nothing(request),
            Caller::Provider { action } => self.schedule(60_000, Step::WorkEnded(action)),
            Caller::LostWorkflow(workflow) => self.schedule(60_000, Step::FindLost(workflow)),
            Caller::Advance { .. } | Caller::FunctionProgresses | Caller::Outbox { .. } => {}
        }
    }
}

fn kind_of(event: &Event) -> &'static str {
    match &event.kind {
        EventKind::ExecutionRequested(_) => "ExecutionRequested",
        EventKind::ParallelExecutionAdmitted(_) => "ParallelExecutionAdmitted",
        EventKind::ParallelExecutionResumed(_) => "ParallelExecutionResumed",
        EventKind::ParallelExecutionEnded(_) => "ParallelExecutionEnded",
        EventKind::ActionStarted(_) => "ActionStarted",
        EventKind::ActionProgressed(_) => "ActionProgressed",
        EventKind::ActionFinished(_) => "ActionFinished",
        EventKind::ActionLost(_) => "ActionLost",
        EventKind::GroupEnded(_) => "GroupEnded",
        EventKind::WorkflowLost(_) => "WorkflowLost",
        EventKind::ApprovalAnswered(_) => "ApprovalAnswered",
        EventKind::StopRequested(_) => "StopRequested",
        EventKind::StageRetryRequested(_) => "StageRetryRequested",
        EventKind::StageRollbackRequested(_) => "StageRollbackRequested",
        EventKind::ConditionOverridden(_) => "ConditionOverridden",
        EventKind::TransitionChanged(_) => "TransitionChanged",
        EventKind::TransitionsCopied(_) => "TransitionsCopied",
        EventKind::DeclarationUpdated(_) => "DeclarationUpdated",
        EventKind::PipelineDeleted => "PipelineDeleted",
    }
}
