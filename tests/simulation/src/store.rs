//! The tables: states with an optimistic version, rows, an outbox. State, rows and effects of a decision
//! are written together or not at all.

use std::collections::BTreeMap;
use std::rc::Rc;

use engine::decide::{
    ActionRecord, Decision, Effect, Event, EventKind, ExecutionRecord, Record, StageRecord,
};
use engine::execution::{ActionRef, PipelineExecutionId, PipelineState, StateKey, Timestamp};

/// One state, as it was last written.
#[derive(Clone)]
pub struct Stored {
    pub version: u64,
    /// Who wrote it: a writer that heard no reply finds out whether it was itself.
    pub write_id: u64,
    pub state: Rc<PipelineState>,
}

impl Stored {
    pub fn mark(&self) -> Read {
        Read { version: self.version, write_id: self.write_id }
    }
}

/// What changed a state, for the replay.
pub enum Logged {
    Created(Box<PipelineState>),
    Told { event: Box<Event>, now: Timestamp },
}

/// What a deleted pipeline leaves under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    pub last_sequence: u64,
}

/// Which write of a state somebody has read. Versions of a pipeline that is created again are counted anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    version: u64,
    write_id: u64,
}

#[derive(Default)]
pub struct Rows {
    pub executions: BTreeMap<PipelineExecutionId, ExecutionRecord>,
    pub stages: BTreeMap<(PipelineExecutionId, usize), StageRecord>,
    pub actions: BTreeMap<String, ActionRecord>,
    pub approval_tokens: BTreeMap<String, ActionRef>,
    /// The execution that a client's token has started.
    pub client_requests: BTreeMap<String, PipelineExecutionId>,
}

#[derive(Default)]
pub struct Store {
    states: BTreeMap<StateKey, Stored>,
    pub rows: Rows,
    /// By the time of the decision and the idempotency key.
    pub outbox: BTreeMap<String, Effect>,
    pub log: Vec<Logged>,
    pub deleted: Option<Deleted>,
    /// Executions up to this number are of pipelines that are gone.
    pub history_after: u64,
}

/// Why a transaction was not written.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// Somebody else wrote the state since it was read.
    ConditionFailed,
    /// The row that this decision begins is there: a repeated start.
    AlreadyStarted(PipelineExecutionId),
}

/// What a writer read and decided.
pub struct Transaction<'a> {
    pub event: &'a Event,
    pub decision: &'a Decision,
    pub decided_at: Timestamp,
    /// `None`: the state was not there.
    pub read: Option<Read>,
    pub write_id: u64,
}

impl Store {
    /// Whoever creates a pipeline has read what is `left` of one that had the name.
    pub fn create(
        &mut self,
        begin: PipelineState,
        left: Option<Deleted>,
        write_id: u64,
    ) -> Result<(), Refused> {
        if self.states.contains_key(&begin.key) || self.deleted != left {
            return Err(Refused::ConditionFailed);
        }
        let state = match self.deleted.take() {
            Some(deleted) => begin.after(deleted.last_sequence),
            None => begin,
        };
        self.log.push(Logged::Created(Box::new(state.clone())));
        self.states.insert(state.key.clone(), Stored { version: 1, write_id, state: Rc::new(state) });
        Ok(())
    }

    pub fn read(&self, key: &StateKey) -> Option<&Stored> {
        self.states.get(key)
    }

    pub fn states(&self) -> impl Iterator<Item = &Stored> {
        self.states.values()
    }

    /// Writes everything, and answers with the outbox rows that it wrote.
    pub fn commit(&mut self, transaction: &Transaction<'_>) -> Result<Vec<String>, Refused> {
        let Transaction { event, decision, .. } = transaction;
        self.check(transaction)?;
        let stored = Stored {
            version: transaction.read.map_or(0, |read| read.version) + 1,
            write_id: transaction.write_id,
            state: Rc::new(decision.state.clone()),
        };
        if is_deletion(event) {
            self.history_after = decision.state.last_sequence;
            self.deleted = Some(Deleted { last_sequence: self.history_after });
            self.states.remove(&event.key);
        } else {
            self.states.insert(event.key.clone(), stored);
        }
        for record in &decision.records {
            self.rows.put(record);
        }
        let keys: Vec<_> =
            decision.effects.iter().map(|effect| outbox_key(transaction.decided_at, effect)).collect();
        self.outbox.extend(keys.iter().cloned().zip(decision.effects.iter().cloned()));
        self.log.push(Logged::Told { event: Box::new((*event).clone()), now: transaction.decided_at });
        Ok(keys)
    }

    fn check(&self, transaction: &Transaction<'_>) -> Result<(), Refused> {
        for record in &transaction.decision.records {
            let known = match record {
                Record::ClientRequest { request, .. } => self.rows.client_requests.get(&request.token),
                // A row with variables begins an execution; it is written only if it is not there yet.
                Record::Execution(record) if record.variables.is_some() => {
                    self.rows.executions.get(&record.execution_id).map(|row| &row.execution_id)
                }
                _ => None,
            };
            if let Some(id) = known {
                return Err(Refused::AlreadyStarted(id.clone()));
            }
        }
        let current = self.states.get(&transaction.event.key).map(Stored::mark);
        if current == transaction.read { Ok(()) } else { Err(Refused::ConditionFailed) }
    }
}

/// The pipeline goes, and its state with it; the states of PARALLEL executions stay.
pub fn is_deletion(event: &Event) -> bool {
    event.kind == EventKind::PipelineDeleted && event.key.parallel_execution.is_none()
}

fn outbox_key(decided_at: Timestamp, effect: &Effect) -> String {
    format!("{:015}#{}", decided_at.0, effect.idempotency_key())
}

impl Rows {
    fn put(&mut self, record: &Record) {
        match record {
            Record::Execution(record) => {
                let mut row = (**record).clone();
                if let Some(last) = self.executions.remove(&record.execution_id) {
                    row.variables = row.variables.or(last.variables);
                    row.source_revision_overrides =
                        row.source_revision_overrides.or(last.source_revision_overrides);
                }
                self.executions.insert(record.execution_id.clone(), row);
            }
            Record::Stage(record) => {
                self.stages.insert((record.execution_id.clone(), record.stage_index), record.clone());
            }
            Record::Action(record) => {
                let mut row = (**record).clone();
                if let Some(last) = self.actions.remove(&record.action.action_execution_id) {
                    row.input = row.input.or(last.input);
                    row.output = row.output.or(last.output);
                }
                self.actions.insert(record.action.action_execution_id.clone(), row);
            }
            Record::ApprovalToken { token, action } => {
                self.approval_tokens.insert(token.clone(), action.clone());
            }
            Record::ClientRequest { execution_id, request, .. } => {
                self.client_requests.insert(request.token.clone(), execution_id.clone());
            }
        }
    }
}
