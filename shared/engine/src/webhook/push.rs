//! What the body of a push says, as GitHub and those that do as it does send it.
//!
//! Source: GitHub documentation, "Webhook events and payloads", push.

use serde_json::Value;

use super::{AuthenticationType, WebhookDefinition};
use crate::declaration::ActionDeclaration;
use crate::execution::{SourceRevisionOverride, SourceRevisionType};

/// Where a branch leads that was deleted.
pub const ZERO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// A branch or tag has been moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// `refs/heads/main`
    reference: String,
    /// What it leads to now; `None` if it was deleted.
    commit: Option<String>,
    /// `owner/repository`
    repository: String,
}

impl Push {
    /// `None` for the body of another event. `event` is what the sender calls it, if it does: that is not signed, so it
    /// can only take away.
    pub fn of(event: Option<&str>, body: &Value) -> Option<Self> {
        if event.is_some_and(|event| event != "push") {
            return None;
        }
        let after = body["after"].as_str().filter(|commit| is_commit(commit))?;
        let is_deleted = after.bytes().all(|byte| byte == b'0') || body["deleted"] == true;
        Some(Self {
            reference: body["ref"].as_str()?.to_owned(),
            commit: (!is_deleted).then(|| after.to_owned()),
            repository: body["repository"]["full_name"].as_str()?.to_owned(),
        })
    }

    pub fn is_deletion(&self) -> bool {
        self.commit.is_none()
    }

    /// The pushed commit as what the action takes instead of the newest, if the push was to the action's own branch of
    /// its own repository. Otherwise the commit is none of those that the action would find.
    fn revision_of(&self, action: &ActionDeclaration) -> Option<SourceRevisionOverride> {
        let repository = match action.action_type_id.provider.as_str() {
            "CodeStarSourceConnection" => action.configuration("FullRepositoryId")?,
            "CodeCommit" => action.configuration("RepositoryName")?,
            _ => return None,
        };
        // CodeCommit's repositories have no owner.
        let (_, name) = self.repository.split_once('/').unwrap_or(("", &self.repository));
        let pushed = if repository.contains('/') { self.repository.as_str() } else { name };
        let is_branch = self.reference.strip_prefix("refs/heads/") == action.configuration("BranchName");
        let is_repository = pushed.eq_ignore_ascii_case(repository);
        let commit = self.commit.clone().filter(|_| action.is_source() && is_branch && is_repository)?;
        Some(SourceRevisionOverride {
            action_name: action.name.clone(),
            revision_type: SourceRevisionType::CommitId,
            revision_value: commit,
        })
    }
}

impl WebhookDefinition {
    /// What the target takes of a push. A body that is not signed names no commit: whoever sent it could name one that
    /// never was on the branch, as repositories also have the commits of their forks.
    pub fn pushed_revision(&self, push: &Push, target: &ActionDeclaration) -> Option<SourceRevisionOverride> {
        match self.authentication {
            AuthenticationType::GithubHmac => push.revision_of(target),
            AuthenticationType::Ip | AuthenticationType::Unauthenticated => None,
        }
    }
}

/// SHA-1 or SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64)
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COMMIT: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    fn body(reference: &str, after: &str, repository: &str) -> Value {
        json!({ "ref": reference, "after": after, "repository": { "full_name": repository } })
    }

    fn action(provider: &str, configuration: Value) -> ActionDeclaration {
        serde_json::from_value(json!({
            "name": "Source", "configuration": configuration,
            "actionTypeId": { "category": "Source", "owner": "AWS", "provider": provider, "version": "1" },
        }))
        .expect("an action")
    }

    #[test]
    fn a_push_is_told_from_other_events_and_a_deletion_from_a_commit() {
        let main = body("refs/heads/main", COMMIT, "me/app");
        let mut said_deleted = main.clone();
        said_deleted["deleted"] = json!(true);
        for (event, body, expected) in [
            (Some("push"), main.clone(), Some(false)),
            (None, main.clone(), Some(false)),
            (Some("push"), body("refs/heads/main", ZERO_COMMIT, "me/app"), Some(true)),
            (Some("push"), said_deleted, Some(true)),
            (Some("push"), body("refs/heads/main", &"a".repeat(64), "me/app"), Some(false)),
            (Some("pull_request"), main, None),
            (Some("push"), body("refs/heads/main", "HEAD", "me/app"), None),
            (Some("push"), body("refs/heads/main", "--upload-pack=x", "me/app"), None),
            (Some("push"), json!({ "after": COMMIT }), None),
            (Some("push"), json!([COMMIT]), None),
            (Some("push"), json!(null), None),
        ] {
            let push = Push::of(event, &body);
            assert_eq!(push.as_ref().map(Push::is_deletion), expected, "{event:?} {body}");
        }
    }

    #[test]
    fn only_a_signed_push_names_a_commit() {
        let push = Push::of(Some("push"), &body("refs/heads/main", COMMIT, "me/app")).expect("a push");
        let target = action("CodeCommit", json!({ "RepositoryName": "app", "BranchName": "main" }));
        for (authentication, expected) in
            [("GITHUB_HMAC", Some(COMMIT)), ("IP", None), ("UNAUTHENTICATED", None)]
        {
            let webhook: WebhookDefinition = serde_json::from_value(json!({
                "name": "w", "targetPipeline": "p", "targetAction": "Source", "filters": [],
                "authentication": authentication, "authenticationConfiguration": {},
            }))
            .expect("a webhook");
            let revision = webhook.pushed_revision(&push, &target);
            let commit = revision.as_ref().map(|revision| revision.revision_value.as_str());
            assert_eq!(commit, expected, "{authentication}");
        }
    }

    #[test]
    fn an_action_takes_the_commit_of_its_own_branch_and_repository_only() {
        let connection = action(
            "CodeStarSourceConnection",
            json!({ "FullRepositoryId": "me/app", "BranchName": "main", "ConnectionArn": "arn" }),
        );
        let codecommit = action("CodeCommit", json!({ "RepositoryName": "app", "BranchName": "main" }));
        let s3 = action("S3", json!({ "S3Bucket": "b", "S3ObjectKey": "k" }));
        for (reference, after, repository, action, expected) in [
            ("refs/heads/main", COMMIT, "me/app", &connection, true),
            ("refs/heads/main", COMMIT, "Me/App", &connection, true),
            ("refs/heads/main", COMMIT, "me/other", &connection, false),
            ("refs/heads/main", COMMIT, "other/app", &connection, false),
            ("refs/heads/feature", COMMIT, "me/app", &connection, false),
            ("refs/tags/main", COMMIT, "me/app", &connection, false),
            ("main", COMMIT, "me/app", &connection, false),
            ("refs/heads/main", ZERO_COMMIT, "me/app", &connection, false),
            ("refs/heads/main", COMMIT, "me/app", &codecommit, true),
            ("refs/heads/main", COMMIT, "me/other", &codecommit, false),
            ("refs/heads/main", COMMIT, "me/app", &s3, false),
        ] {
            let push = Push::of(Some("push"), &body(reference, after, repository)).expect("a push");
            let revision = push.revision_of(action);
            let taken =
                revision.as_ref().map(|taken| (taken.action_name.as_str(), taken.revision_value.as_str()));
            assert_eq!(
                taken,
                expected.then_some(("Source", COMMIT)),
                "{reference} {after} {repository} {action:?}"
            );
        }
    }
}
