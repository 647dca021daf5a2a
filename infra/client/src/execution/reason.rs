//! Why an execution is where it is: one reason, found in what the API tells of it and of its pipeline.

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ExecutionMode, PipelineDeclaration, PipelineExecution, StageState};
use aws_smithy_types::DateTime;

use super::action::ActionView;
use super::condition::{Checked, When, declared_with};
use crate::exit::Exit;
use crate::progress::WatchedAction;

/// An action of a reason.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub stage: String,
    pub action: String,
    pub since: Option<DateTime>,
}

/// A condition of a stage that is being checked, or was not met.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Check {
    pub stage: String,
    /// None where nothing tells: of executions that go alone the state of the pipeline does not, and the declaration
    /// only if no other condition of the stage has rules of these names.
    pub when: Option<When>,
    /// Whether the pipeline's state shows it, so that commands find it by themselves.
    pub is_shown: bool,
    /// The rules that it is about.
    pub rules: Vec<Place>,
    /// What the first of them says.
    pub message: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reason {
    Succeeded,
    /// The actions whose last attempt failed, and what the first of them said.
    Failed {
        actions: Vec<Place>,
        message: Option<String>,
        rolled_back_by: Option<String>,
    },
    /// A condition of a stage was not met.
    FailedByCondition {
        check: Check,
        rolled_back_by: Option<String>,
    },
    /// Stopped, superseded or cancelled.
    EndedEarly {
        status: String,
        message: Option<String>,
    },
    /// It is being stopped, and waits for what runs.
    Stopping {
        running: Vec<Place>,
        message: Option<String>,
    },
    /// In PARALLEL mode another execution may wait for the same approval.
    WaitsForApproval {
        approval: Place,
        is_parallel: bool,
    },
    Runs(Vec<Place>),
    TransitionDisabled {
        stage: String,
        by: Option<String>,
        since: Option<DateTime>,
        message: Option<String>,
    },
    /// Another execution is inside of the stage.
    Behind {
        stage: String,
        execution_id: String,
    },
    /// A condition of a stage has to be met.
    Condition(Check),
    /// Nothing is in the way; it is about to go on.
    GoesOn {
        stage: Option<String>,
    },
}

impl Reason {
    /// Whether the declaration would tell more: which condition it is about.
    pub fn lacks_declaration(&self) -> bool {
        self.check().is_some_and(|check| check.when.is_none())
    }

    /// With what the declaration tells that the execution runs under.
    #[must_use]
    pub fn told_by(mut self, pipeline: &PipelineDeclaration) -> Self {
        if let Self::Condition(check) | Self::FailedByCondition { check, .. } = &mut self {
            let rules = check.rules.iter().map(|rule| &rule.action);
            check.when = check.when.or_else(|| declared_with(pipeline, &check.stage, rules));
        }
        self
    }

    fn check(&self) -> Option<&Check> {
        match self {
            Self::Condition(check) | Self::FailedByCondition { check, .. } => Some(check),
            _ => None,
        }
    }
}

/// What is known beside an execution and what ran in it, where it could be read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    pub state: Option<&'a GetPipelineStateOutput>,
    /// The execution that rolls back the stage in which it failed.
    pub rolled_back_by: Option<&'a str>,
}

/// The reason of an execution. `actions` are its own, its rules among them.
pub(crate) fn reason(execution: &PipelineExecution, actions: &[ActionView], known: Known<'_>) -> Reason {
    let status = execution.status().map_or("", |status| status.as_str());
    let message = execution.status_summary().filter(|text| !text.is_empty()).map(str::to_owned);
    let running: Vec<_> = actions.iter().filter(|action| action.is_in_progress()).collect();
    match Exit::of_status(status) {
        Some(Exit::Succeeded) => return Reason::Succeeded,
        Some(Exit::Stopped) => return Reason::EndedEarly { status: status.to_owned(), message },
        Some(_) => return failed(actions, message, known),
        None => {}
    }
    let places = |actions: &[&ActionView]| actions.iter().map(|action| place(action)).collect();
    if status == "Stopping" {
        return Reason::Stopping { running: places(&running), message };
    }
    if let Some(approval) = actions.iter().find(|action| action.waits_for_approval()) {
        // What runs beside it ends by itself; the approval does not.
        let is_parallel = execution.execution_mode() == Some(&ExecutionMode::Parallel);
        return Reason::WaitsForApproval { approval: place(approval), is_parallel };
    }
    if let Some(rule) = running.first().filter(|_| running.iter().all(|one| one.is_rule())) {
        return Reason::Condition(check(&rule.stage, &running, known.state));
    }
    if !running.is_empty() {
        return Reason::Runs(places(&running));
    }
    let id = execution.pipeline_execution_id().unwrap_or_default();
    match known.state.and_then(|state| stage_before_which_waits(state, id)) {
        Some(stage) => before(stage, id),
        None => Reason::GoesOn { stage: None },
    }
}

/// Whether an execution waits for something else than its own actions, so that the pipeline's state tells more.
pub(crate) fn is_waiting(status: &str, actions: &[ActionView]) -> bool {
    status == "InProgress" && !actions.iter().any(|action| action.is_in_progress() && !action.is_rule())
}

/// Whether rules may be the reason of an execution.
pub(crate) fn needs_rules(status: &str, actions: &[ActionView]) -> bool {
    is_waiting(status, actions) || matches!(status, "Failed" | "Stopping")
}

/// Actions that failed; if none did, the rules of the last condition that was not met.
fn failed(actions: &[ActionView], message: Option<String>, known: Known<'_>) -> Reason {
    let rolled_back_by = known.rolled_back_by.map(str::to_owned);
    let failed = last_attempts(actions).filter(|action| action.status == "Failed");
    let (rules, failed): (Vec<_>, Vec<_>) = failed.partition(|action| action.is_rule());
    if let Some(last) = rules.last().filter(|_| failed.is_empty()) {
        let rules: Vec<_> = rules.iter().copied().filter(|rule| rule.stage == last.stage).collect();
        return Reason::FailedByCondition { check: check(&last.stage, &rules, known.state), rolled_back_by };
    }
    let said = failed.first().and_then(|action| action.said()).map(str::to_owned);
    let failed = failed.into_iter().map(place).collect();
    Reason::Failed { actions: failed, message: said.or(message), rolled_back_by }
}

/// `rules` are those of a stage that run, or said no.
fn check(stage: &str, rules: &[&ActionView], state: Option<&GetPipelineStateOutput>) -> Check {
    let mut stages = state.into_iter().flat_map(|state| state.stage_states());
    let shown = stages.find(|state| state.stage_name() == Some(stage));
    // A later execution in the stage has been checked by rules of the same names.
    let is_among = |id: Option<&str>| id.is_some_and(|id| rules.iter().any(|rule| rule.id == id));
    let is_its = |checked: &Checked<'_>| {
        checked
            .rules()
            .filter_map(|rule| rule.latest_execution())
            .any(|rule| is_among(rule.rule_execution_id()))
    };
    let checked = shown.and_then(|stage| Checked::all(stage).find(is_its));
    Check {
        stage: stage.to_owned(),
        when: checked.map(|checked| checked.when),
        is_shown: checked.is_some(),
        rules: rules.iter().map(|rule| place(rule)).collect(),
        message: rules.first().and_then(|rule| rule.said()).map(str::to_owned),
    }
}

/// Of actions that were retried only what came of them at last.
fn last_attempts(actions: &[ActionView]) -> impl Iterator<Item = &ActionView> {
    actions.iter().enumerate().filter_map(|(index, action)| {
        let is_same = |later: &ActionView| {
            later.stage == action.stage && later.name == action.name && later.is_rule() == action.is_rule()
        };
        (!actions[index + 1..].iter().any(is_same)).then_some(action)
    })
}

fn place(action: &ActionView) -> Place {
    Place { stage: action.stage.clone(), action: action.name.clone(), since: action.started }
}

fn stage_before_which_waits<'a>(state: &'a GetPipelineStateOutput, id: &str) -> Option<&'a StageState> {
    state.stage_states().iter().find(|stage| {
        let queued = stage.inbound_executions().iter().chain(stage.inbound_execution());
        queued.map(|waiting| waiting.pipeline_execution_id()).any(|waiting| waiting == id)
    })
}

/// What keeps an execution out of a stage: the transition, who is inside, or a condition.
fn before(state: &StageState, id: &str) -> Reason {
    let stage = state.stage_name().unwrap_or_default().to_owned();
    if let Some(transition) = state.inbound_transition_state().filter(|transition| !transition.enabled()) {
        return Reason::TransitionDisabled {
            stage,
            by: transition.last_changed_by().map(str::to_owned),
            since: transition.last_changed_at().copied(),
            message: transition.disabled_reason().map(str::to_owned),
        };
    }
    let inside = state.latest_execution().filter(|inside| inside.pipeline_execution_id() != id);
    if let Some(inside) =
        inside.filter(|inside| matches!(inside.status().as_str(), "InProgress" | "Stopping"))
    {
        return Reason::Behind { stage, execution_id: inside.pipeline_execution_id().to_owned() };
    }
    match Checked::all(state).find(|checked| checked.status() == "InProgress") {
        Some(checked) => Reason::Condition(Check {
            stage,
            when: Some(checked.when),
            is_shown: true,
            rules: Vec::new(),
            message: checked.summary().map(str::to_owned),
        }),
        None => Reason::GoesOn { stage: Some(stage) },
    }
}
