//! `AWS::Serverless::StateMachine`.

use super::TemplateError;
use super::policies::{self, ManagedPolicies};
use super::resolve::Resource;
use super::stack::StateMachine;

pub(super) fn read(resource: Resource, managed: &ManagedPolicies) -> Result<StateMachine, TemplateError> {
    let Resource { logical_id, reference, mut properties, .. } = resource;
    properties.without_effect(&["Name"]);
    properties.only("Type", "STANDARD")?;
    let policies_path = properties.path_of("Policies");
    let machine = StateMachine {
        logical_id,
        name: reference.attributes.get("Name").cloned().unwrap_or_default(),
        arn: reference.value,
        definition_file: properties.text("DefinitionUri")?,
        substitutions: properties.object("DefinitionSubstitutions")?.into_texts()?,
        policies: policies::attached(properties.take("Policies"), &policies_path, managed)?,
    };
    properties.finish()?;
    Ok(machine)
}
