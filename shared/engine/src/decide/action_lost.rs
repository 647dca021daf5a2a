//! The state machine gave an action up: its time was over, or its function crashed for good.

use super::action_finished::finish;
use super::{ActionLost, ActionOutcome, Change, FailureType};
use crate::Rejection;
use crate::execution::{PipelineState, Timestamp};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &ActionLost,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let outcome = ActionOutcome::Failed { failure_type: FailureType::JobFailed, message: message(event) };
    // The task has ended already, so there is no token to complete.
    if let Some(action) = state.action_mut(&event.action) {
        action.task_token = None;
    }
    finish(state, &event.action, &outcome, now)
}

fn message(event: &ActionLost) -> String {
    match event.error.as_str() {
        "States.Timeout" => "The action did not end within its timeout.".to_owned(),
        error if event.cause.is_empty() => format!("The action's function failed: {error}"),
        error => format!("The action's function failed: {error}: {}", event.cause),
    }
}
