//! `AWS::S3::Bucket`.

use super::TemplateError;
use super::resolve::Resource;
use super::stack::Bucket;

pub(super) fn read(resource: Resource) -> Result<Bucket, TemplateError> {
    let Resource { logical_id, reference, mut properties, .. } = resource;
    properties.without_effect(&[
        "BucketEncryption",
        "BucketName",
        "LifecycleConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
    ]);
    let mut versioning = properties.object("VersioningConfiguration")?;
    let is_versioned = versioning.optional_text("Status")?.as_deref() == Some("Enabled");
    versioning.finish()?;
    properties.finish()?;
    Ok(Bucket { logical_id, name: reference.value, is_versioned })
}
