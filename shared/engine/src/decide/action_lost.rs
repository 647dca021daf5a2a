//! The state machine gave an action up: its time was over, or its function crashed for good.

use super::action_finished::finish_and_go_on;
use super::{ActionLost, ActionOutcome, Change, FailureType};
use crate::Rejection;
use crate::execution::{PipelineState, Timestamp};

/// CodePipeline's limit of an error's message is 5,000 characters (API reference, ErrorDetails).
const CAUSE_MAX: usize = 4_000;

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
    finish_and_go_on(state, &event.action, &outcome, now)
}

fn message(event: &ActionLost) -> String {
    match event.error.as_str() {
        "States.Timeout" => "The action did not end within its timeout.".to_owned(),
        error => match why(&event.cause) {
            why if why.is_empty() => format!("The action's function failed: {error}"),
            why => format!("The action's function failed: {error}: {why}"),
        },
    }
}

/// Lambda's cause is JSON with the error's message in it; everything else is said as it is.
fn why(cause: &str) -> String {
    let lambda: Option<serde_json::Value> = serde_json::from_str(cause).ok();
    let message = lambda.as_ref().and_then(|cause| cause["errorMessage"].as_str());
    message.unwrap_or(cause).chars().take(CAUSE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_in_the_functions_own_words_and_not_at_any_length() {
        let lambda = r#"{"errorMessage":"the table is gone","errorType":"Misconfigured"}"#;
        assert_eq!(why(lambda), "the table is gone");
        assert_eq!(why("no JSON"), "no JSON");
        assert_eq!(why(&"x".repeat(CAUSE_MAX + 1)).len(), CAUSE_MAX);
    }
}
