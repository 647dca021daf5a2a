//! What an event says of a source.

use engine::declaration::WatchedSource;
use engine::execution::{SourceRevisionType, Trigger};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The same when the event is delivered again.
    pub event_id: String,
    pub source: WatchedSource,
    /// Of a connection, the repository, if the event names it.
    pub full_repository_id: Option<String>,
    /// What the source has now; `None` where only the newest can be asked for.
    pub revision: Option<(SourceRevisionType, String)>,
    pub trigger: Trigger,
}

impl Change {
    /// `None` for an event that starts nothing: a tag, a branch that is gone.
    pub fn of(event: &Value) -> Option<Self> {
        match (event["source"].as_str()?, event["detail-type"].as_str()?) {
            ("aws.codecommit", "CodeCommit Repository State Change") => codecommit(event),
            ("pipewright", "Connection Repository State Change") => connection(event),
            ("aws.s3", "Object Created") => s3(event),
            _ => None,
        }
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
    Some(Change {
        event_id: text(&event["id"])?,
        source: WatchedSource::CodeCommit {
            repository_name: text(&event["detail"]["repositoryName"])?,
            branch_name,
        },
        full_repository_id: None,
        revision: Some((SourceRevisionType::CommitId, commit)),
        trigger: trigger("CloudWatchEvent", text(&event["resources"][0])),
    })
}

fn connection(event: &Value) -> Option<Change> {
    let (branch_name, commit) = updated_branch(&event["detail"])?;
    let connection_arn = text(&event["detail"]["connectionArn"])?;
    Some(Change {
        event_id: text(&event["id"])?,
        trigger: trigger("WebhookV2", Some(connection_arn.clone())),
        source: WatchedSource::Connection { connection_arn, branch_name },
        full_repository_id: text(&event["detail"]["fullRepositoryId"]),
        revision: Some((SourceRevisionType::CommitId, commit)),
    })
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>
fn s3(event: &Value) -> Option<Change> {
    let object = &event["detail"]["object"];
    Some(Change {
        event_id: text(&event["id"])?,
        source: WatchedSource::S3 {
            bucket: text(&event["detail"]["bucket"]["name"])?,
            object_key: text(&object["key"])?,
        },
        full_repository_id: None,
        revision: text(&object["version-id"]).map(|version| (SourceRevisionType::S3ObjectVersionId, version)),
        trigger: trigger("CloudWatchEvent", text(&event["resources"][0])),
    })
}

fn trigger(trigger_type: &str, detail: Option<String>) -> Trigger {
    Trigger { trigger_type: trigger_type.to_owned(), trigger_detail: detail.unwrap_or_default() }
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
        assert_eq!(change.trigger.trigger_detail, "arn:aws:codecommit:eu-west-1:123456789012:shop");
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
