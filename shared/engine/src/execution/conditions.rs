//! Conditions of a stage. Their rules run as actions do, as groups of the stage's workflow: one before the first
//! action, one after the last, or one after an action that failed.
//!
//! Source: CodePipeline user guide, "How do stage conditions work?" and "Configure conditions for a stage".

use serde::{Deserialize, Serialize};

use super::{ActionExecution, ActionStatus, StageExecution, StageStatus, Timestamp};

/// When a condition is checked; the words are `conditionType` of the API, which has none for failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConditionType {
    BeforeEntry,
    OnSuccess,
    OnFailure,
}

impl ConditionType {
    pub const ALL: [Self; 3] = [Self::BeforeEntry, Self::OnSuccess, Self::OnFailure];

    /// The place of its rules among the stage's groups. Actions declare 1 to 999.
    pub const fn run_order(self) -> u32 {
        match self {
            Self::BeforeEntry => 0,
            Self::OnSuccess => 1_000,
            Self::OnFailure => 1_001,
        }
    }

    /// Of a group of rules; `None` for a group of actions.
    pub fn of_run_order(run_order: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.run_order() == run_order)
    }

    /// As the API and declarations write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeforeEntry => "BEFORE_ENTRY",
            Self::OnSuccess => "ON_SUCCESS",
            Self::OnFailure => "ON_FAILURE",
        }
    }
}

/// `ConditionExecutionStatus` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConditionStatus {
    InProgress,
    /// A rule said no.
    Failed,
    /// A rule could not be checked.
    Errored,
    Succeeded,
    /// The execution was stopped, or the pipeline edited, while the rules ran.
    Cancelled,
    /// The execution was abandoned while the rules ran.
    Abandoned,
    /// A person said that the stage goes on all the same.
    Overridden,
}

impl ConditionStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Failed => "Failed",
            Self::Errored => "Errored",
            Self::Succeeded => "Succeeded",
            Self::Cancelled => "Cancelled",
            Self::Abandoned => "Abandoned",
            Self::Overridden => "Overridden",
        }
    }
}

/// One check of a condition; a later one in the same stage takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionExecution {
    pub condition: ConditionType,
    pub status: ConditionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    pub updated_at: Timestamp,
    /// The executions of its rules.
    pub rules: Vec<ActionExecution>,
}

impl ConditionExecution {
    pub fn is_met(&self) -> bool {
        self.rules.iter().all(|rule| rule.status == ActionStatus::Succeeded)
    }

    pub(crate) fn set(&mut self, status: ConditionStatus, summary: Option<String>, now: Timestamp) {
        self.status = status;
        self.summary = summary;
        self.updated_at = now;
    }

    /// All rules have ended: what they say together.
    pub(crate) fn conclude(&mut self, now: Timestamp) {
        if self.is_met() {
            return self.set(ConditionStatus::Succeeded, None, now);
        }
        let failed = self.rules.iter().filter(|rule| rule.status != ActionStatus::Succeeded);
        let names: Vec<_> = failed.clone().map(|rule| rule.name.as_str()).collect();
        let could_not_be_checked =
            |rule: &ActionExecution| rule.error.as_ref().is_some_and(|error| error.code != "JobFailed");
        let status = match failed.clone().any(could_not_be_checked) {
            true => ConditionStatus::Errored,
            false => ConditionStatus::Failed,
        };
        let summary = match names.as_slice() {
            [one] => format!("The rule {one} failed."),
            all => format!("The rules {} failed.", all.join(", ")),
        };
        self.set(status, Some(summary), now);
    }
}

impl StageExecution {
    pub fn condition(&self, condition: ConditionType) -> Option<&ConditionExecution> {
        self.conditions.iter().find(|execution| execution.condition == condition)
    }

    pub(crate) fn condition_mut(&mut self, condition: ConditionType) -> Option<&mut ConditionExecution> {
        self.conditions.iter_mut().find(|execution| execution.condition == condition)
    }

    /// The condition whose rules run.
    pub fn condition_in_progress(&self) -> Option<&ConditionExecution> {
        self.conditions.iter().find(|execution| execution.status == ConditionStatus::InProgress)
    }

    /// The stage ends while the rules of a condition run, or have not been judged.
    pub(crate) fn close_conditions(&mut self, stage_status: StageStatus, now: Timestamp) {
        let open = self.conditions.iter_mut().filter(|c| c.status == ConditionStatus::InProgress);
        for condition in open {
            let abandoned = condition.rules.iter().any(|rule| rule.status == ActionStatus::Abandoned);
            let status = match stage_status {
                StageStatus::Failed => ConditionStatus::Errored,
                StageStatus::Stopped | StageStatus::Cancelled if abandoned => ConditionStatus::Abandoned,
                StageStatus::Stopped
                | StageStatus::Cancelled
                | StageStatus::InProgress
                | StageStatus::Stopping
                | StageStatus::Succeeded
                | StageStatus::Skipped => ConditionStatus::Cancelled,
            };
            condition.set(status, None, now);
        }
    }
}
