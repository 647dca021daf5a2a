//! What decisions need to know of a declaration: its stages, their actions and the order of these.

use serde::{Deserialize, Serialize};

use crate::catalog::{self, CUSTOM_ACTION_FUNCTION, CUSTOM_ACTION_TIMEOUT_MINUTES};
use crate::declaration::{ActionDeclaration, PipelineDeclaration};

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
}

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
        let stages = declaration.stages.iter().map(|stage| {
            let actions = stage.actions.iter().map(ActionPlan::of);
            Ok(StagePlan { name: stage.name.clone(), actions: actions.collect::<Result<_, String>>()? })
        });
        Ok(Self { stages: stages.collect::<Result<_, String>>()? })
    }

    pub fn stage_index(&self, name: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.name == name)
    }
}

impl ActionPlan {
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
