//! An action's work goes on outside (a build, a deployment): it is known under this id from now on.

use super::{ActionProgressed, Change};
use crate::execution::{ActionStatus, PipelineState, Timestamp};

pub(super) fn decide(state: &mut PipelineState, event: &ActionProgressed, now: Timestamp) -> Change {
    if let Some(action) = state.action_mut(&event.action)
        && action.status == ActionStatus::InProgress
    {
        action.external_execution_id = Some(event.external_execution_id.clone());
        action.external_execution_url =
            event.external_execution_url.clone().or(action.external_execution_url.take());
        action.summary = event.summary.clone().or(action.summary.take());
        action.percent_complete = event.percent_complete.or(action.percent_complete);
        action.updated_at = now;
    }
    Change::default()
}
