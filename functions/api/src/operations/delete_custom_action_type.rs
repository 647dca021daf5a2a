//! DeleteCustomActionType: no pipeline can name the action type any more, and no worker poll for its jobs.

use engine::declaration::ActionTypeId;
use engine::declaration::schema::{Member, required};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::Value;

use crate::Request;
use crate::input::{CATEGORY, PROVIDER, TYPE_VERSION, parse};

pub(super) static MEMBERS: &[Member] =
    &[required("category", CATEGORY), required("provider", PROVIDER), required("version", TYPE_VERSION)];

#[derive(Deserialize)]
struct Input {
    category: String,
    provider: String,
    version: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { category, provider, version } = parse(MEMBERS, &request.input)?;
    let id = ActionTypeId { category, owner: "Custom".to_owned(), provider, version };
    platform.store.delete_custom_action_type(&id).await?;
    Ok(Value::Null)
}
