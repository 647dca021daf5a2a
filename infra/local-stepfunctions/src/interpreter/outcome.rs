//! How states, branches and the execution end: retries, catchers, failures.

use serde_json::{Value, json};

use super::branch::{Activity, BranchId};
use super::execution::{Execution, Outcome};
use super::state::combine;
use crate::definition::{Kind, Next};
use crate::failure::Failure;

impl Execution {
    /// A path, template or rule of the current state could not be evaluated.
    pub(super) fn evaluation_failed(&mut self, id: BranchId, failure: Failure) {
        let Some(branch) = self.branches.get(&id) else { return };
        let cause = format!(
            "An error occurred while executing the state '{}' (entered at the event id #{}). {}",
            branch.state.name, branch.entered_event, failure.cause
        );
        self.state_failed(id, Failure::new(failure.error, cause));
    }

    /// Retries, catches, or gives the branch up. The event that tells of the failure is out already.
    pub(super) fn state_failed(&mut self, id: BranchId, failure: Failure) {
        if !self.retry(id, &failure) {
            self.fan_failed(id);
            match self.catch(id, &failure) {
                Ok(true) => {}
                Ok(false) => self.branch_failed(id, failure),
                Err(failure) => self.branch_failed(id, failure),
            }
        }
    }

    /// A Map or Parallel state that is not tried again says so; AWS writes nothing before a retry.
    fn fan_failed(&mut self, id: BranchId) {
        let Some(branch) = self.branches.get(&id) else { return };
        if matches!(branch.state.kind, Kind::Map { .. } | Kind::Parallel { .. }) {
            let failed = format!("{}StateFailed", branch.state.type_name());
            self.emit(id, failed, Value::Null);
        }
    }

    fn retry(&mut self, id: BranchId, failure: &Failure) -> bool {
        let Some(branch) = self.branches.get_mut(&id) else { return false };
        let state = branch.state.clone();
        let retriers = state.work().map(|work| work.retriers.as_slice()).unwrap_or_default();
        let covers = |names: &[String]| names.iter().any(|name| failure.is_covered_by(name));
        let Some(index) = retriers.iter().position(|retrier| covers(&retrier.error_equals)) else {
            return false;
        };
        let (retrier, attempts) = (&retriers[index], branch.attempts[index]);
        if attempts >= retrier.max_attempts {
            return false;
        }
        let fraction = if retrier.full_jitter { self.random.fraction() } else { 0.0 };
        branch.attempts[index] += 1;
        branch.retry_count += 1;
        branch.token = None;
        branch.activity = Activity::Retry { until: self.now + retrier.delay_ms(attempts, fraction) };
        self.counts.state_transitions += 1;
        true
    }

    fn catch(&mut self, id: BranchId, failure: &Failure) -> Result<bool, Failure> {
        let Some(branch) = self.branches.get(&id) else { return Ok(false) };
        let (state, raw) = (branch.state.clone(), branch.input.clone());
        let catchers = state.work().map(|work| work.catchers.as_slice()).unwrap_or_default();
        let covers = |names: &[String]| names.iter().any(|name| failure.is_covered_by(name));
        let Some(catcher) = catchers.iter().find(|catcher| covers(&catcher.error_equals)) else {
            return Ok(false);
        };
        let output = combine(&catcher.result_path, &raw, failure.output())?;
        self.leave(id, output, &Next::State(catcher.next.clone())).map(|()| true)
    }

    pub(super) fn branch_succeeded(&mut self, id: BranchId, output: Value, text: String) {
        let Some((parent, index)) = self.branches.get(&id).and_then(|branch| branch.parent) else {
            return self.end(Outcome::Succeeded { output: text });
        };
        if self.iterates(id) {
            let details = self.iteration_details(id);
            self.emit_aside(id, "MapIterationSucceeded", details);
        }
        let last_event = self.branches.remove(&id).map_or(0, |branch| branch.last_event);
        self.child_succeeded(parent, index, last_event, output);
    }

    /// The branch fails, and with it the Map or Parallel state that it belongs to, or the execution.
    pub(super) fn branch_failed(&mut self, id: BranchId, failure: Failure) {
        let Some(branch) = self.branches.get(&id) else { return };
        let Some((parent, _)) = branch.parent else {
            let text = |text: String| Some(text).filter(|text| !text.is_empty());
            let error = text(failure.reported_error().to_owned());
            return self.end(Outcome::Failed { error, cause: text(failure.cause) });
        };
        if self.iterates(id) {
            let details = self.iteration_details(id);
            self.emit_aside(id, "MapIterationFailed", details);
        }
        let last_event = self.branches.remove(&id).map_or(0, |branch| branch.last_event);
        self.abort_children(parent);
        let Some(branch) = self.branches.get_mut(&parent) else { return };
        branch.activity = Activity::None;
        branch.last_event = last_event;
        self.state_failed(parent, failure);
    }

    pub(super) fn end(&mut self, outcome: Outcome) {
        let (event_type, details) = match &outcome {
            Outcome::Succeeded { output } => ("ExecutionSucceeded", json!({ "output": output })),
            Outcome::Failed { error, cause } => ("ExecutionFailed", described(error, cause)),
            Outcome::Aborted { error, cause } => ("ExecutionAborted", described(error, cause)),
            Outcome::TimedOut => ("ExecutionTimedOut", json!({})),
        };
        let root = self.branches.iter().find(|(_, branch)| branch.parent.is_none());
        let previous = root.map(|(_, branch)| branch.last_event);
        let previous = previous.unwrap_or(self.history.events().len() as u64);
        self.history.append(previous, self.now, event_type.to_owned(), details);
        self.branches.clear();
        self.ready.clear();
        self.ended = Some((outcome, self.now));
    }
}

fn described(error: &Option<String>, cause: &Option<String>) -> Value {
    let mut details = json!({});
    for (name, value) in [("error", error), ("cause", cause)] {
        if let Some(value) = value {
            details[name] = value.as_str().into();
        }
    }
    details
}
