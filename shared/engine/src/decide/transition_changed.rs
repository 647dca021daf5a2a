//! EnableStageTransition and DisableStageTransition: a shut transition holds whoever waits behind it.
//!
//! A transition that is shut outlives its stage: executions of an older version may still wait at it, and
//! only a person may let them in. So it can be enabled after an edit has taken the stage away.

use super::parallel_execution::{copy_transitions, is_counted};
use super::{Change, Effect, TransitionChanged};
use crate::Rejection;
use crate::execution::{
    EnabledTransition, PipelineState, Timestamp, Transition, TransitionKind, Transitions, settle,
};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &TransitionChanged,
    now: Timestamp,
) -> Result<Change, Rejection> {
    let is_a_stage =
        state.plans.get(&state.version).is_some_and(|p| p.stage_index(&event.stage_name).is_some());
    let disabled = match event.transition {
        TransitionKind::Inbound => &mut state.transitions.inbound,
        TransitionKind::Outbound => &mut state.transitions.outbound,
    };
    let enables_what_is_shut = event.disabled.is_none() && disabled.contains_key(&event.stage_name);
    if !is_a_stage && !enables_what_is_shut {
        return Err(Rejection::StageNotFound(format!("The stage '{}' does not exist.", event.stage_name)));
    }
    match &event.disabled {
        Some(reason) => {
            let changed_by = event.changed_by.clone();
            let transition = Transition { reason: reason.clone(), changed_by, changed_at: now };
            disabled.insert(event.stage_name.clone(), transition);
        }
        None => {
            disabled.remove(&event.stage_name);
        }
    }
    if event.transition == TransitionKind::Inbound {
        keep_who_enabled(state, event, now);
    }
    state.transitions.sequence += 1;
    let mut change = Change::default();
    settle_all(state, now, &mut change.effects);
    change.effects.extend(state.parallel_executions.keys().map(|id| copy_transitions(state, id)));
    Ok(change)
}

/// Of the stages that there are: nobody is shown any other.
fn keep_who_enabled(state: &mut PipelineState, event: &TransitionChanged, now: Timestamp) {
    let enabled = &mut state.transitions.enabled_inbound;
    let changed_by = event.changed_by.clone();
    match &event.disabled {
        Some(_) => enabled.remove(&event.stage_name),
        None => enabled.insert(event.stage_name.clone(), EnabledTransition { changed_by, changed_at: now }),
    };
    if let Some(plan) = state.plans.get(&state.version) {
        enabled.retain(|name, _| plan.stage_index(name).is_some());
    }
}

/// In the state of a PARALLEL execution.
pub(super) fn copied(state: &mut PipelineState, copy: &Transitions, now: Timestamp) -> Change {
    let mut change = Change::default();
    if copy.sequence > state.transitions.sequence {
        state.transitions = copy.clone();
        settle_all(state, now, &mut change.effects);
    }
    change.effects.extend(is_counted(state));
    change
}

fn settle_all(state: &mut PipelineState, now: Timestamp, effects: &mut Vec<Effect>) {
    let names: Vec<_> = state.stages.keys().cloned().collect();
    for name in names {
        settle(state, &name, now, effects);
    }
}
