//! A branch: one line of control. The execution has one, each Map iteration and each Parallel branch
//! has its own while it runs.

use std::sync::Arc;

use local_service::Timestamp;
use serde_json::{Value, json};

use super::execution::Execution;
use super::fan::Fan;
use super::step::Ready;
use super::task::OpenTask;
use crate::definition::{Graph, State};

pub(super) type BranchId = u64;

#[derive(Debug)]
pub(super) struct Branch {
    /// The branch whose Map or Parallel state started this one, and the place of the result there.
    pub(super) parent: Option<(BranchId, usize)>,
    pub(super) graph: Arc<Graph>,
    pub(super) state: Arc<State>,
    /// The state's input as it came, before `InputPath`.
    pub(super) input: Arc<Value>,
    pub(super) entered_at: Timestamp,
    pub(super) entered_event: u64,
    pub(super) last_event: u64,
    /// Attempts used up, for each retrier of the current state.
    pub(super) attempts: Vec<u64>,
    pub(super) retry_count: u64,
    pub(super) token: Option<String>,
    pub(super) item: Option<Arc<Item>>,
    pub(super) activity: Activity,
}

/// The element of a Map that an iteration works on.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) index: usize,
    pub(super) value: Value,
}

/// What the branch waits for.
#[derive(Debug)]
pub(super) enum Activity {
    /// Nothing: it is about to move.
    None,
    Task(Box<OpenTask>),
    Wait {
        until: Timestamp,
        output: Value,
    },
    Retry {
        until: Timestamp,
    },
    Fan(Box<Fan>),
}

impl Execution {
    /// Opens a branch that enters its graph's first state next.
    pub(super) fn open_branch(
        &mut self,
        parent: Option<(BranchId, usize)>,
        graph: Arc<Graph>,
        input: Arc<Value>,
        item: Option<Arc<Item>>,
        last_event: u64,
    ) -> BranchId {
        let id = self.next_branch;
        self.next_branch += 1;
        // A definition whose StartAt names no state is refused when it is created.
        let Some(state) = graph.states.get(&graph.start_at).cloned() else { return id };
        let next = graph.start_at.clone();
        let branch = Branch {
            parent,
            graph,
            state,
            input: input.clone(),
            entered_at: self.now,
            entered_event: 0,
            last_event,
            attempts: Vec::new(),
            retry_count: 0,
            token: None,
            item,
            activity: Activity::None,
        };
        self.branches.insert(id, branch);
        self.ready.push_back(Ready::Enter { branch: id, state: next, input });
        id
    }

    /// Appends an event to the history, as the next one of the branch.
    pub(super) fn emit(&mut self, branch: BranchId, event_type: impl Into<String>, details: Value) -> u64 {
        let id = self.emit_aside(branch, event_type, details);
        if let Some(branch) = self.branches.get_mut(&branch) {
            branch.last_event = id;
        }
        id
    }

    /// Like [`Self::emit`], for the events that AWS puts beside the chain of a branch.
    pub(super) fn emit_aside(
        &mut self,
        branch: BranchId,
        event_type: impl Into<String>,
        details: Value,
    ) -> u64 {
        let previous = self.branches.get(&branch).map_or(0, |branch| branch.last_event);
        self.history.append(previous, self.now, event_type.into(), details)
    }

    /// The details of the events that tell of one Map iteration.
    pub(super) fn iteration_details(&self, branch: BranchId) -> Value {
        let Some((parent, index)) = self.branches.get(&branch).and_then(|branch| branch.parent) else {
            return Value::Null;
        };
        let name = self.branches.get(&parent).map(|parent| parent.state.name.as_str());
        json!({ "name": name, "index": index })
    }
}
