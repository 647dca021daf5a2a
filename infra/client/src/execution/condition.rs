//! The conditions of a stage, as a declaration has them and as a pipeline's state tells of them.

use aws_sdk_codepipeline::types::{
    Condition, ConditionType, PipelineDeclaration, RuleExecution, RuleState, StageConditionState,
    StageDeclaration, StageState,
};

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

    /// As the option of `override` names it.
    pub fn option(self) -> &'static str {
        match self {
            Self::BeforeEntry => "before-entry",
            Self::OnSuccess => "on-success",
            Self::OnFailure => "on-failure",
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

/// The conditions that a stage declares, with when each is checked.
pub(crate) fn declared(stage: &StageDeclaration) -> impl Iterator<Item = (When, &Condition)> {
    let before_entry = stage.before_entry().map(|conditions| conditions.conditions());
    let on_success = stage.on_success().map(|conditions| conditions.conditions());
    let on_failure = stage.on_failure().map(|conditions| conditions.conditions());
    let all =
        [(When::BeforeEntry, before_entry), (When::OnSuccess, on_success), (When::OnFailure, on_failure)];
    all.into_iter()
        .flat_map(|(when, conditions)| conditions.into_iter().flatten().map(move |one| (when, one)))
}

/// Which condition of a stage has all rules of these names. None if several have: nothing tells which was checked.
pub(crate) fn declared_with(
    pipeline: &PipelineDeclaration,
    stage: &str,
    rules: impl Iterator<Item = impl AsRef<str>> + Clone,
) -> Option<When> {
    let stage = pipeline.stages().iter().find(|declared| declared.name() == stage)?;
    let has_all = |condition: &Condition| {
        let mut rules = rules.clone();
        rules.all(|rule| condition.rules().iter().any(|declared| declared.name() == rule.as_ref()))
    };
    let mut found: Vec<_> =
        declared(stage).filter(|(_, condition)| has_all(condition)).map(|(when, _)| when).collect();
    found.dedup();
    match found[..] {
        [when] => Some(when),
        _ => None,
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
