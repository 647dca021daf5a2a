//! Whether a host has sent it: a signature over the bytes of the body, or, of GitLab, a secret word.
//!
//! | host | |
//! | --- | --- |
//! | GitHub, Bitbucket | `X-Hub-Signature-256` or `X-Hub-Signature`: `sha256=` and the HMAC of the body; SHA-1 is never enough |
//! | GitLab | `webhook-signature` of Standard Webhooks, with a time at most five minutes away; without it `X-Gitlab-Token` |
//!
//! Source: GitLab documentation, "Webhooks"; the specification of Standard Webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::execution::Timestamp;
use engine::trigger::Host;
use hmac::{Hmac, Mac};
use platform::http_event::HttpEvent;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::authentication::verify_signature;

/// How far the clocks of a host and of this service may be apart.
const TOLERANCE_SECONDS: i64 = 5 * 60;

/// # Errors
/// Why not, for the sender.
pub(super) fn verify(
    host: Host,
    secret: &str,
    event: &HttpEvent,
    body: &[u8],
    now: Timestamp,
) -> Result<(), String> {
    match host {
        Host::GitHub | Host::GitHubEnterpriseServer | Host::Bitbucket => {
            verify_signature(secret.as_bytes(), event, body)
        }
        Host::GitLab | Host::GitLabSelfManaged if event.headers.contains_key("webhook-signature") => {
            standard_webhook(secret, event, body, now)
        }
        Host::GitLab | Host::GitLabSelfManaged => token(secret, event),
    }
}

fn token(secret: &str, event: &HttpEvent) -> Result<(), String> {
    let Some(sent) = event.headers.get("x-gitlab-token") else {
        return Err("The request has neither webhook-signature nor X-Gitlab-Token.".to_owned());
    };
    match bool::from(sent.as_bytes().ct_eq(secret.as_bytes())) {
        true => Ok(()),
        false => Err("X-Gitlab-Token is not the webhookSecret of the connection's secret.".to_owned()),
    }
}

fn standard_webhook(secret: &str, event: &HttpEvent, body: &[u8], now: Timestamp) -> Result<(), String> {
    let header = |name: &str| event.headers.get(name).map(String::as_str).unwrap_or_default();
    let (id, time) = (header("webhook-id"), header("webhook-timestamp"));
    let at: i64 = time.parse().map_err(|_| "webhook-timestamp is no time.".to_owned())?;
    if (now.0 / 1000).abs_diff(at) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err("webhook-timestamp is more than five minutes away.".to_owned());
    }
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret));
    let key = key.map_err(|_| {
        "The webhookSecret of the connection's secret is not 'whsec_' and base64, as a signing token is."
            .to_owned()
    })?;
    let refused =
        || "No signature in webhook-signature is that of the body and the connection's secret.".to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| error.to_string())?;
    mac.update(format!("{id}.{time}.").as_bytes());
    mac.update(body);
    // While a secret is changed there are several.
    let signatures = header("webhook-signature").split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let mut signatures = signatures.filter_map(|signature| STANDARD.decode(signature).ok());
    // Takes as long for every signature of the right length.
    match signatures.any(|signature| mac.clone().verify_slice(&signature).is_ok()) {
        true => Ok(()),
        false => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Standard Webhooks' own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn event(headers: &[(&str, &str)]) -> HttpEvent {
        let mut event = HttpEvent::default();
        event.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        event
    }

    #[test]
    fn a_signature_of_gitlab_counts_for_its_body_and_five_minutes() {
        let two = format!("v1,AAAA {SIGNATURE} v2,{SIGNATURE}");
        let time = AT.to_string();
        for (signature, id, time, body, late, expected) in [
            (SIGNATURE, ID, time.as_str(), BODY, 0, true),
            (two.as_str(), ID, time.as_str(), BODY, 0, true),
            (SIGNATURE, ID, time.as_str(), BODY, 299, true),
            (SIGNATURE, ID, time.as_str(), BODY, -299, true),
            (SIGNATURE, ID, time.as_str(), BODY, 301, false),
            (SIGNATURE, ID, time.as_str(), BODY, -301, false),
            (SIGNATURE, "msg_other", time.as_str(), BODY, 0, false),
            (SIGNATURE, ID, "1614265331", BODY, 0, false),
            (SIGNATURE, ID, "", BODY, 0, false),
            (SIGNATURE, ID, time.as_str(), b"{}", 0, false),
            ("v1,", ID, time.as_str(), BODY, 0, false),
            ("", ID, time.as_str(), BODY, 0, false),
            (&SIGNATURE[3..], ID, time.as_str(), BODY, 0, false),
        ] {
            let headers = [("webhook-signature", signature), ("webhook-id", id), ("webhook-timestamp", time)];
            let now = Timestamp((AT + late) * 1000);
            let verified = verify(Host::GitLab, SECRET, &event(&headers), body, now);
            assert_eq!(verified.is_ok(), expected, "{headers:?} {late}: {verified:?}");
        }
        // Who signs is not let in with the word alone.
        let headers = [("webhook-signature", "v1,AAAA"), ("x-gitlab-token", SECRET)];
        assert!(verify(Host::GitLab, SECRET, &event(&headers), BODY, Timestamp(AT * 1000)).is_err());
    }

    #[test]
    fn each_host_proves_itself_in_its_own_way() {
        // GitHub documentation, "Validating webhook deliveries".
        let secret = "It's a Secret to Everybody";
        let body = b"Hello, World!";
        let signed = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        for (host, header, value, expected) in [
            (Host::GitHub, "x-hub-signature-256", signed, true),
            (Host::Bitbucket, "x-hub-signature", signed, true),
            (Host::Bitbucket, "x-hub-signature", "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59", false),
            (Host::GitHub, "x-gitlab-token", secret, false),
            (Host::GitLab, "x-hub-signature-256", signed, false),
            (Host::GitLabSelfManaged, "x-gitlab-token", secret, true),
            (Host::GitLab, "x-gitlab-token", "It's a Secret", false),
            (Host::GitLab, "x-gitlab-token", "", false),
            (Host::GitHub, "x-other", "", false),
        ] {
            let verified = verify(host, secret, &event(&[(header, value)]), body, Timestamp(0));
            assert_eq!(verified.is_ok(), expected, "{host} {header} {value}: {verified:?}");
            assert!(!format!("{verified:?}").contains(secret));
        }
    }
}
