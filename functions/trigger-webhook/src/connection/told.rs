//! A verified delivery, as events on the bus.

use engine::trigger::{GitChange, GitEvent, Host, events_of};
use platform::event_bus::{BusEvent, written};
use platform::http_event::HttpEvent;
use platform::store::TriggerEvent;
use platform::{Connection, Fault, Platform, artifacts};
use serde_json::{Value, json};

use super::request::event_name;
use crate::answer::Answer;

pub(super) struct Delivery<'a> {
    pub id: &'a str,
    pub event: &'a HttpEvent,
    pub body: &'a [u8],
    pub payload: &'a Value,
}

pub(super) async fn tell(
    platform: &Platform,
    connection: &Connection,
    host: Host,
    delivery: &Delivery<'_>,
) -> Result<Answer, Fault> {
    let name = event_name(host, delivery.event);
    let events = match events_of(host, name, delivery.payload) {
        Ok(events) => events,
        Err(why) => {
            platform
                .store
                .put_trigger_event(&ignored(platform, connection, delivery, &why.to_string()))
                .await?;
            platform.store.put_delivery(&connection.arn, delivery.id).await?;
            return Ok(Answer::received(200, delivery.id, &format!("Nothing is started: {why}.")));
        }
    };
    let told = events.iter().enumerate();
    let told: Vec<_> =
        told.map(|(index, event)| on_the_bus(platform, connection, delivery, index, event)).collect();
    if platform.put_events(&told).await < told.len() {
        return Err(Fault::unavailable("the event bus did not take what a host told"));
    }
    platform.store.put_delivery(&connection.arn, delivery.id).await?;
    let said: Vec<_> = events.iter().map(ToString::to_string).collect();
    Ok(Answer::received(202, delivery.id, &format!("Taken: {}.", said.join("; "))))
}

/// The first of a delivery's events is called as the delivery is.
fn id_of(delivery: &Delivery<'_>, index: usize) -> String {
    match index {
        0 => delivery.id.to_owned(),
        index => format!("{}-{}", delivery.id, index + 1),
    }
}

fn on_the_bus(
    platform: &Platform,
    connection: &Connection,
    delivery: &Delivery<'_>,
    index: usize,
    event: &GitEvent,
) -> BusEvent {
    let mut detail = event.detail();
    detail.insert("connectionArn".to_owned(), json!(connection.arn));
    detail.insert("deliveryId".to_owned(), json!(id_of(delivery, index)));
    // EventBridge's own time has no milliseconds.
    detail.insert("toldAt".to_owned(), json!(written(platform.clock.now())));
    let key = deduplication_key(&connection.arn, event, delivery.body);
    detail.insert("deduplicationKey".to_owned(), json!(key));
    let on_the_bus = |detail: &serde_json::Map<String, Value>| BusEvent {
        at: platform.clock.now(),
        detail_type: event.detail_type(),
        detail: Value::Object(detail.clone()).to_string(),
        resource: connection.arn.clone(),
    };
    let whole = on_the_bus(&detail);
    if whole.fits() {
        return whole;
    }
    // Too many files; git knows them, too.
    detail.remove("changedFiles");
    on_the_bus(&detail)
}

/// The same for two deliveries that tell the same: of a push its reference and both of its ends, as two webhooks of one
/// repository tell it. What happens to a pull request may happen again with the same commit, so there it is the body,
/// which has the time of it.
fn deduplication_key(connection_arn: &str, event: &GitEvent, body: &[u8]) -> String {
    let repository = event.full_repository_id.as_deref().unwrap_or_default().to_ascii_lowercase();
    let what = match &event.change {
        GitChange::Branch { name, before, commit } => json!(["branch", name, before, commit]),
        GitChange::Tag { name, commit } => json!(["tag", name, commit]),
        GitChange::PullRequest { id, .. } => json!(["pull request", id, artifacts::sha256(body)]),
    };
    artifacts::sha256(json!([connection_arn, repository, what]).to_string().as_bytes())
}

fn ignored(platform: &Platform, connection: &Connection, delivery: &Delivery<'_>, why: &str) -> TriggerEvent {
    TriggerEvent {
        id: delivery.id.to_owned(),
        told_at: platform.clock.now(),
        source: connection.arn.clone(),
        summary: format!("nothing that starts a pipeline: {why}"),
        detail: json!({ "connectionArn": connection.arn }),
        changed_files: None,
        files_unknown: None,
        pipelines: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use engine::declaration::PullRequestEvent;

    use super::*;

    #[test]
    fn two_deliveries_that_tell_the_same_have_one_key() {
        let event = |repository: &str, change: GitChange| GitEvent {
            full_repository_id: Some(repository.into()),
            change,
            changed_files: None,
        };
        let push = |before: &str, commit: &str| GitChange::Branch {
            name: "main".into(),
            before: Some(before.into()),
            commit: commit.into(),
        };
        let tag = |commit: &str| GitChange::Tag { name: "main".into(), commit: commit.into() };
        let request = GitChange::PullRequest {
            event: PullRequestEvent::Open,
            id: "7".into(),
            source_branch: "a".into(),
            target_branch: "b".into(),
            commit: None,
        };
        let key = |repository: &str, change: &GitChange, body: &[u8]| {
            deduplication_key("arn", &event(repository, change.clone()), body)
        };
        let first = key("me/app", &push("c0", "c1"), b"1");
        for (other, is_same) in [
            (key("me/app", &push("c0", "c1"), b"2"), true),
            (key("Me/App", &push("c0", "c1"), b"1"), true),
            (key("me/web", &push("c0", "c1"), b"1"), false),
            // There and back again.
            (key("me/app", &push("c2", "c1"), b"1"), false),
            (key("me/app", &push("c0", "c2"), b"1"), false),
            (key("me/app", &tag("c1"), b"1"), false),
        ] {
            assert_eq!(first == other, is_same);
        }
        assert_eq!(key("me/app", &request, b"1"), key("me/app", &request, b"1"));
        assert_ne!(key("me/app", &request, b"1"), key("me/app", &request, b"2"), "opened again");
    }
}
