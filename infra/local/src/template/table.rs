//! `AWS::DynamoDB::Table`.

use std::collections::BTreeMap;

use super::TemplateError;
use super::properties::Properties;
use super::resolve::Resource;
use super::stack::{Index, Key, Table};

pub(super) fn read(resource: Resource) -> Result<Table, TemplateError> {
    let Resource { logical_id, reference, mut properties, .. } = resource;
    properties.only("BillingMode", "PAY_PER_REQUEST")?;
    properties.without_effect(&[
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TableName",
    ]);
    let mut types = BTreeMap::new();
    for mut attribute in properties.objects("AttributeDefinitions")? {
        types.insert(attribute.text("AttributeName")?, attribute.text("AttributeType")?);
        attribute.finish()?;
    }
    let (partition_key, sort_key) = keys(&mut properties, &types)?;
    let mut indexes = Vec::new();
    for mut index in properties.objects("GlobalSecondaryIndexes")? {
        let (partition_key, sort_key) = keys(&mut index, &types)?;
        let mut projection = index.object("Projection")?;
        projection.only("ProjectionType", "ALL")?;
        projection.finish()?;
        indexes.push(Index { name: index.text("IndexName")?, partition_key, sort_key });
        index.finish()?;
    }
    let mut time_to_live = properties.object("TimeToLiveSpecification")?;
    let is_enabled = time_to_live.flag("Enabled")?.unwrap_or(false);
    let time_to_live_attribute = time_to_live.optional_text("AttributeName")?.filter(|_| is_enabled);
    time_to_live.finish()?;
    let mut stream = properties.object("StreamSpecification")?;
    stream.only("StreamViewType", "NEW_IMAGE")?;
    stream.finish()?;
    let stream_arn = reference.attributes.get("StreamArn").cloned();
    properties.finish()?;
    Ok(Table {
        logical_id,
        name: reference.value,
        partition_key,
        sort_key,
        indexes,
        time_to_live_attribute,
        stream_arn,
    })
}

fn keys(
    properties: &mut Properties,
    types: &BTreeMap<String, String>,
) -> Result<(Key, Option<Key>), TemplateError> {
    let mut partition_key = None;
    let mut sort_key = None;
    for mut element in properties.objects("KeySchema")? {
        let attribute = element.text("AttributeName")?;
        let attribute_type = types.get(&attribute).cloned().ok_or_else(|| {
            element.error("AttributeName", format!("{attribute} has no AttributeDefinition"))
        })?;
        let key = Key { attribute, attribute_type };
        match element.text("KeyType")?.as_str() {
            "HASH" => partition_key = Some(key),
            "RANGE" => sort_key = Some(key),
            _ => return Err(element.error("KeyType", "must be HASH or RANGE")),
        }
        element.finish()?;
    }
    let partition_key =
        partition_key.ok_or_else(|| properties.error("KeySchema", "has no key of KeyType HASH"))?;
    Ok((partition_key, sort_key))
}
