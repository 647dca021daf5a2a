//! Entering a state, running it by its type, leaving it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::DATA_LIMIT_BYTES;
use super::branch::{Activity, BranchId};
use super::deadlines::after;
use super::execution::Execution;
use super::step::Ready;
use crate::definition::{Choice, Kind, Next, ResultPath, Seconds, Selector, State, Text, Until};
use crate::failure::Failure;
use crate::payload_template::PayloadTemplate;
use crate::timestamp;

impl Execution {
    pub(super) fn enter(&mut self, id: BranchId, name: &str, input: Arc<Value>) {
        let Some(branch) = self.branches.get_mut(&id) else { return };
        // Every target of a transition was checked when the machine was created.
        let Some(state) = branch.graph.states.get(name).cloned() else { return };
        branch.attempts = vec![0; state.work().map_or(0, |work| work.retriers.len())];
        branch.retry_count = 0;
        branch.entered_at = self.now;
        branch.state = state.clone();
        branch.input = input.clone();
        self.counts.state_transitions += 1;
        let details = json!({ "name": state.name, "input": input.to_string() });
        let event = self.emit(id, format!("{}StateEntered", state.type_name()), details);
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.entered_event = event;
        }
        self.run(id);
    }

    /// Runs the current state, for the first time or again.
    pub(super) fn run(&mut self, id: BranchId) {
        let Some(branch) = self.branches.get(&id) else { return };
        let (state, input) = (branch.state.clone(), branch.input.clone());
        if let Err(failure) = self.run_state(id, &state, input) {
            self.evaluation_failed(id, failure);
        }
    }

    fn run_state(&mut self, id: BranchId, state: &State, raw: Arc<Value>) -> Result<(), Failure> {
        let input = self.select(id, &state.input_path, "InputPath", raw.clone())?;
        match &state.kind {
            Kind::Pass { parameters, result, result_path } => {
                let input = self.apply_template(id, parameters.as_ref(), input)?;
                let result = result.clone().unwrap_or_else(|| Value::clone(&input));
                let combined = combine(result_path, &raw, result)?;
                let output = self.select(id, &state.output_path, "OutputPath", Arc::new(combined))?;
                self.exit(id, Arc::unwrap_or_clone(output))
            }
            Kind::Succeed => {
                let output = self.select(id, &state.output_path, "OutputPath", input)?;
                self.leave(id, Arc::unwrap_or_clone(output), &Next::End)
            }
            Kind::Fail { error, cause } => {
                let error = self.text(id, error.as_ref(), &input)?;
                let cause = self.text(id, cause.as_ref(), &input)?;
                self.branch_failed(id, Failure::new(error.unwrap_or_default(), cause.unwrap_or_default()));
                Ok(())
            }
            Kind::Choice { choices, default } => {
                let next = self.choose(id, choices, default.as_deref(), &input)?;
                let output = self.select(id, &state.output_path, "OutputPath", input)?;
                self.leave(id, Arc::unwrap_or_clone(output), &Next::State(next))
            }
            Kind::Wait(until) => self.wait(id, state, until, input),
            Kind::Task { .. } => self.schedule_task(id, state, input),
            Kind::Parallel { work, branches } => {
                let input = self.apply_template(id, work.parameters.as_ref(), input)?;
                self.start_parallel(id, branches.clone(), input);
                Ok(())
            }
            Kind::Map { map, .. } => self.start_map(id, map, input),
        }
    }

    fn choose(
        &mut self,
        id: BranchId,
        choices: &[Choice],
        default: Option<&str>,
        input: &Value,
    ) -> Result<String, Failure> {
        let chosen = self.evaluate(id, input, |data, _| {
            for choice in choices {
                if choice.rule.holds(data)? {
                    return Ok(Some(choice.next.as_str()));
                }
            }
            Ok(None)
        })?;
        chosen.or(default).map(str::to_owned).ok_or_else(|| {
            Failure::new("States.NoChoiceMatched", "No choice rule matched, and the state has no Default")
        })
    }

    fn wait(&mut self, id: BranchId, state: &State, until: &Until, input: Arc<Value>) -> Result<(), Failure> {
        let until = match until {
            Until::Seconds(seconds) => after(self.now, self.number(id, seconds, 0, &input)?),
            Until::Timestamp(at) => *at,
            Until::TimestampPath(path) => self.evaluate(id, &input, |data, _| {
                let found = data.find(path);
                let text = found.as_ref().and_then(|value| value.as_str());
                text.and_then(timestamp::parse_milliseconds).ok_or_else(|| {
                    Failure::runtime(format!(
                        "The path '{}' does not lead to an RFC 3339 timestamp",
                        path.source
                    ))
                })
            })?,
        };
        let output = self.select(id, &state.output_path, "OutputPath", input)?;
        let output = Arc::unwrap_or_clone(output);
        if until <= self.now {
            return self.exit(id, output);
        }
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.activity = Activity::Wait { until, output };
        }
        Ok(())
    }

    /// The result of a Task, Parallel or Map: selector, result path, output path, and on.
    pub(super) fn complete(&mut self, id: BranchId, result: Value) {
        if let Err(failure) = self.try_complete(id, result) {
            self.evaluation_failed(id, failure);
        }
    }

    fn try_complete(&mut self, id: BranchId, result: Value) -> Result<(), Failure> {
        let Some(branch) = self.branches.get(&id) else { return Ok(()) };
        let (state, raw) = (branch.state.clone(), branch.input.clone());
        let Some(work) = state.work() else { return Ok(()) };
        let selected = self.apply_template(id, work.result_selector.as_ref(), Arc::new(result))?;
        let combined = combine(&work.result_path, &raw, Arc::unwrap_or_clone(selected))?;
        let output = self.select(id, &state.output_path, "OutputPath", Arc::new(combined))?;
        self.exit(id, Arc::unwrap_or_clone(output))
    }

    /// Leaves the current state by its `Next` or `End`.
    pub(super) fn exit(&mut self, id: BranchId, output: Value) -> Result<(), Failure> {
        let next = self.branches.get(&id).and_then(|branch| branch.state.next.clone());
        self.leave(id, output, &next.unwrap_or(Next::End))
    }

    pub(super) fn leave(&mut self, id: BranchId, output: Value, next: &Next) -> Result<(), Failure> {
        let Some(branch) = self.branches.get_mut(&id) else { return Ok(()) };
        let text = output.to_string();
        if text.len() > DATA_LIMIT_BYTES {
            return Err(Failure::data_limit(&format!("output of the state '{}'", branch.state.name)));
        }
        branch.activity = Activity::None;
        branch.token = None;
        let details = json!({ "name": branch.state.name, "output": text });
        let exited = format!("{}StateExited", branch.state.type_name());
        self.emit(id, exited, details);
        match next {
            Next::State(state) => {
                self.ready.push_back(Ready::Enter {
                    branch: id,
                    state: state.clone(),
                    input: Arc::new(output),
                });
            }
            Next::End => self.branch_succeeded(id, output, text),
        }
        Ok(())
    }

    pub(super) fn select(
        &mut self,
        id: BranchId,
        selector: &Selector,
        field: &str,
        value: Arc<Value>,
    ) -> Result<Arc<Value>, Failure> {
        match selector {
            Selector::Whole => Ok(value),
            Selector::Nothing => Ok(Arc::new(json!({}))),
            Selector::Path(path) => self.evaluate(id, &value, |data, _| {
                data.find(path).map(|found| Arc::new(found.into_owned())).ok_or_else(|| {
                    Failure::runtime(format!("Invalid path '{}' in {field}: nothing is there", path.source))
                })
            }),
        }
    }

    pub(super) fn apply_template(
        &mut self,
        id: BranchId,
        template: Option<&PayloadTemplate>,
        value: Arc<Value>,
    ) -> Result<Arc<Value>, Failure> {
        let Some(template) = template else { return Ok(value) };
        let evaluated = self.evaluate(id, &value, |data, random| template.evaluate(data, random))?;
        Ok(Arc::new(evaluated))
    }

    /// A number of the definition, or the one its path leads to.
    pub(super) fn number(
        &mut self,
        id: BranchId,
        seconds: &Seconds,
        least: u64,
        input: &Value,
    ) -> Result<u64, Failure> {
        match seconds {
            Seconds::Fixed(seconds) => Ok(*seconds),
            Seconds::Path(path) => self.evaluate(id, input, |data, _| {
                let found =
                    data.find(path).and_then(|value| value.as_u64()).filter(|number| *number >= least);
                found.ok_or_else(|| {
                    Failure::runtime(format!(
                        "The path '{}' must lead to an integer of at least {least} in the input '{input}'",
                        path.source
                    ))
                })
            }),
        }
    }

    fn text(&mut self, id: BranchId, text: Option<&Text>, input: &Value) -> Result<Option<String>, Failure> {
        let Some(text) = text else { return Ok(None) };
        let value = self.evaluate(id, input, |data, random| match text {
            Text::Fixed(text) => Ok(text.as_str().into()),
            Text::Path(path) => data
                .find(path)
                .map(|found| found.into_owned())
                .ok_or_else(|| Failure::runtime(format!("Invalid path '{}': nothing is there", path.source))),
            Text::Call(call) => call.evaluate(data, random),
        })?;
        match value {
            Value::String(text) => Ok(Some(text)),
            other => {
                Err(Failure::runtime(format!("The error and cause of a Fail state are strings, not {other}")))
            }
        }
    }
}

/// Puts a result into a state's raw input.
pub(super) fn combine(result_path: &ResultPath, raw: &Value, result: Value) -> Result<Value, Failure> {
    match result_path {
        ResultPath::Discard => Ok(raw.clone()),
        ResultPath::Into(path) => path.insert(raw.clone(), result).ok_or_else(|| {
            Failure::new(
                "States.ResultPathMatchFailure",
                format!("Unable to apply ResultPath '{}' to the input '{raw}'", path.0.source),
            )
        }),
    }
}
