//! A stage: what CodePipeline locks, retries and rolls back.

use serde::{Deserialize, Serialize};

use super::{ActionDeclaration, BeforeEntryConditions, FailureConditions, SuccessConditions};

/// A stage and its actions. The actions of the lowest `runOrder` start together, then the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageDeclaration {
    #[serde(default)]
    pub name: String,
    /// "Reserved for future use" in the service model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blockers: Option<Vec<BlockerDeclaration>>,
    #[serde(default)]
    pub actions: Vec<ActionDeclaration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<FailureConditions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<SuccessConditions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_entry: Option<BeforeEntryConditions>,
}

impl StageDeclaration {
    pub fn action(&self, name: &str) -> Option<&ActionDeclaration> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// The distinct `runOrder`s of the stage, ascending: the groups that run one after the other.
    pub fn run_orders(&self) -> Vec<u32> {
        let mut orders: Vec<u32> = self.actions.iter().map(ActionDeclaration::run_order).collect();
        orders.sort_unstable();
        orders.dedup();
        orders
    }

    /// The actions of one `runOrder`, as declared: they run in parallel.
    pub fn group(&self, run_order: u32) -> impl Iterator<Item = &ActionDeclaration> {
        self.actions.iter().filter(move |action| action.run_order() == run_order)
    }
}

/// Reserved for future use by AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockerDeclaration {
    #[serde(default)]
    pub name: String,
    #[serde(default, rename = "type")]
    pub blocker_type: String,
}
