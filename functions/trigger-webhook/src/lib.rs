//! A request to a webhook's URL: start its pipeline, if the sender may and the filters match. A request to the URL of a
//! connection: tell the event bus what its host says.
//!
//! | the request | is answered |
//! | --- | --- |
//! | starts an execution, or has started it before | 200 with `pipelineExecutionId` |
//! | a ping, a branch's deletion, a body that a filter does not match | 200 with `message`, nothing starts |
//! | a body that is no JSON | 400 `InvalidRequestBodyException` |
//! | a start that CodePipeline refuses | 400 with its exception; 404 when the pipeline is gone |
//! | who may not | 403 `AccessDeniedException` |
//! | a URL of no webhook | 404 `WebhookNotFoundException` |
//! | a body that is too large | 413 `RequestEntityTooLargeException` |
//! | of a connection: what may start pipelines, whose event is on the bus | 202 with `eventId` |
//! | of a connection: what starts none, or was taken before | 200 with `eventId` and `message` |
//!
//! The sender is verified on the bytes of the body, before anything is read from them. Nobody waits for the execution.
//! A delivery that comes twice starts once: the token of the start is made of what the signature covers, so a replay
//! under another delivery id is one, too.
//!
//! Permissions: those of advance-execution; for connections events:PutEvents and secretsmanager:GetSecretValue on their
//! secrets.

mod answer;
mod authentication;
mod connection;
mod delivery;
mod start;

use engine::Rejection;
use platform::http_event::{HttpAnswer, HttpEvent};
use platform::store::Webhook;
use platform::{Fault, Platform};
use serde_json::Value;
use subtle::ConstantTimeEq;

use answer::Answer;

/// A body with more bytes is refused. As text in an event it takes more, and Lambda takes 6 MB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

pub async fn handle(platform: Platform, event: HttpEvent) -> Result<HttpAnswer, Fault> {
    let answered = receive(&platform, &event).await?;
    tracing::info!(
        webhook = answered.webhook,
        gateway_request_id = event.request_context.request_id,
        status = answered.answer.status,
        answer = answered.answer.text(),
        "answered"
    );
    Ok(answered.answer.to_http())
}

/// An answer, and the webhook or connection that it is about.
struct Answered {
    webhook: Option<String>,
    answer: Answer,
}

async fn receive(platform: &Platform, event: &HttpEvent) -> Result<Answered, Fault> {
    let about_none = |answer| Ok(Answered { webhook: None, answer });
    let Some(body) = event.body_bytes() else {
        return about_none(Answer::invalid("The body of the event is not base64."));
    };
    if body.len() > BODY_BYTES_MAX {
        return about_none(Answer::too_large(body.len(), BODY_BYTES_MAX));
    }
    if connection::is_meant(event) {
        let (webhook, answer) = connection::receive(platform, event, &body).await?;
        return Ok(Answered { webhook, answer });
    }
    let Some(webhook) = webhook_of(platform, event).await? else {
        let unknown = Rejection::WebhookNotFound("There is no webhook with this URL.".to_owned());
        return about_none(Answer::of(404, &unknown));
    };
    let answer = answer(platform, event, &webhook, &body).await?;
    Ok(Answered { webhook: Some(webhook.definition.name), answer })
}

/// The webhook of the URL, if all of the URL is right.
async fn webhook_of(platform: &Platform, event: &HttpEvent) -> Result<Option<Webhook>, Fault> {
    let id = event.path_parameters.get("id").map(String::as_str).unwrap_or_default();
    let Some((name, token)) = id.rsplit_once('.') else { return Ok(None) };
    let webhook = platform.store.webhook(name).await?;
    Ok(webhook.filter(|webhook| webhook.url_token.as_bytes().ct_eq(token.as_bytes()).into()))
}

async fn answer(
    platform: &Platform,
    event: &HttpEvent,
    webhook: &Webhook,
    body: &[u8],
) -> Result<Answer, Fault> {
    let unauthenticated = platform.config.unauthenticated_webhooks;
    if let Err(why) = authentication::verify(&webhook.definition, unauthenticated, event, body) {
        return Ok(Answer::denied(&why));
    }
    if delivery::event_name(event) == Some("ping") {
        return Ok(Answer::nothing("The webhook is here. A ping starts nothing."));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(payload) => start::start(platform, event, webhook, body, &payload).await,
        Err(error) => Ok(Answer::invalid(&format!(
            "The body is not JSON: {error}. The content type of a webhook is application/json."
        ))),
    }
}
