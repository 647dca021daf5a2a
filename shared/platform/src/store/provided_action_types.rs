//! Action types that providers offer. The last update counts.

use engine::catalog::{CustomActionType, ProvidedActionType};
use engine::declaration::ActionTypeId;

use super::document::{encode, key_of, read_required};
use super::{Store, StoreError, keys};
use crate::Fault;

/// Of an item: the action type.
const ACTION_TYPE: &str = "actionType";

impl Store {
    /// By category, provider and version.
    pub async fn provided_action_types(&self) -> Result<Vec<ProvidedActionType>, Fault> {
        let items = self.query(&self.config.pipelines_table, keys::PROVIDED_ACTION_TYPES, "").await?;
        items.iter().map(|item| read_required(item, ACTION_TYPE)).collect()
    }

    pub async fn provided_action_type(&self, id: &ActionTypeId) -> Result<Option<ProvidedActionType>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::provided_action_type(id)).await?;
        let found: Option<ProvidedActionType> =
            item.as_ref().map(|item| read_required(item, ACTION_TYPE)).transpose()?;
        Ok(found.filter(|found| found.id == *id))
    }

    /// Writes an action type, in the place of what it was.
    ///
    /// # Errors
    /// `ActionTypeNotFound`, `RequestFailed`, `Validation`
    pub async fn update_provided_action_type(
        &self,
        action_type: &ProvidedActionType,
    ) -> Result<(), StoreError> {
        let others = self.provided_action_types().await?.into_iter();
        action_type.check(others.filter(|other| other.id != action_type.id).count())?;
        let put = self.client.put_item().table_name(&self.config.pipelines_table);
        let put = put
            .set_item(Some(key_of(keys::provided_action_type(&action_type.id))))
            .item(ACTION_TYPE, encode("an action type", action_type)?);
        put.send().await.map_err(|error| Fault::of_call("keeping an action type", error))?;
        Ok(())
    }

    /// What pipelines of this account may name beside CodePipeline's own: what it made itself, and what providers
    /// allow it to use.
    pub async fn action_types_of_account(&self) -> Result<Vec<CustomActionType>, Fault> {
        let mut types = self.custom_action_types().await?;
        let provided = self.provided_action_types().await?.into_iter();
        let allowed = provided.filter(|provided| provided.is_allowed_in(&self.config.account_id));
        types.extend(allowed.map(|provided| provided.as_listed()));
        Ok(types)
    }
}
