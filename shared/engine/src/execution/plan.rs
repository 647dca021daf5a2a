//! What decisions need to know of a declaration: its stages, their actions and the order of these.

use serde::{Deserialize, Serialize};

use super::ConditionType;
use crate::catalog::{self, CUSTOM_ACTION_FUNCTION, CUSTOM_ACTION_TIMEOUT_MINUTES};
use crate::declaration::{
    ActionDeclaration, Condition, ConditionResult, FailureConditions, PipelineDeclaration, RetryMode,
    RuleDeclaration, StageDeclaration,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub stages: Vec<StagePlan>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StagePlan {
    pub name: String,
    pub actions: Vec<ActionPlan>,
    #[serde(default, skip_serializing_if = "ConditionPlans::is_empty")]
    pub conditions: ConditionPlans,
}

/// The conditions of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionPlans {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_entry: Option<ConditionPlan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<ConditionPlan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<FailurePlan>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionPlan {
    pub result: ConditionResult,
    /// All of the `runOrder` of the condition.
    pub rules: Vec<ActionPlan>,
}

/// What happens when an action of the stage has failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailurePlan {
    Rollback,
    Retry(RetryMode),
    /// A rollback, if the rules succeed.
    Conditions(ConditionPlan),
}

/// What runs an action, or a rule of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionPlan {
    pub name: String,
    pub run_order: u32,
    /// The function that runs it, by its folder: `source-git`.
    pub function: String,
    pub timeout_seconds: u64,
}

impl Plan {
    /// The plan of a declaration that was validated. An action type that no function runs is an
    /// error in words for a person; validation refuses such a declaration first.
    pub fn of(declaration: &PipelineDeclaration) -> Result<Self, String> {
        let stages = declaration.stages.iter().map(StagePlan::of);
        Ok(Self { stages: stages.collect::<Result<_, String>>()? })
    }

    pub fn stage_index(&self, name: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.name == name)
    }
}

impl StagePlan {
    fn of(stage: &StageDeclaration) -> Result<Self, String> {
        let actions = stage.actions.iter().map(ActionPlan::of);
        Ok(Self {
            name: stage.name.clone(),
            actions: actions.collect::<Result<_, String>>()?,
            conditions: ConditionPlans::of(stage)?,
        })
    }

    /// What runs side by side: the actions of one `runOrder`, or the rules of a condition.
    pub fn group(&self, run_order: u32) -> impl Iterator<Item = &ActionPlan> {
        let rules = ConditionType::ALL.into_iter().filter_map(|condition| self.conditions.get(condition));
        let all = self.actions.iter().chain(rules.flat_map(|condition| &condition.rules));
        all.filter(move |plan| plan.run_order == run_order)
    }
}

impl ConditionPlans {
    /// At most one condition of each type can be declared. (service model)
    fn of(stage: &StageDeclaration) -> Result<Self, String> {
        let before_entry = stage.before_entry.as_ref().and_then(|before| before.conditions.first());
        let on_success = stage.on_success.as_ref().and_then(|success| success.conditions.first());
        let plan = |condition: Option<&Condition>, at, result| {
            condition.map(|condition| ConditionPlan::of(condition, at, result)).transpose()
        };
        Ok(Self {
            before_entry: plan(before_entry, ConditionType::BeforeEntry, ConditionResult::Fail)?,
            on_success: plan(on_success, ConditionType::OnSuccess, ConditionResult::Fail)?,
            on_failure: stage.on_failure.as_ref().map(FailurePlan::of).transpose()?.flatten(),
        })
    }

    pub fn get(&self, condition: ConditionType) -> Option<&ConditionPlan> {
        match (condition, &self.on_failure) {
            (ConditionType::BeforeEntry, _) => self.before_entry.as_ref(),
            (ConditionType::OnSuccess, _) => self.on_success.as_ref(),
            (ConditionType::OnFailure, Some(FailurePlan::Conditions(condition))) => Some(condition),
            (ConditionType::OnFailure, _) => None,
        }
    }

    /// Whether the stage may be rolled back without anybody asking for it.
    pub fn roll_back(&self) -> bool {
        let on_success = self.on_success.as_ref().is_some_and(|c| c.result == ConditionResult::Rollback);
        on_success || matches!(self.on_failure, Some(FailurePlan::Rollback | FailurePlan::Conditions(_)))
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ConditionPlan {
    fn of(
        condition: &Condition,
        condition_type: ConditionType,
        result_if_none: ConditionResult,
    ) -> Result<Self, String> {
        let rules = condition.rules.iter().flatten().map(|rule| ActionPlan::of_rule(rule, condition_type));
        Ok(Self {
            result: condition.result.unwrap_or(result_if_none),
            rules: rules.collect::<Result<_, String>>()?,
        })
    }
}

impl FailurePlan {
    fn of(failure: &FailureConditions) -> Result<Option<Self>, String> {
        let mode = failure.retry_configuration.as_ref().and_then(|retry| retry.retry_mode);
        let condition = failure.conditions.as_ref().and_then(|conditions| conditions.first());
        let (at, rollback) = (ConditionType::OnFailure, ConditionResult::Rollback);
        Ok(match (failure.result, condition) {
            (Some(ConditionResult::Retry), _) => Some(Self::Retry(mode.unwrap_or(RetryMode::FailedActions))),
            (Some(_), _) => Some(Self::Rollback),
            (None, Some(condition)) => Some(Self::Conditions(ConditionPlan::of(condition, at, rollback)?)),
            (None, None) => None,
        })
    }
}

impl ActionPlan {
    fn of_rule(rule: &RuleDeclaration, condition: ConditionType) -> Result<Self, String> {
        let provider = &rule.rule_type_id.provider;
        let Some(found) = catalog::find_rule(provider) else {
            return Err(format!("no function runs the rule {provider} of '{}'", rule.name));
        };
        let minutes = rule.timeout_in_minutes.unwrap_or(found.timeout_minutes);
        Ok(Self {
            name: rule.name.clone(),
            run_order: condition.run_order(),
            function: found.function.to_owned(),
            timeout_seconds: u64::from(minutes) * 60,
        })
    }

    fn of(action: &ActionDeclaration) -> Result<Self, String> {
        let id = &action.action_type_id;
        let planned = |function: &str, timeout_minutes: u32| Self {
            name: action.name.clone(),
            run_order: action.run_order(),
            function: function.to_owned(),
            timeout_seconds: u64::from(timeout_minutes) * 60,
        };
        let action_type = catalog::find(id);
        if action_type.is_none() && id.owner != "AWS" {
            return Ok(planned(CUSTOM_ACTION_FUNCTION, CUSTOM_ACTION_TIMEOUT_MINUTES));
        }
        let Some((action_type, function)) = action_type.and_then(|found| Some((found, found.function?)))
        else {
            return Err(format!(
                "no function runs {}/{} of action '{}'",
                id.category, id.provider, action.name
            ));
        };
        let declared = action.timeout_in_minutes.filter(|_| action_type.timeout_declarable);
        Ok(planned(function, declared.unwrap_or(action_type.timeout_minutes)))
    }
}
