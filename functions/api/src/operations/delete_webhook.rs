//! DeleteWebhook: its URL is good for nothing any more. One that is not there needs nothing.

use engine::declaration::schema::{Member, required};
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Request;
use crate::input::{NAME, parse};

pub(super) static MEMBERS: &[Member] = &[required("name", NAME)];

#[derive(Deserialize)]
struct Input {
    name: String,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let Input { name } = parse(MEMBERS, &request.input)?;
    platform.store.delete_webhook(&name).await?;
    Ok(json!({}))
}
