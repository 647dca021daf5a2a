//! What has happened in a repository, in one form for all who tell of it: as the `detail` of an event of EventBridge,
//! in the words that CodeCommit has for its own.
//!
//! Source: CodeCommit user guide, "Monitoring CodeCommit events in EventBridge".

use std::fmt;

use serde_json::{Map, Value, json};

use crate::declaration::PullRequestEvent;

/// The `detail-type` of a push.
pub const PUSH: &str = "Connection Repository State Change";
/// The `detail-type` of what happens to a pull request.
pub const PULL_REQUEST: &str = "Connection Pull Request State Change";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitEvent {
    /// `owner/repository`; `None` for whichever the connection leads to.
    pub full_repository_id: Option<String>,
    pub change: GitChange,
    /// The files that differ, if whoever told knew all of them.
    pub changed_files: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitChange {
    Branch {
        name: String,
        /// `None` for a branch that is new.
        before: Option<String>,
        commit: String,
    },
    Tag {
        name: String,
        commit: String,
    },
    PullRequest {
        event: PullRequestEvent,
        /// What the host calls it, a number mostly.
        id: String,
        source_branch: String,
        target_branch: String,
        /// The head of the source branch, if it was told in full.
        commit: Option<String>,
    },
}

impl GitEvent {
    /// `None` for what starts nothing: a reference that is gone, another event.
    pub fn of_detail(detail_type: &str, detail: &Value) -> Option<Self> {
        let change = match detail_type {
            PULL_REQUEST => pull_request(detail)?,
            _ => push(detail)?,
        };
        let files = detail["changedFiles"].as_array();
        Some(Self {
            full_repository_id: text(&detail["fullRepositoryId"]),
            change,
            changed_files: files.map(|files| files.iter().filter_map(text).collect()),
        })
    }

    pub fn detail_type(&self) -> &'static str {
        match self.change {
            GitChange::PullRequest { .. } => PULL_REQUEST,
            GitChange::Branch { .. } | GitChange::Tag { .. } => PUSH,
        }
    }

    /// What [`Self::of_detail`] reads.
    pub fn detail(&self) -> Map<String, Value> {
        let detail = match &self.change {
            GitChange::Branch { name, before, commit } => json!({
                "event": if before.is_some() { "referenceUpdated" } else { "referenceCreated" },
                "referenceType": "branch",
                "referenceName": name,
                "referenceFullName": format!("refs/heads/{name}"),
                "commitId": commit,
                "oldCommitId": before,
            }),
            GitChange::Tag { name, commit } => json!({
                "event": "referenceCreated",
                "referenceType": "tag",
                "referenceName": name,
                "referenceFullName": format!("refs/tags/{name}"),
                "commitId": commit,
            }),
            GitChange::PullRequest { event, id, source_branch, target_branch, commit } => json!({
                "event": event,
                "pullRequestId": id,
                "sourceBranch": source_branch,
                "targetBranch": target_branch,
                "commitId": commit,
            }),
        };
        let Value::Object(mut members) = detail else { return Map::new() };
        members.insert("fullRepositoryId".to_owned(), json!(self.full_repository_id));
        members.insert("changedFiles".to_owned(), json!(self.changed_files));
        members.retain(|_, value| !value.is_null());
        members
    }

    /// Whether this is about the repository, as an action names it.
    pub fn is_of(&self, full_repository_id: &str) -> bool {
        self.full_repository_id.as_ref().is_none_or(|told| told.eq_ignore_ascii_case(full_repository_id))
    }

    pub fn commit(&self) -> Option<&str> {
        match &self.change {
            GitChange::Branch { commit, .. } | GitChange::Tag { commit, .. } => Some(commit),
            GitChange::PullRequest { commit, .. } => commit.as_deref(),
        }
    }

    /// The branch whose files an execution takes; `None` for a tag.
    pub fn branch(&self) -> Option<&str> {
        match &self.change {
            GitChange::Branch { name, .. } => Some(name),
            GitChange::PullRequest { source_branch, .. } => Some(source_branch),
            GitChange::Tag { .. } => None,
        }
    }
}

/// `main of me/app is at 6113728f`
impl fmt::Display for GitEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.full_repository_id.as_ref().map(|id| format!(" of {id}")).unwrap_or_default();
        let at = self.commit().map(|commit| commit.chars().take(8).collect::<String>()).unwrap_or_default();
        match &self.change {
            GitChange::Branch { name, before: None, .. } => write!(f, "new branch {name}{of} at {at}"),
            GitChange::Branch { name, .. } => write!(f, "push to branch {name}{of} at {at}"),
            GitChange::Tag { name, .. } => write!(f, "push of tag {name}{of} at {at}"),
            GitChange::PullRequest { event, id, source_branch, target_branch, .. } => {
                let word = match event {
                    PullRequestEvent::Open => "opened",
                    PullRequestEvent::Updated => "updated",
                    PullRequestEvent::Closed => "closed",
                };
                write!(f, "pull request {id}{of} {word}: {source_branch} into {target_branch}")
            }
        }
    }
}

fn push(detail: &Value) -> Option<GitChange> {
    let is_there = matches!(detail["event"].as_str()?, "referenceCreated" | "referenceUpdated");
    let (name, commit) = (text(&detail["referenceName"])?, text(&detail["commitId"])?);
    match detail["referenceType"].as_str()? {
        "branch" if is_there => {
            Some(GitChange::Branch { name, before: text(&detail["oldCommitId"]), commit })
        }
        "tag" if is_there => Some(GitChange::Tag { name, commit }),
        _ => None,
    }
}

fn pull_request(detail: &Value) -> Option<GitChange> {
    Some(GitChange::PullRequest {
        event: serde_json::from_value(detail["event"].clone()).ok()?,
        id: text(&detail["pullRequestId"])?,
        source_branch: text(&detail["sourceBranch"])?,
        target_branch: text(&detail["targetBranch"])?,
        commit: text(&detail["commitId"]),
    })
}

pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written() {
        let of = |change, changed_files: Option<Vec<&str>>| GitEvent {
            full_repository_id: Some("me/app".into()),
            change,
            changed_files: changed_files.map(|files| files.into_iter().map(str::to_owned).collect()),
        };
        let branch = |before: Option<&str>| GitChange::Branch {
            name: "main".into(),
            before: before.map(str::to_owned),
            commit: "6113728f27ae".into(),
        };
        let pull_request = GitChange::PullRequest {
            event: PullRequestEvent::Updated,
            id: "7".into(),
            source_branch: "fix".into(),
            target_branch: "main".into(),
            commit: None,
        };
        let tag = GitChange::Tag { name: "v1".into(), commit: "6113728f27ae".into() };
        for (event, said) in [
            (of(branch(Some("c0")), Some(vec!["a", "b"])), "push to branch main of me/app at 6113728f"),
            (of(branch(None), None), "new branch main of me/app at 6113728f"),
            (of(tag, None), "push of tag v1 of me/app at 6113728f"),
            (of(pull_request, Some(vec![])), "pull request 7 of me/app updated: fix into main"),
        ] {
            let detail = Value::Object(event.detail());
            assert_eq!(GitEvent::of_detail(event.detail_type(), &detail), Some(event.clone()), "{detail}");
            assert_eq!(event.to_string(), said);
        }
    }
}
