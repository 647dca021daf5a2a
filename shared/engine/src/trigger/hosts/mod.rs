//! What hosts of repositories send, each in its own words, as events in ours.

mod bitbucket;
mod github;
mod gitlab;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::text;
use super::{GitChange, GitEvent};
use crate::declaration::PullRequestEvent;

/// A host of repositories, as CodeConnections names its providers. A server of one's own speaks as the public one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Host {
    Bitbucket,
    GitHub,
    GitHubEnterpriseServer,
    GitLab,
    GitLabSelfManaged,
}

impl Host {
    pub const ALL: [Self; 5] =
        [Self::Bitbucket, Self::GitHub, Self::GitHubEnterpriseServer, Self::GitLab, Self::GitLabSelfManaged];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bitbucket => "Bitbucket",
            Self::GitHub => "GitHub",
            Self::GitHubEnterpriseServer => "GitHubEnterpriseServer",
            Self::GitLab => "GitLab",
            Self::GitLabSelfManaged => "GitLabSelfManaged",
        }
    }

    /// What hosts want as the name where a token is the password (GitHub documentation, "Authenticating as a GitHub App
    /// installation"; GitLab documentation, "OAuth 2.0"; Bitbucket Cloud documentation, "Using access tokens").
    pub fn username_of(host: Option<Self>) -> &'static str {
        match host {
            Some(Self::Bitbucket) => "x-token-auth",
            Some(Self::GitLab | Self::GitLabSelfManaged) => "oauth2",
            Some(Self::GitHub | Self::GitHubEnterpriseServer) | None => "x-access-token",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|host| host.name() == text);
        found.ok_or_else(|| format!("'{text}' is none of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Why what was sent is no event of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored(pub String);

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a body tells of; Bitbucket tells of several changes at once. `event` is what the header of the host calls it.
///
/// # Errors
/// Why it tells of nothing that starts a pipeline.
pub fn events_of(host: Host, event: &str, body: &Value) -> Result<Vec<GitEvent>, Ignored> {
    match host {
        Host::GitHub | Host::GitHubEnterpriseServer => github::event(event, body).map(|event| vec![event]),
        Host::GitLab | Host::GitLabSelfManaged => gitlab::event(body).map(|event| vec![event]),
        Host::Bitbucket => bitbucket::events(event, body),
    }
}

fn ignored<T>(why: impl Into<String>) -> Result<T, Ignored> {
    Err(Ignored(why.into()))
}

/// A member that has to be there.
fn required(body: &Value, pointer: &str) -> Result<String, Ignored> {
    let value = body.pointer(pointer).and_then(text);
    value.ok_or_else(|| Ignored(format!("the body has no text at {}", pointer.replace('/', "."))))
}

/// A commit in full: SHA-1 or SHA-256.
fn commit(value: &Value) -> Option<String> {
    let is_commit = |text: &String| {
        matches!(text.len(), 40 | 64)
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    text(value).filter(is_commit)
}

/// The same; `None` also for all zeros, which stand for what is not there.
fn existing(value: &Value) -> Option<String> {
    commit(value).filter(|commit| commit.bytes().any(|byte| byte != b'0'))
}

/// What GitHub and GitLab push: a full reference, from one commit to another.
fn reference(full: &str, before: &Value, after: Option<String>) -> Result<GitChange, Ignored> {
    let Some(commit) = after else { return ignored(format!("the push deleted {full}")) };
    if let Some(name) = full.strip_prefix("refs/tags/") {
        return Ok(GitChange::Tag { name: name.to_owned(), commit });
    }
    match full.strip_prefix("refs/heads/") {
        Some(name) => Ok(GitChange::Branch { name: name.to_owned(), before: existing(before), commit }),
        None => ignored(format!("{full} is neither a branch nor a tag")),
    }
}

/// The files of the commits of a push; `None` if a commit does not say.
fn files_of(commits: &[Value]) -> Option<Vec<String>> {
    let mut files = std::collections::BTreeSet::new();
    for commit in commits {
        for member in ["added", "modified", "removed"] {
            files.extend(commit[member].as_array()?.iter().filter_map(text));
        }
    }
    Some(files.into_iter().collect())
}

/// A pull request of two branches; what comes from another repository is nobody's of this one.
struct PullRequest {
    event: PullRequestEvent,
    id: String,
    repository: String,
    source_repository: Option<String>,
    source_branch: String,
    target_branch: String,
    commit: Option<String>,
}

impl PullRequest {
    /// The code of a fork is not run with what a pipeline may: whoever can make one is a stranger.
    fn into_event(self) -> Result<GitEvent, Ignored> {
        let is_own = self.source_repository.as_ref() == Some(&self.repository);
        if !is_own {
            return ignored(format!(
                "pull request {} comes from a fork ({}), whose code is not run",
                self.id,
                self.source_repository.as_deref().unwrap_or("which is gone")
            ));
        }
        Ok(GitEvent {
            full_repository_id: Some(self.repository),
            change: GitChange::PullRequest {
                event: self.event,
                id: self.id,
                source_branch: self.source_branch,
                target_branch: self.target_branch,
                commit: self.commit,
            },
            changed_files: None,
        })
    }
}

#[cfg(test)]
mod tests;
