//! Checking a whole declaration.

use serde_json::Value;

use crate::catalog::CustomActionType;

use super::{
    ActionTypeId, Exception, Former, Path, PipelineDeclaration, PipelineType, Violation, constraints, rules,
};

/// What validation depends on besides the declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The type of a pipeline that declares none. AWS announced V2 for December 2024, while its pricing page
    /// and later observations say V1; V2 takes every declaration that V1 takes, so it is the default here.
    pub default_pipeline_type: PipelineType,
    /// The Region where the pipeline runs; none where Regions mean nothing, as on one machine.
    pub region: Option<String>,
    pub custom_action_types: CustomActionTypes,
    /// The version that the declaration is to follow; none for a new pipeline.
    pub former: Option<Former>,
}

/// The action types that the account or a provider made, of the owners Custom and ThirdParty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomActionTypes {
    Known(Vec<CustomActionType>),
    /// They are kept by a service that checks the declaration itself.
    Elsewhere,
}

impl CustomActionTypes {
    /// The action type of an action that is not in the catalog.
    pub(super) fn find(&self, id: &ActionTypeId) -> Option<&CustomActionType> {
        match self {
            Self::Known(known) => known.iter().find(|custom| custom.id == *id),
            Self::Elsewhere => None,
        }
    }
}

impl Default for Circumstances {
    fn default() -> Self {
        Self {
            default_pipeline_type: PipelineType::V2,
            region: None,
            custom_action_types: CustomActionTypes::Known(Vec::new()),
            former: None,
        }
    }
}

/// A declaration that was read, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What could be read; complete if there are no violations.
    pub declaration: PipelineDeclaration,
    /// In the order of `first_rejection`: constraints of the model, then rules.
    pub violations: Vec<Violation>,
}

/// Checks the value of `pipeline` as `CreatePipeline` takes it: constraints of the service model, unknown
/// members, and the rules of pipelines, all at once.
pub fn check(document: &Value, circumstances: &Circumstances) -> Checked {
    let (usable, mut violations) = constraints::read(document);
    match serde_json::from_value::<PipelineDeclaration>(usable) {
        Ok(declaration) => {
            let broken = rules::broken(&declaration, circumstances);
            violations.extend(broken.into_iter().take(rules::MAXIMUM_VIOLATIONS));
            Checked { declaration, violations }
        }
        Err(error) => {
            let message = error.to_string();
            let help = "write it as the CodePipeline API describes it";
            violations.push(Violation::new(Exception::Serialization, Path::root(), message, help));
            Checked { declaration: PipelineDeclaration::default(), violations }
        }
    }
}

/// The same for a declaration that was read before, such as one built in code.
pub fn validate(declaration: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    match serde_json::to_value(declaration) {
        Ok(document) => check(&document, circumstances).violations,
        Err(error) => {
            let help = "write it as the CodePipeline API describes it";
            vec![Violation::new(Exception::Serialization, Path::root(), error.to_string(), help)]
        }
    }
}
