//! Why an execution is where it is: one reason, found in what the API tells of it and of its pipeline.

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ExecutionMode, PipelineExecution, StageState};
use aws_smithy_types::DateTime;

use super::action::ActionView;
use crate::exit::Exit;
use crate::progress::WatchedAction;

/// An action of a reason.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub stage: String,
    pub action: String,
    pub since: Option<DateTime>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reason {
    Succeeded,
    /// The actions whose last attempt failed, and what the first of them said.
    Failed {
        actions: Vec<Place>,
        message: Option<String>,
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
    /// A condition of the stage has to be met.
    Condition {
        stage: String,
        summary: Option<String>,
    },
    /// Nothing is in the way; it is about to go on.
    GoesOn {
        stage: Option<String>,
    },
}

/// The reason of an execution. `actions` are its own; `state` is that of its pipeline, where it could be read.
pub(crate) fn reason(
    execution: &PipelineExecution,
    actions: &[ActionView],
    state: Option<&GetPipelineStateOutput>,
) -> Reason {
    let status = execution.status().map_or("", |status| status.as_str());
    let message = execution.status_summary().filter(|text| !text.is_empty()).map(str::to_owned);
    let running: Vec<_> = actions.iter().filter(|action| action.is_in_progress()).map(place).collect();
    match Exit::of_status(status) {
        Some(Exit::Succeeded) => return Reason::Succeeded,
        Some(Exit::Stopped) => return Reason::EndedEarly { status: status.to_owned(), message },
        Some(_) => {
            let failed: Vec<_> = last_attempts(actions).filter(|action| action.status == "Failed").collect();
            let said = failed.first().and_then(|action| action.said()).map(str::to_owned);
            let failed = failed.into_iter().map(place).collect();
            return Reason::Failed { actions: failed, message: said.or(message) };
        }
        None => {}
    }
    if status == "Stopping" {
        return Reason::Stopping { running, message };
    }
    if let Some(approval) = actions.iter().find(|action| action.waits_for_approval()) {
        // What runs beside it ends by itself; the approval does not.
        let is_parallel = execution.execution_mode() == Some(&ExecutionMode::Parallel);
        return Reason::WaitsForApproval { approval: place(approval), is_parallel };
    }
    if !running.is_empty() {
        return Reason::Runs(running);
    }
    let id = execution.pipeline_execution_id().unwrap_or_default();
    match state.and_then(|state| stage_before_which_waits(state, id)) {
        Some(stage) => before(stage, id),
        None => Reason::GoesOn { stage: None },
    }
}

/// Whether an execution waits for something else than its own actions, so that the pipeline's state tells more.
pub(crate) fn is_waiting(status: &str, actions: &[ActionView]) -> bool {
    status == "InProgress" && !actions.iter().any(ActionView::is_in_progress)
}

/// Of actions that were retried only what came of them at last.
fn last_attempts(actions: &[ActionView]) -> impl Iterator<Item = &ActionView> {
    actions.iter().enumerate().filter_map(|(index, action)| {
        let is_same = |later: &ActionView| later.stage == action.stage && later.name == action.name;
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
    let conditions =
        state.before_entry_condition_state().and_then(|conditions| conditions.latest_execution());
    match conditions.filter(|conditions| conditions.status().is_some_and(|s| s.as_str() == "InProgress")) {
        Some(conditions) => Reason::Condition { stage, summary: conditions.summary().map(str::to_owned) },
        None => Reason::GoesOn { stage: Some(stage) },
    }
}
