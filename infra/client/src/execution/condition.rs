//! The conditions of a stage, as a pipeline's state tells of them.

use aws_sdk_codepipeline::types::{ConditionType, RuleExecution, RuleState, StageConditionState, StageState};

/// When a condition is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    BeforeEntry,
    OnSuccess,
    OnFailure,
}

impl When {
    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeEntry => "entry condition",
            Self::OnSuccess => "success condition",
            Self::OnFailure => "failure condition",
        }
    }

    /// As a declaration writes it.
    pub fn member(self) -> &'static str {
        match self {
            Self::BeforeEntry => "beforeEntry",
            Self::OnSuccess => "onSuccess",
            Self::OnFailure => "onFailure",
        }
    }

    /// What OverrideStageCondition calls it. Nobody can override a failure condition.
    pub fn overridable(self) -> Option<ConditionType> {
        match self {
            Self::BeforeEntry => Some(ConditionType::BeforeEntry),
            Self::OnSuccess => Some(ConditionType::OnSuccess),
            Self::OnFailure => None,
        }
    }
}

/// A condition that the execution in the stage was checked against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    pub when: When,
    state: &'a StageConditionState,
}

impl<'a> Checked<'a> {
    /// Of a stage, in the order in which they are checked.
    pub fn all(stage: &'a StageState) -> impl Iterator<Item = Self> {
        let states = [
            (When::BeforeEntry, stage.before_entry_condition_state()),
            (When::OnSuccess, stage.on_success_condition_state()),
            (When::OnFailure, stage.on_failure_condition_state()),
        ];
        states.into_iter().filter_map(|(when, state)| Some(Self { when, state: state? }))
    }

    pub fn status(&self) -> &'a str {
        let latest = self.state.latest_execution();
        latest.and_then(|latest| latest.status()).map_or("", |status| status.as_str())
    }

    pub fn summary(&self) -> Option<&'a str> {
        self.state.latest_execution()?.summary().filter(|text| !text.is_empty())
    }

    pub fn rules(self) -> impl Iterator<Item = &'a RuleState> + use<'a> {
        self.state.condition_states().iter().flat_map(|condition| condition.rule_states())
    }

    /// Its rules run, or it has failed: the stage does not go on unless it is overridden.
    pub fn holds_up(&self) -> bool {
        matches!(self.status(), "InProgress" | "Failed" | "Errored")
    }
}

/// What a rule said.
pub(crate) fn said(rule: &RuleExecution) -> Option<&str> {
    let error = rule.error_details().and_then(|error| error.message());
    error.or(rule.summary()).filter(|text| !text.is_empty())
}
