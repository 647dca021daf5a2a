//! ListConnections and PutConnection: where the connections lead that source actions name.

use engine::Rejection;
use engine::trigger::Host;
use platform::{Connection, Fault, Platform, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::output::without_nulls;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    connection_arn: String,
    url: String,
    provider_type: Option<Host>,
    secret: Option<String>,
}

pub(super) async fn list(platform: &Platform) -> Result<Value, StoreError> {
    let connections = platform.store.connections().await?;
    let shown = connections.iter().map(|connection| shown(platform, connection));
    Ok(json!({ "connections": shown.collect::<Result<Vec<_>, Fault>>()? }))
}

/// One that is put again keeps the URL of its webhook.
pub(super) async fn put(platform: &Platform, input: &Value) -> Result<Value, StoreError> {
    let input: Input = serde_json::from_value(input.clone())
        .map_err(|error| Rejection::Validation(format!("This is no connection: {error}")))?;
    check(&input)?;
    let connection = Connection {
        arn: input.connection_arn,
        url: input.url,
        provider_type: input.provider_type,
        secret: input.secret,
        ..Connection::default()
    };
    platform.store.put_connection(&connection).await?;
    let kept = platform.store.connection(&connection.arn, None).await?;
    Ok(shown(platform, &kept.unwrap_or(connection))?)
}

fn check(input: &Input) -> Result<(), Rejection> {
    let parts: Vec<_> = input.connection_arn.splitn(6, ':').collect();
    let is_arn = matches!(
        parts.as_slice(),
        ["arn", _, "codestar-connections" | "codeconnections" | "codecommit", region, account, name]
            if !region.is_empty() && !account.is_empty() && !name.is_empty()
    );
    if !is_arn {
        return Err(Rejection::Validation(format!(
            "'{}' is no ARN of a connection: arn:aws:codeconnections:<region>:<account>:connection/<id>, as source \
             actions name it in ConnectionArn.",
            input.connection_arn
        )));
    }
    // Directories are of the machine that the service runs on, and are given to it in its own files.
    let is_url = input.url.starts_with("https://") && !input.url.contains('@');
    if !is_url {
        return Err(Rejection::Validation(
            "The url is where git fetches: https://, without a name or a password; {FullRepositoryId} stands for the \
             repository that an action names. A token is put into the secret."
                .to_owned(),
        ));
    }
    Ok(())
}

/// What it leads to and where its host is to send; what is in its secret is nowhere.
fn shown(platform: &Platform, connection: &Connection) -> Result<Value, Fault> {
    let has_webhook = connection.provider_type.is_some() && connection.secret.is_some();
    let token = connection.url_token.as_deref().filter(|_| has_webhook);
    let webhook_url = token.map(|token| platform.config.connection_url(token)).transpose()?;
    Ok(without_nulls(json!({
        "connectionArn": connection.arn,
        "url": connection.url,
        "providerType": connection.provider_type,
        "secret": connection.secret,
        "webhookUrl": webhook_url,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_has_an_arn_of_one_and_leads_to_https() {
        let arn = "arn:aws:codeconnections:eu-west-1:123456789012:connection/c";
        let url = "https://github.com/{FullRepositoryId}.git";
        for (connection_arn, url, expected) in [
            (arn, url, None),
            ("arn:aws:codestar-connections:eu-west-1:123456789012:connection/c", url, None),
            ("arn:aws:codecommit:eu-west-1:123456789012:shop", url, None),
            ("arn:aws:s3:::bucket", url, Some("is no ARN of a connection")),
            ("connection", url, Some("is no ARN of a connection")),
            (arn, "http://github.com/a", Some("https://")),
            (arn, "/srv/app", Some("https://")),
            (arn, "https://me:secret@github.com/a", Some("without a name or a password")),
        ] {
            let input = Input {
                connection_arn: connection_arn.into(),
                url: url.into(),
                provider_type: None,
                secret: None,
            };
            let refused = check(&input).err().map(|refused| refused.message().to_owned());
            match (&refused, expected) {
                (None, None) => {}
                (Some(said), Some(expected)) if said.contains(expected) => {}
                _ => panic!("{connection_arn} {url}: {refused:?}"),
            }
        }
    }
}
