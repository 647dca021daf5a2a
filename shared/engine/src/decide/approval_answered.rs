//! PutApprovalResult: an approval counts once, and only with the token of the attempt that asks.

use super::action_finished::finish_and_go_on;
use super::{ActionOutcome, ActionOutput, ApprovalAnswer, ApprovalAnswered, Change, FailureType};
use crate::Rejection;
use crate::execution::{ActionRef, ActionStatus, PipelineState, Timestamp};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &ApprovalAnswered,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let Some(action) = find(state, event) else { return Err(refuse(state, event)) };
    let ended = state.action(&action).filter(|action| action.status != ActionStatus::InProgress);
    if let Some(ended) = ended {
        // One that timed out, or was abandoned, was answered by nobody.
        if ended.updated_by.is_none() {
            return Err(refuse(state, event));
        }
        return Err(Rejection::ApprovalAlreadyCompleted(format!(
            "The approval action '{}' has already been approved or rejected.",
            event.action_name
        )));
    }
    if let Some(action) = state.action_mut(&action) {
        action.summary = Some(event.summary.clone());
        action.updated_by = Some(event.answered_by.clone());
    }
    finish_and_go_on(state, &action, &outcome_of(event), now)
}

fn outcome_of(event: &ApprovalAnswered) -> ActionOutcome {
    match event.answer {
        ApprovalAnswer::Approved => {
            let summary = Some(event.summary.clone());
            ActionOutcome::Succeeded(ActionOutput { summary, ..ActionOutput::default() })
        }
        ApprovalAnswer::Rejected => ActionOutcome::Failed {
            failure_type: FailureType::JobFailed,
            message: format!("Rejected by {}: {}", event.answered_by, event.summary),
        },
    }
}

/// The action whose approval has this token, if it is the one that the caller names.
fn find(state: &PipelineState, event: &ApprovalAnswered) -> Option<ActionRef> {
    state.executions.iter().find_map(|(id, execution)| {
        let stage = execution.stage.as_ref()?;
        let named = state.plan_of(execution)?.stages.get(execution.stage_index)?;
        let is_meant = |name: &str, token: Option<&str>| {
            named.name == event.stage_name && name == event.action_name && token == Some(event.token.as_str())
        };
        let mut actions = stage.actions.iter();
        let action = actions.find(|action| is_meant(&action.name, action.approval_token.as_deref()))?;
        Some(ActionRef {
            key: state.key.clone(),
            pipeline_execution_id: id.clone(),
            stage_index: execution.stage_index,
            action_name: action.name.clone(),
            action_execution_id: action.id.clone(),
            condition: None,
        })
    })
}

fn refuse(state: &PipelineState, event: &ApprovalAnswered) -> Rejection {
    let mut stages =
        state.plans.values().flat_map(|plan| &plan.stages).filter(|s| s.name == event.stage_name);
    let Some(stage) = stages.next() else {
        return Rejection::StageNotFound(format!("The stage '{}' does not exist.", event.stage_name));
    };
    let is_meant =
        |stage: &crate::execution::StagePlan| stage.actions.iter().any(|a| a.name == event.action_name);
    if !is_meant(stage) && !stages.any(is_meant) {
        return Rejection::ActionNotFound(format!(
            "The action '{}' does not exist in the stage '{}'.",
            event.action_name, event.stage_name
        ));
    }
    Rejection::InvalidApprovalToken(
        "The approval request that you responded to is out of date: the token is not the one of the approval \
         that waits now. Read the current token from the pipeline's state and answer again."
            .to_owned(),
    )
}
