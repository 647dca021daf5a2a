//! What the headers of a host's request say. No host signs them.

use engine::trigger::Host;
use platform::artifacts;
use platform::http_event::HttpEvent;

/// What the host calls the event; GitLab says it in the body.
pub(super) fn event_name(host: Host, event: &HttpEvent) -> &str {
    let name = match host {
        Host::GitHub | Host::GitHubEnterpriseServer => "x-github-event",
        Host::Bitbucket => "x-event-key",
        Host::GitLab | Host::GitLabSelfManaged => "x-gitlab-event",
    };
    event.headers.get(name).map(String::as_str).unwrap_or_default()
}

/// The same when the host delivers it again: what the host's own pages call the delivery, or the body where it has no
/// name.
pub(super) fn delivery_id(host: Host, event: &HttpEvent, body: &[u8]) -> String {
    let names: &[&str] = match host {
        Host::GitHub | Host::GitHubEnterpriseServer => &["x-github-delivery"],
        Host::Bitbucket => &["x-request-uuid"],
        Host::GitLab | Host::GitLabSelfManaged => &["webhook-id", "idempotency-key", "x-gitlab-event-uuid"],
    };
    let named = names.iter().find_map(|name| event.headers.get(*name)).filter(|id| !id.is_empty());
    named.cloned().unwrap_or_else(|| artifacts::sha256(body))
}
