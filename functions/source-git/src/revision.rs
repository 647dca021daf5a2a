//! A commit as output variables.

use std::collections::BTreeMap;

use crate::repository::{Kind, Repository};

pub(super) struct Revision {
    /// In full.
    pub id: String,
    pub message: String,
    pub author_name: String,
    pub author_email: String,
    /// Seconds since the epoch.
    pub authored_at: i64,
    pub committed_at: i64,
}

pub(super) fn variables(
    commit: &Revision,
    branch: &str,
    repository: &Repository,
) -> BTreeMap<String, String> {
    let mut variables = vec![
        ("CommitId", commit.id.clone()),
        ("CommitMessage", commit.message.trim_end().to_owned()),
        ("AuthorDate", date(commit.authored_at)),
        ("AuthorDisplayName", commit.author_name.clone()),
        ("AuthorEmail", commit.author_email.clone()),
        ("BranchName", branch.to_owned()),
    ];
    match &repository.kind {
        Kind::Connection { arn, full_repository_id } => {
            variables.push(("ConnectionArn", arn.clone()));
            variables.push(("FullRepositoryName", full_repository_id.clone()));
        }
        Kind::CodeCommit { repository_name } => {
            variables.push(("RepositoryName", repository_name.clone()));
            variables.push(("CommitterDate", date(commit.committed_at)));
        }
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `2019-10-29T03:32:21Z`, as CodePipeline writes it.
fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|at| at.to_string()).unwrap_or_default()
}
