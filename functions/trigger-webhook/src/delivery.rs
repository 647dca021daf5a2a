//! One delivery of a request, as its sender tells it from others.

use engine::webhook::AuthenticationType;
use platform::artifacts;
use platform::http_event::HttpEvent;
use platform::store::Webhook;

/// What the sender calls the event. It is not signed.
pub(super) fn event_name(event: &HttpEvent) -> Option<&str> {
    event.headers.get("x-github-event").map(String::as_str)
}

/// The token of the start: the same when the request is delivered again.
///
/// GitHub signs the body and not the delivery's id, so a signed body counts once under whatever id it comes. Where
/// nothing is signed, a body may well come again and again; then the id tells, and without one each request is another.
pub(super) fn client_request_token(webhook: &Webhook, event: &HttpEvent, body: &[u8]) -> Option<String> {
    let of_delivery = match webhook.definition.authentication {
        AuthenticationType::GithubHmac => artifacts::sha256(body),
        AuthenticationType::Ip | AuthenticationType::Unauthenticated => {
            event.headers.get("x-github-delivery")?.clone()
        }
    };
    let text = format!("webhook {} {of_delivery}", webhook.url_token);
    Some(artifacts::sha256(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use engine::execution::Timestamp;
    use engine::tags::Tags;
    use serde_json::json;

    use super::*;

    fn webhook(authentication: &str, url_token: &str) -> Webhook {
        let definition = json!({
            "name": "push", "targetPipeline": "shop", "targetAction": "Source", "filters": [],
            "authentication": authentication, "authenticationConfiguration": {},
        });
        Webhook {
            definition: serde_json::from_value(definition).expect("a definition"),
            created_at: Timestamp(0),
            url_token: url_token.to_owned(),
            tags: Tags::new(),
            last_triggered: None,
            last_error: None,
        }
    }

    fn token(authentication: &str, url_token: &str, id: Option<&str>, body: &[u8]) -> Option<String> {
        let mut event = HttpEvent::default();
        event.headers.extend(id.map(|id| ("x-github-delivery".to_owned(), id.to_owned())));
        client_request_token(&webhook(authentication, url_token), &event, body)
    }

    #[test]
    fn a_signed_body_is_one_delivery_and_an_unsigned_one_is_told_by_its_id() {
        let signed = token("GITHUB_HMAC", "t", Some("1"), b"{}");
        assert!(signed.is_some());
        assert_eq!(signed, token("GITHUB_HMAC", "t", Some("2"), b"{}"), "a replay under another id");
        assert_eq!(signed, token("GITHUB_HMAC", "t", None, b"{}"));
        assert_ne!(signed, token("GITHUB_HMAC", "t", Some("1"), b"[]"));
        assert_ne!(signed, token("GITHUB_HMAC", "u", Some("1"), b"{}"), "a webhook that was created anew");
        let told = token("IP", "t", Some("1"), b"{}");
        assert_eq!(told, token("IP", "t", Some("1"), b"[]"));
        assert_ne!(told, token("IP", "t", Some("2"), b"{}"));
        assert_eq!(token("IP", "t", None, b"{}"), None);
        assert_eq!(token("UNAUTHENTICATED", "t", None, b"{}"), None);
    }
}
