//! Whether the sender may: a signature over the body, or an address.
//!
//! Of GitHub's signatures `X-Hub-Signature-256` counts, and `X-Hub-Signature` where it says `sha256=`, as Bitbucket
//! sends it. GitHub's older `X-Hub-Signature` with `sha1=` is never enough: GitHub sends both, and says to use the
//! first (GitHub documentation, "Webhook events and payloads", delivery headers).

use std::net::IpAddr;

use engine::webhook::{
    AuthenticationConfiguration, AuthenticationType, Network, UnauthenticatedWebhooks, WebhookDefinition,
};
use hmac::{Hmac, Mac};
use platform::http_event::HttpEvent;
use sha2::Sha256;

/// # Errors
/// Why not, for the sender.
pub(super) fn verify(
    webhook: &WebhookDefinition,
    unauthenticated: UnauthenticatedWebhooks,
    event: &HttpEvent,
    body: &[u8],
) -> Result<(), String> {
    let AuthenticationConfiguration { secret_token, allowed_ip_range } =
        &webhook.authentication_configuration;
    match (webhook.authentication, secret_token, allowed_ip_range) {
        (AuthenticationType::GithubHmac, Some(secret), _) => {
            verify_signature(secret.0.as_bytes(), event, body)
        }
        (AuthenticationType::Ip, _, Some(range)) => {
            let network: Network = range.parse()?;
            if network.is_everybody() {
                verify_allowed(unauthenticated)?;
            }
            verify_address(network, event)
        }
        (AuthenticationType::Unauthenticated, ..) => verify_allowed(unauthenticated),
        (AuthenticationType::GithubHmac | AuthenticationType::Ip, ..) => {
            Err("The webhook has nothing to verify its senders with.".to_owned())
        }
    }
}

/// The stack may have been told otherwise since the webhook was put.
fn verify_allowed(unauthenticated: UnauthenticatedWebhooks) -> Result<(), String> {
    match unauthenticated {
        UnauthenticatedWebhooks::Allowed => Ok(()),
        UnauthenticatedWebhooks::Refused => Err(
            "The webhook lets everybody in, which the stack's parameter AllowUnauthenticatedWebhooks does not allow."
                .to_owned(),
        ),
    }
}

pub(super) fn verify_signature(secret: &[u8], event: &HttpEvent, body: &[u8]) -> Result<(), String> {
    let header = |name: &str| event.headers.get(name).map(String::as_str);
    let named = header("x-hub-signature-256").or_else(|| header("x-hub-signature"));
    let Some(signature) = named.and_then(|signature| signature.strip_prefix("sha256=")) else {
        return Err(
            "The request has no header X-Hub-Signature-256 with 'sha256=' and the HMAC of the body. A \
                    signature with SHA-1 is not enough."
                .to_owned(),
        );
    };
    let refused = || "The signature in X-Hub-Signature-256 is not that of the body and the webhook's secret.";
    let signature = bytes_of_hexadecimal(signature).ok_or_else(refused)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| error.to_string())?;
    mac.update(body);
    // Takes as long for every signature of the right length.
    Ok(mac.verify_slice(&signature).map_err(|_| refused())?)
}

fn bytes_of_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let is_hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect::<Option<_>>().filter(|_| is_hexadecimal)
}

/// The address is the connection's. A header like `X-Forwarded-For` is whatever its sender wrote.
fn verify_address(network: Network, event: &HttpEvent) -> Result<(), String> {
    let address: Option<IpAddr> = event.request_context.http.source_ip.parse().ok();
    match address.is_some_and(|address| network.contains(address)) {
        true => Ok(()),
        false => Err("The request does not come from the addresses that the webhook allows.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    // GitHub documentation, "Validating webhook deliveries": the values to test an implementation with.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const SHA_1: &str = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59";

    fn webhook(authentication: &str, configuration: Value) -> WebhookDefinition {
        serde_json::from_value(json!({
            "name": "push", "targetPipeline": "shop", "targetAction": "Source", "filters": [],
            "authentication": authentication, "authenticationConfiguration": configuration,
        }))
        .expect("a definition")
    }

    fn event(headers: &[(&str, &str)], source_ip: &str) -> HttpEvent {
        let mut event = HttpEvent::default();
        event.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        source_ip.clone_into(&mut event.request_context.http.source_ip);
        event
    }

    #[test]
    fn githubs_own_signature_of_githubs_own_example_counts_and_every_other_is_refused() {
        let webhook = webhook("GITHUB_HMAC", json!({ "SecretToken": SECRET }));
        let upper = SIGNED.to_uppercase().replace("SHA256", "sha256");
        let changed = SIGNED.replace("757107", "757108");
        let cut = &SIGNED[..SIGNED.len() - 2];
        let longer = format!("{SIGNED}00");
        let sign = "x-hub-signature-256";
        for (headers, body, expected) in [
            (vec![(sign, SIGNED)], BODY, true),
            (vec![(sign, upper.as_str())], BODY, true),
            (vec![(sign, SIGNED), ("x-hub-signature", SHA_1)], BODY, true),
            (vec![("x-hub-signature", SIGNED)], BODY, true),
            (vec![("x-hub-signature", SHA_1)], BODY, false),
            (vec![(sign, SHA_1)], BODY, false),
            (vec![(sign, ""), ("x-hub-signature", SIGNED)], BODY, false),
            (vec![(sign, SIGNED)], &b"Hello, World"[..], false),
            (vec![(sign, SIGNED)], &b""[..], false),
            (vec![(sign, changed.as_str())], BODY, false),
            (vec![(sign, cut)], BODY, false),
            (vec![(sign, longer.as_str())], BODY, false),
            (vec![(sign, SIGNED.trim_start_matches("sha256="))], BODY, false),
            (vec![(sign, "sha256=")], BODY, false),
            (vec![(sign, "sha256=ää")], BODY, false),
            (vec![], BODY, false),
        ] {
            let verified =
                verify(&webhook, UnauthenticatedWebhooks::Allowed, &event(&headers, "127.0.0.1"), body);
            assert_eq!(verified.is_ok(), expected, "{headers:?}: {verified:?}");
            assert!(!format!("{verified:?}").contains(SECRET));
        }
    }

    #[test]
    fn an_address_counts_as_the_connection_has_it_and_never_as_a_header_says() {
        let within = webhook("IP", json!({ "AllowedIPRange": "192.0.2.0/24" }));
        let everybody = webhook("IP", json!({ "AllowedIPRange": "0.0.0.0/0" }));
        let open = webhook("UNAUTHENTICATED", json!({}));
        let closed = webhook("GITHUB_HMAC", json!({}));
        let forged = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        use UnauthenticatedWebhooks::{Allowed, Refused};
        for (webhook, unauthenticated, headers, source, expected) in [
            (&within, Refused, &forged[..0], "192.0.2.1", true),
            (&within, Refused, &forged[..0], "198.51.100.1", false),
            (&within, Refused, &forged[..], "198.51.100.1", false),
            (&within, Refused, &forged[..], "", false),
            (&everybody, Allowed, &forged[..0], "198.51.100.1", true),
            (&everybody, Refused, &forged[..0], "198.51.100.1", false),
            (&open, Allowed, &forged[..0], "198.51.100.1", true),
            (&open, Refused, &forged[..0], "198.51.100.1", false),
            (&closed, Allowed, &forged[..0], "192.0.2.1", false),
        ] {
            let verified = verify(webhook, unauthenticated, &event(headers, source), BODY);
            assert_eq!(verified.is_ok(), expected, "{webhook:?} {headers:?} {source}: {verified:?}");
        }
    }
}
