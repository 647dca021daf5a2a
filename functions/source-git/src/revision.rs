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

/// How hosts of repositories name the page of a commit.
const PAGES: &[(&str, &str)] =
    &[("github.com", "commit"), ("gitlab.com", "-/commit"), ("bitbucket.org", "commits")];

/// The page of a commit, where the repository is at a host that has such pages.
pub(super) fn page_of(repository_url: &str, commit_id: &str) -> Option<String> {
    let (host, path) = match repository_url.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        // As ssh has it: git@github.com:owner/repository.git
        None => repository_url.split_once(':')?,
    };
    // Who signs in there is nobody's business.
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let (host, word) = PAGES.iter().find(|(known, _)| *known == host)?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!path.is_empty()).then(|| format!("https://{host}/{path}/{word}/{commit_id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_has_a_page_where_its_host_has_one() {
        for (url, expected) in [
            ("https://github.com/shop/app.git", Some("https://github.com/shop/app/commit/abc")),
            ("https://me:secret@github.com/shop/app", Some("https://github.com/shop/app/commit/abc")),
            ("git@gitlab.com:shop/web/app.git", Some("https://gitlab.com/shop/web/app/-/commit/abc")),
            ("ssh://git@bitbucket.org/shop/app/", Some("https://bitbucket.org/shop/app/commits/abc")),
            ("https://forge.example.com/shop/app", None),
            ("file:///srv/app", None),
            ("/srv/github.com/app", None),
            ("https://github.com/", None),
        ] {
            assert_eq!(page_of(url, "abc").as_deref(), expected, "{url}");
        }
    }
}
