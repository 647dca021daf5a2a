//! Conditions of a stage: rules that are checked before it, or after it succeeded or failed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ActionDeclaration, ActionTypeId, InputArtifact, StageDeclaration};
use crate::catalog;
use crate::execution::ConditionType;

/// What happens when a stage failed: either a result at once, or conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureConditions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<ConditionResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_configuration: Option<RetryConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
}

/// What is checked before a stage counts as succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessConditions {
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// What is checked before a stage is entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeforeEntryConditions {
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// Rules, and the result when they are not met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<ConditionResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleDeclaration>>,
}

/// What a condition does to its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConditionResult {
    Rollback,
    Fail,
    Retry,
    Skip,
}

/// How a stage is retried automatically.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_mode: Option<RetryMode>,
}

/// Which actions of a failed stage run again (`StageRetryMode` of the model).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RetryMode {
    FailedActions,
    AllActions,
}

/// One rule of a condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleDeclaration {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub rule_type_id: RuleTypeId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_artifacts: Option<Vec<InputArtifact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_in_minutes: Option<u32>,
}

/// Which provider checks a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTypeId {
    #[serde(default)]
    pub category: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default)]
    pub provider: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl RuleDeclaration {
    /// The action that does the same work as the rule, which is how it runs: with the action type that the catalog
    /// says, and with the turn of its condition.
    pub fn as_action(&self, condition: ConditionType) -> ActionDeclaration {
        let acts_as = catalog::find_rule(&self.rule_type_id.provider).and_then(|found| found.acts_as);
        let (category, provider) = acts_as.unwrap_or(("Rule", &self.rule_type_id.provider));
        ActionDeclaration {
            name: self.name.clone(),
            action_type_id: ActionTypeId {
                category: category.to_owned(),
                owner: "AWS".to_owned(),
                provider: provider.to_owned(),
                version: "1".to_owned(),
            },
            run_order: Some(condition.run_order()),
            configuration: self.configuration.clone(),
            commands: self.commands.clone(),
            input_artifacts: self.input_artifacts.clone(),
            role_arn: self.role_arn.clone(),
            region: self.region.clone(),
            timeout_in_minutes: self.timeout_in_minutes,
            ..ActionDeclaration::default()
        }
    }
}

impl StageDeclaration {
    /// The condition of a type; the service model allows one.
    pub fn condition(&self, condition: ConditionType) -> Option<&Condition> {
        let declared = match condition {
            ConditionType::BeforeEntry => self.before_entry.as_ref().map(|it| it.conditions.as_slice()),
            ConditionType::OnSuccess => self.on_success.as_ref().map(|it| it.conditions.as_slice()),
            ConditionType::OnFailure => self.on_failure.as_ref().and_then(|it| it.conditions.as_deref()),
        };
        declared?.first()
    }

    /// What runs under a name: an action, or for a rule of a condition the action that does its work.
    pub fn declared(
        &self,
        name: &str,
        condition: Option<ConditionType>,
    ) -> Option<Cow<'_, ActionDeclaration>> {
        match condition {
            None => self.action(name).map(Cow::Borrowed),
            Some(condition) => {
                let rule = self.rules(condition).iter().find(|rule| rule.name == name)?;
                Some(Cow::Owned(rule.as_action(condition)))
            }
        }
    }

    /// The rules of a condition, as declared.
    pub fn rules(&self, condition: ConditionType) -> &[RuleDeclaration] {
        self.condition(condition).and_then(|declared| declared.rules.as_deref()).unwrap_or_default()
    }
}
