//! Parallel and Map: a state whose work is done by branches of its own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::branch::{Activity, BranchId, Item};
use super::execution::Execution;
use crate::definition::{Graph, Kind, MapWork, State};
use crate::failure::Failure;

/// AWS: an inline Map runs at most this many iterations at once.
const INLINE_CONCURRENCY_LIMIT: usize = 40;

#[derive(Debug)]
pub(super) struct Fan {
    work: FanWork,
    input: Arc<Value>,
    results: Vec<Option<Value>>,
    /// The number of branches opened so far.
    opened: usize,
    running: usize,
    concurrency: usize,
    started_event: u64,
}

#[derive(Debug)]
enum FanWork {
    Parallel(Vec<Arc<Graph>>),
    Map { processor: Arc<Graph>, items: Vec<Arc<Item>> },
}

impl Execution {
    pub(super) fn start_parallel(&mut self, id: BranchId, branches: Vec<Arc<Graph>>, input: Arc<Value>) {
        let count = branches.len();
        self.start_fan(id, FanWork::Parallel(branches), input, count, count);
    }

    pub(super) fn start_map(
        &mut self,
        id: BranchId,
        map: &MapWork,
        input: Arc<Value>,
    ) -> Result<(), Failure> {
        let items = match &map.items_path {
            None => Value::clone(&input),
            Some(path) => self.evaluate(id, &input, |data, _| {
                let found = data.find(path).map(|found| found.into_owned());
                found.ok_or_else(|| {
                    Failure::runtime(format!("Invalid path '{}' in ItemsPath: nothing is there", path.source))
                })
            })?,
        };
        let Value::Array(items) = items else {
            return Err(Failure::runtime("The items of a Map state must be an array; check ItemsPath"));
        };
        let wanted = match &map.max_concurrency {
            Some(number) => self.number(id, number, 0, &input)?,
            None => 0,
        };
        let concurrency = match usize::try_from(wanted) {
            Ok(wanted @ 1..INLINE_CONCURRENCY_LIMIT) => wanted,
            _ => INLINE_CONCURRENCY_LIMIT,
        };
        let items = items.into_iter().enumerate();
        let items: Vec<_> = items.map(|(index, value)| Arc::new(Item { index, value })).collect();
        let count = items.len();
        let work = FanWork::Map { processor: map.processor.clone(), items };
        self.start_fan(id, work, input, count, concurrency);
        Ok(())
    }

    fn start_fan(
        &mut self,
        id: BranchId,
        work: FanWork,
        input: Arc<Value>,
        count: usize,
        concurrency: usize,
    ) {
        let started_event = match work {
            FanWork::Parallel(_) => self.emit(id, "ParallelStateStarted", Value::Null),
            FanWork::Map { .. } => self.emit(id, "MapStateStarted", json!({ "length": count })),
        };
        let results = vec![None; count];
        let fan = Fan { work, input, results, opened: 0, running: 0, concurrency, started_event };
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.activity = Activity::Fan(Box::new(fan));
        }
        self.advance_fan(id);
    }

    /// Opens as many branches as may run, or ends the state when all have.
    fn advance_fan(&mut self, id: BranchId) {
        while let Some(branch) = self.branches.get_mut(&id) {
            let nested_item = branch.item.clone();
            let Activity::Fan(fan) = &mut branch.activity else { return };
            if fan.opened == fan.results.len() {
                if fan.running == 0 {
                    self.fan_succeeded(id);
                }
                return;
            }
            if fan.running == fan.concurrency {
                return;
            }
            let index = fan.opened;
            fan.opened += 1;
            fan.running += 1;
            let (input, started) = (fan.input.clone(), fan.started_event);
            match &fan.work {
                FanWork::Parallel(branches) => {
                    let graph = branches[index].clone();
                    self.open_branch(Some((id, index)), graph, input, nested_item, started);
                }
                FanWork::Map { processor, items } => {
                    let (graph, item) = (processor.clone(), items[index].clone());
                    self.open_iteration(id, graph, input, item, started);
                }
            }
        }
    }

    fn open_iteration(
        &mut self,
        id: BranchId,
        processor: Arc<Graph>,
        input: Arc<Value>,
        item: Arc<Item>,
        started_event: u64,
    ) {
        let index = item.index;
        let Some(state) = self.branches.get(&id).map(|branch| branch.state.clone()) else { return };
        let child = self.next_branch;
        let selected = match state.work().and_then(|work| work.parameters.as_ref()) {
            None => Ok(Arc::new(item.value.clone())),
            Some(template) => {
                let outer = self.branches.get_mut(&id).and_then(|branch| branch.item.replace(item.clone()));
                let selected = self.apply_template(id, Some(template), input);
                if let Some(branch) = self.branches.get_mut(&id) {
                    branch.item = outer;
                }
                selected
            }
        };
        let (input, failure) = match selected {
            Ok(input) => (input, None),
            Err(failure) => (Arc::new(Value::Null), Some(failure)),
        };
        self.open_branch(Some((id, index)), processor, input, Some(item), started_event);
        let details = self.iteration_details(child);
        self.emit(child, "MapIterationStarted", details);
        if let Some(failure) = failure {
            self.branch_failed(child, failure);
        }
    }

    /// A branch of the fan ended well.
    pub(super) fn child_succeeded(&mut self, parent: BranchId, index: usize, last_event: u64, output: Value) {
        let Some(branch) = self.branches.get_mut(&parent) else { return };
        branch.last_event = last_event;
        let Activity::Fan(fan) = &mut branch.activity else { return };
        fan.results[index] = Some(output);
        fan.running -= 1;
        self.advance_fan(parent);
    }

    fn fan_succeeded(&mut self, id: BranchId) {
        let Some(branch) = self.branches.get_mut(&id) else { return };
        let Activity::Fan(fan) = std::mem::replace(&mut branch.activity, Activity::None) else { return };
        let succeeded = format!("{}StateSucceeded", branch.state.type_name());
        self.emit_aside(id, succeeded, Value::Null);
        self.complete(id, fan.results.into_iter().flatten().collect());
    }

    /// Whether the branch is an iteration of a Map.
    pub(super) fn iterates(&self, id: BranchId) -> bool {
        let parent = self.branches.get(&id).and_then(|branch| branch.parent);
        let state =
            parent.and_then(|(parent, _)| self.branches.get(&parent)).map(|parent| parent.state.as_ref());
        matches!(state, Some(State { kind: Kind::Map { .. }, .. }))
    }
}
