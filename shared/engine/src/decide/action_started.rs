//! An action's function runs: its task token and what it was given are kept before it does anything.

use super::{ActionRecord, ActionStarted, Change, Record};
use crate::execution::{ActionStatus, PipelineState, Timestamp};

/// A function that is started again (Step Functions retries a crashed one under a new token) takes the
/// place of the one before. For an action that has ended in the meantime nothing changes: the caller
/// sees that in the state, and completes its task.
pub(super) fn decide(state: &mut PipelineState, event: &ActionStarted, now: Timestamp) -> Change {
    let pipeline_name = state.key.pipeline_name.clone();
    let Some(action) = state.action_mut(&event.action) else { return Change::default() };
    if action.status != ActionStatus::InProgress || action.task_token.as_ref() == Some(&event.task_token) {
        return Change::default();
    }
    action.task_token = Some(event.task_token.clone());
    // A second start of the same approval keeps the token that the approver may already have.
    let approval_token = action.approval_token.get_or_insert_default();
    let token_is_new = approval_token.is_empty();
    if token_is_new {
        *approval_token = event.approval_token.clone().unwrap_or_default();
    }
    if approval_token.is_empty() {
        action.approval_token = None;
    }
    action.updated_at = now;
    let mut change = Change::default();
    if let Some(token) = action.approval_token.clone().filter(|_| token_is_new) {
        change.records.push(Record::ApprovalToken { token, action: event.action.clone() });
    }
    change.records.push(Record::Action(Box::new(ActionRecord {
        input: Some(event.input.clone()),
        ..ActionRecord::of(&pipeline_name, &event.action, action)
    })));
    change
}
