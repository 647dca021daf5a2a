//! RegisterWebhookWithThirdParty: would tell GitHub the webhook's URL, with the OAuth token of the webhook's target.
//! That has to be a GitHub (version 1) action, and no pipeline here has one, so people tell GitHub themselves.

use engine::Rejection;
use engine::declaration::schema::{Member, optional};
use engine::webhook::not_found;
use platform::store::Webhook;
use platform::{Platform, StoreError};
use serde::Deserialize;
use serde_json::Value;

use crate::Request;
use crate::input::{NAME, parse};

pub(super) static MEMBERS: &[Member] = &[optional("webhookName", NAME)];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    webhook_name: Option<String>,
}

pub(super) async fn call(platform: &Platform, request: &Request) -> Result<Value, StoreError> {
    let webhook = webhook_of_input(platform, request, MEMBERS).await?;
    let url = platform.config.webhook_url(&webhook.definition.name, &webhook.url_token)?;
    Err(Rejection::Validation(format!(
        "{} Register it by hand: in the repository's settings, under Webhooks, add a webhook with the Payload URL \
         {url}, the Content type application/json, the Secret that the webhook was given, and the event push.",
        of_another_type(&webhook)
    ))
    .into())
}

/// The webhook that the input names; the same in DeregisterWebhookWithThirdParty.
pub(super) async fn webhook_of_input(
    platform: &Platform,
    request: &Request,
    members: &[Member],
) -> Result<Webhook, StoreError> {
    let Input { webhook_name } = parse(members, &request.input)?;
    let name = webhook_name.unwrap_or_default();
    match platform.store.webhook(&name).await? {
        Some(webhook) => Ok(webhook),
        None => Err(not_found(&name).into()),
    }
}

/// Why there is nobody to tell.
pub(super) fn of_another_type(webhook: &Webhook) -> String {
    let target = &webhook.definition.target_action;
    format!(
        "The webhook '{}' targets the action '{target}', which is not of the action type GitHub (version 1), so there \
         is no OAuth token to speak to GitHub with.",
        webhook.definition.name
    )
}
