//! What an event says of a source.

use engine::declaration::WatchedSource;
use engine::execution::SourceRevisionType;
use engine::trigger::{GitEvent, PULL_REQUEST, PUSH};
use platform::artifacts;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The same when the event is delivered again.
    pub event_id: String,
    /// What whoever told of it calls it: the delivery of a webhook.
    pub delivery_id: String,
    /// When it happened, RFC 3339; empty if the event does not say.
    pub time: String,
    pub source: WatchedSource,
    /// What happened in a repository of a connection.
    pub git: Option<GitEvent>,
    /// What the source has now; `None` where only the newest can be asked for.
    pub revision: Option<(SourceRevisionType, String)>,
    /// The ARN of the source.
    pub arn: String,
    /// As it was told.
    pub detail: Value,
}

impl Change {
    /// `None` for an event that starts nothing: a branch that is gone.
    pub fn of(event: &Value) -> Option<Self> {
        match (event["source"].as_str()?, event["detail-type"].as_str()?) {
            ("aws.codecommit", "CodeCommit Repository State Change") => codecommit(event),
            ("pipewright", detail_type @ (PUSH | PULL_REQUEST)) => connection(event, detail_type),
            ("aws.s3", "Object Created") => s3(event),
            _ => None,
        }
    }

    /// The same for all starts that the change may lead to.
    pub fn client_request_token(&self) -> String {
        artifacts::sha256(format!("change {}", self.event_id).as_bytes())
    }

    fn new(event: &Value, source: WatchedSource, arn: Option<String>) -> Option<Self> {
        let id = text(&event["id"])?;
        Some(Self {
            event_id: id.clone(),
            delivery_id: id,
            time: text(&event["time"]).unwrap_or_default(),
            source,
            git: None,
            revision: None,
            arn: arn.unwrap_or_default(),
            detail: event["detail"].clone(),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The branch and the commit that it is at.
fn updated_branch(detail: &Value) -> Option<(String, String)> {
    let is_update = matches!(detail["event"].as_str()?, "referenceCreated" | "referenceUpdated");
    (is_update && detail["referenceType"] == "branch")
        .then(|| Some((text(&detail["referenceName"])?, text(&detail["commitId"])?)))?
}

/// <https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html>
fn codecommit(event: &Value) -> Option<Change> {
    let (branch_name, commit) = updated_branch(&event["detail"])?;
    let repository_name = text(&event["detail"]["repositoryName"])?;
    let source = WatchedSource::CodeCommit { repository_name, branch_name };
    let change = Change::new(event, source, text(&event["resources"][0]))?;
    Some(Change { revision: Some((SourceRevisionType::CommitId, commit)), ..change })
}

fn connection(event: &Value, detail_type: &str) -> Option<Change> {
    let detail = &event["detail"];
    let connection_arn = text(&detail["connectionArn"])?;
    let git = GitEvent::of_detail(detail_type, detail)?;
    let commit = git.commit().map(|commit| (SourceRevisionType::CommitId, commit.to_owned()));
    let source = WatchedSource::Repositories { connection_arn: connection_arn.clone() };
    let change = Change::new(event, source, Some(connection_arn))?;
    Some(Change {
        event_id: text(&detail["deduplicationKey"]).unwrap_or(change.event_id),
        delivery_id: text(&detail["deliveryId"]).unwrap_or(change.delivery_id),
        time: text(&detail["toldAt"]).unwrap_or(change.time),
        git: Some(git),
        revision: commit,
        ..change
    })
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>
fn s3(event: &Value) -> Option<Change> {
    let object = &event["detail"]["object"];
    let bucket = text(&event["detail"]["bucket"]["name"])?;
    let source = WatchedSource::S3 { bucket, object_key: text(&object["key"])? };
    let change = Change::new(event, source, text(&event["resources"][0]))?;
    let revision =
        text(&object["version-id"]).map(|version| (SourceRevisionType::S3ObjectVersionId, version));
    Some(Change { revision, ..change })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn push(event: &str, kind: &str) -> Value {
        json!({
            "id": "e", "source": "aws.codecommit", "detail-type": "CodeCommit Repository State Change",
            "resources": ["arn:aws:codecommit:eu-west-1:123456789012:shop"],
            "detail": {
                "event": event, "referenceType": kind, "referenceName": "main", "referenceFullName": "refs/heads/main",
                "commitId": "c1", "repositoryName": "shop",
            },
        })
    }

    #[test]
    fn a_branch_that_is_made_or_moved_is_a_change_and_nothing_else_is() {
        for (event, kind, expected) in [
            ("referenceUpdated", "branch", true),
            ("referenceCreated", "branch", true),
            ("referenceDeleted", "branch", false),
            ("referenceCreated", "tag", false),
            ("commentOnCommitCreated", "branch", false),
        ] {
            assert_eq!(Change::of(&push(event, kind)).is_some(), expected, "{event} of a {kind}");
        }
        let mut other = push("referenceUpdated", "branch");
        other["detail-type"] = json!("CodeCommit Pull Request State Change");
        assert_eq!(Change::of(&other), None);
        let change = Change::of(&push("referenceUpdated", "branch")).expect("a change");
        let source = WatchedSource::CodeCommit { repository_name: "shop".into(), branch_name: "main".into() };
        assert_eq!(change.source, source);
        assert_eq!(change.revision, Some((SourceRevisionType::CommitId, "c1".into())));
        assert_eq!(change.arn, "arn:aws:codecommit:eu-west-1:123456789012:shop");
    }

    #[test]
    fn an_object_is_a_change_at_its_version_if_its_bucket_has_versions() {
        let object = |version: Value| {
            Change::of(&json!({
                "id": "e", "source": "aws.s3", "detail-type": "Object Created", "resources": ["arn:aws:s3:::b"],
                "detail": { "bucket": { "name": "b" }, "object": { "key": "app.zip", "version-id": version } },
            }))
            .expect("a change")
        };
        let revision = object(json!("v1")).revision;
        assert_eq!(revision, Some((SourceRevisionType::S3ObjectVersionId, "v1".into())));
        assert_eq!(object(json!(null)).revision, None);
        let source = WatchedSource::S3 { bucket: "b".into(), object_key: "app.zip".into() };
        assert_eq!(object(json!("v1")).source, source);
    }
}
