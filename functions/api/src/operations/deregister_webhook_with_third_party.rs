//! DeregisterWebhookWithThirdParty: as nothing is registered with GitHub, there is nothing to take back there.

use engine::Rejection;
use engine::declaration::schema::{Member, optional};
use platform::{Platform, StoreError};
use serde_json::Value;

use super::register_webhook_with_third_party::{of_another_type, webhook_of_input};
use crate::Request;
use crate::input::NAME;

pub(super) static MEMBERS: &[Member] = &[optional("webhookName", NAME)];

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let webhook = webhook_of_input(platform, request, MEMBERS).await?;
    Err(Rejection::Validation(format!(
        "{} Delete the webhook by hand in the repository's settings, and here with DeleteWebhook.",
        of_another_type(&webhook)
    ))
    .into())
}
