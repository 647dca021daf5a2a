//! A webhook as the API shows it.

use platform::store::Webhook;
use platform::{Config, Fault};
use serde_json::{Value, json};

use super::{time, without_nulls};

/// Without its secret.
pub(crate) fn webhook(config: &Config, webhook: &Webhook) -> Result<Value, Fault> {
    let Webhook { definition, url_token, tags, last_triggered, last_error, .. } = webhook;
    let tags: Vec<_> = tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    Ok(without_nulls(json!({
        "definition": definition.redacted(),
        "url": config.webhook_url(&definition.name, url_token)?,
        "arn": config.webhook_arn(&definition.name),
        "tags": (!tags.is_empty()).then_some(tags),
        "lastTriggered": last_triggered.map(time),
        "errorCode": last_error.as_ref().map(|error| &error.code),
        "errorMessage": last_error.as_ref().map(|error| &error.message),
    })))
}
