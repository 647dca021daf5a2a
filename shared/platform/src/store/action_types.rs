//! Action types that the account created. A deleted one stays, because its version is never used for another.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::catalog::CustomActionType;
use engine::declaration::ActionTypeId;
use serde::{Deserialize, Serialize};

use super::document::{Item, encode, key_of, read_required};
use super::{Store, StoreError, keys};
use crate::Fault;

/// A custom action type as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomActionTypeRow {
    pub action_type: CustomActionType,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    #[serde(default)]
    pub is_deleted: bool,
}

impl Store {
    /// Those that are not deleted, by category, provider and version.
    pub async fn custom_action_types(&self) -> Result<Vec<CustomActionType>, Fault> {
        let rows = self.custom_action_type_rows().await?;
        Ok(rows.into_iter().filter(|row| !row.is_deleted).map(|row| row.action_type).collect())
    }

    /// `None` if there is none, or it was deleted.
    pub async fn custom_action_type(&self, id: &ActionTypeId) -> Result<Option<CustomActionType>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::custom_action_type(id)).await?;
        let row = item.as_ref().map(row_of).transpose()?;
        Ok(row.filter(|row| !row.is_deleted && row.action_type.id == *id).map(|row| row.action_type))
    }

    /// Creates an action type, or brings one back that was deleted and is the same.
    ///
    /// # Errors
    /// `ActionTypeAlreadyExists`, `LimitExceeded`; a fault `Conflict` when others create it at the same time.
    pub async fn create_custom_action_type(
        &self,
        action_type: &CustomActionType,
        tags: BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        let rows = self.custom_action_type_rows().await?;
        let count = rows.iter().filter(|row| !row.is_deleted).count();
        let before = rows.iter().find(|row| row.action_type.id == action_type.id);
        action_type.may_follow(before.map(|row| &row.action_type), count)?;
        let after = CustomActionTypeRow { action_type: action_type.clone(), tags, is_deleted: false };
        Ok(self.put_custom_action_type(before, &after).await?)
    }

    /// Deletes an action type; one that is not there needs nothing.
    pub async fn delete_custom_action_type(&self, id: &ActionTypeId) -> Result<(), Fault> {
        let item = self.get(&self.config.pipelines_table, keys::custom_action_type(id)).await?;
        let Some(before) = item.as_ref().map(row_of).transpose()? else { return Ok(()) };
        let after = CustomActionTypeRow { is_deleted: true, ..before.clone() };
        self.put_custom_action_type(Some(&before), &after).await
    }

    async fn custom_action_type_rows(&self) -> Result<Vec<CustomActionTypeRow>, Fault> {
        let items = self.query(&self.config.pipelines_table, keys::CUSTOM_ACTION_TYPES, "").await?;
        items.iter().map(row_of).collect()
    }

    async fn put_custom_action_type(
        &self,
        before: Option<&CustomActionTypeRow>,
        after: &CustomActionTypeRow,
    ) -> Result<(), Fault> {
        let id = &after.action_type.id;
        let put = self.client.put_item().table_name(&self.config.pipelines_table);
        let put = put
            .set_item(Some(key_of(keys::custom_action_type(id))))
            .item("actionType", encode("an action type", after)?)
            .item("isDeleted", AttributeValue::Bool(after.is_deleted));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                .condition_expression("isDeleted = :before")
                .expression_attribute_values(":before", AttributeValue::Bool(before.is_deleted)),
        };
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Err(Fault::conflict(format!("somebody else changed the action type '{}'", id.provider)))
            }
            Err(error) => Err(Fault::of_call("keeping an action type", error)),
        }
    }
}

fn row_of(item: &Item) -> Result<CustomActionTypeRow, Fault> {
    read_required(item, "actionType")
}
