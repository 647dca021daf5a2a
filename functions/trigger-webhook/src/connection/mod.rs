//! A request to the URL of a connection: what GitHub, GitLab or Bitbucket tells of its repositories, to the event bus.
//!
//! What it starts is found out behind the bus: the host waits for the answer, and is told only that the event is where
//! it does not get lost. A delivery is remembered after that, so that one whose answer was lost may come again; two
//! that tell the same start a pipeline once.

mod request;
mod told;
mod verify;

use engine::Rejection;
use engine::trigger::Host;
use platform::http_event::HttpEvent;
use platform::{Connection, Fault, Platform};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use crate::answer::Answer;

/// What the path of such a URL begins with.
const PATH: &str = "/connections/";

pub(super) fn is_meant(event: &HttpEvent) -> bool {
    event.raw_path.starts_with(PATH)
}

/// The connection's ARN, if there is one, and the answer.
pub(super) async fn receive(
    platform: &Platform,
    event: &HttpEvent,
    body: &[u8],
) -> Result<(Option<String>, Answer), Fault> {
    let Some((connection, host)) = connection_of(platform, event).await? else {
        let unknown = Rejection::WebhookNotFound("There is no connection with this URL.".to_owned());
        return Ok((None, Answer::of(404, &unknown)));
    };
    let answer = answer(platform, event, &connection, host, body).await?;
    Ok((Some(connection.arn), answer))
}

/// The connection whose URL it is. There are few, so all are looked at, each as long as the others.
async fn connection_of(platform: &Platform, event: &HttpEvent) -> Result<Option<(Connection, Host)>, Fault> {
    let token = event.raw_path.strip_prefix(PATH).unwrap_or_default().as_bytes();
    let all = platform.store.connections().await?;
    let found = all.into_iter().find(|connection| {
        let known = connection.url_token.as_deref().unwrap_or_default().as_bytes();
        !known.is_empty() && bool::from(known.ct_eq(token))
    });
    Ok(found.and_then(|connection| connection.provider_type.map(|host| (connection, host))))
}

async fn answer(
    platform: &Platform,
    event: &HttpEvent,
    connection: &Connection,
    host: Host,
    body: &[u8],
) -> Result<Answer, Fault> {
    let secret = match platform.connection_secret(connection).await? {
        Ok(secret) => secret.webhook_secret.filter(|secret| !secret.is_empty()),
        Err(why) => {
            tracing::error!(why, "a connection cannot verify its senders");
            None
        }
    };
    let Some(secret) = secret else {
        return Ok(Answer::denied(
            "The connection has nothing to verify its senders with: its secret has no webhookSecret.",
        ));
    };
    if let Err(why) = verify::verify(host, &secret, event, body, platform.clock.now()) {
        return Ok(Answer::denied(&why));
    }
    let delivery = request::delivery_id(host, event, body);
    if platform.store.is_delivered(&connection.arn, &delivery).await? {
        return Ok(Answer::received(200, &delivery, "This delivery was taken before."));
    }
    let payload: Value = match serde_json::from_slice(body) {
        Ok(payload) => payload,
        Err(error) => {
            let message =
                format!("The body is not JSON: {error}. The content type of a webhook is application/json.");
            return Ok(Answer::invalid(&message));
        }
    };
    told::tell(platform, connection, host, &told::Delivery { id: &delivery, event, body, payload: &payload })
        .await
}

impl Answer {
    /// `pipewright explain` knows more of an event with this id.
    fn received(status: u16, event_id: &str, message: &str) -> Self {
        Self { status, body: json!({ "eventId": event_id, "message": message }) }
    }
}
