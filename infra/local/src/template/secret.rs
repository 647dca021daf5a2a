//! `AWS::SecretsManager::Secret`.

use super::TemplateError;
use super::resolve::Resource;
use super::stack::Secret;

pub(super) fn read(resource: Resource) -> Result<Secret, TemplateError> {
    let Resource { logical_id, reference, mut properties, .. } = resource;
    properties.without_effect(&["Description"]);
    let name = properties.optional_text("Name")?.unwrap_or_else(|| logical_id.clone());
    // Whoever keeps the secrets generates it; how long it is does not matter as long as nobody guesses it.
    properties.require("GenerateSecretString")?;
    properties.finish()?;
    Ok(Secret { logical_id, name, arn: reference.value })
}
