//! A push as the events that tell of it: one for each connection and CodeCommit repository that leads to where it
//! went.

use std::fs;
use std::path::{Path, PathBuf};

use platform::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::spool::Push;
use crate::template::Account;

const PLACEHOLDER: &str = "{FullRepositoryId}";

/// `name` is that of the push, and makes the ids of its events, so that they are the same each time.
pub(super) fn events(name: &str, push: &Push, connections: &[Connection], account: &Account) -> Vec<Value> {
    let led = connections.iter().filter_map(|connection| {
        let repository = leads_to(&connection.url, &push.repository)?;
        Some(event(name, push, connection, &repository, account))
    });
    led.collect()
}

/// What a connection calls the repository.
#[derive(Debug, PartialEq, Eq)]
enum Repository {
    Named(String),
    /// It leads to one repository, whatever that is called.
    Any,
}

/// `None` when the repository in `git_directory` is not where the URL leads.
fn leads_to(url: &str, git_directory: &Path) -> Option<Repository> {
    let url = url.strip_prefix("file://").unwrap_or(url);
    let Some((before, after)) = url.split_once(PLACEHOLDER) else {
        let place = fs::canonicalize(url).ok()?;
        return names_of(git_directory).contains(&place).then_some(Repository::Any);
    };
    // The directory is there; what comes behind it is a name.
    let (directory, beginning) = before.rsplit_once('/')?;
    let directory = fs::canonicalize(format!("{directory}/")).ok()?;
    let before = format!("{}/{beginning}", directory.display());
    names_of(git_directory).iter().find_map(|place| {
        let name = place.to_str()?.strip_prefix(&before)?.strip_suffix(after)?;
        (!name.is_empty() && !name.ends_with('/')).then(|| Repository::Named(name.to_owned()))
    })
}

/// `app/.git` is meant by `app`, and by itself.
fn names_of(git_directory: &Path) -> Vec<PathBuf> {
    let worktree = git_directory.parent().filter(|_| git_directory.ends_with(".git"));
    worktree.into_iter().chain([git_directory]).map(Path::to_owned).collect()
}

/// <https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html>
fn event(
    name: &str,
    push: &Push,
    connection: &Connection,
    repository: &Repository,
    account: &Account,
) -> Value {
    let arn = &connection.arn;
    let (kind, place) = if push.is_tag { ("tag", "tags") } else { ("branch", "heads") };
    let mut detail = json!({
        "event": if push.old_commit.is_some() { "referenceUpdated" } else { "referenceCreated" },
        "referenceType": kind,
        "referenceName": push.branch,
        "referenceFullName": format!("refs/{place}/{}", push.branch),
        "commitId": push.commit,
    });
    if let Some(old) = &push.old_commit {
        detail["oldCommitId"] = json!(old);
    }
    let codecommit = arn.split(':').nth(2) == Some("codecommit");
    let (source, detail_type) = match codecommit {
        true => ("aws.codecommit", "CodeCommit Repository State Change"),
        false => ("pipewright", "Connection Repository State Change"),
    };
    if codecommit {
        detail["repositoryName"] = json!(arn.rsplit(':').next());
    } else {
        detail["connectionArn"] = json!(arn);
    }
    if let Repository::Named(name) = repository {
        detail["fullRepositoryId"] = json!(name);
    }
    json!({
        "version": "0",
        "id": Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{name} {arn}").as_bytes()),
        "detail-type": detail_type,
        "source": source,
        "account": account.id,
        "region": account.region,
        "resources": [arn],
        "detail": detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_told_to_all_that_lead_to_its_repository_and_to_nobody_else() {
        let place = tempfile::tempdir().expect("a directory");
        let root = place.path().canonicalize().expect("it is there");
        for path in ["me/app/.git", "me/bare.git"] {
            fs::create_dir_all(root.join(path)).expect("a repository");
        }
        std::os::unix::fs::symlink(&root, root.join("link")).expect("a link");
        let named = |name: &str| Some(Repository::Named(name.into()));
        for (url, git_directory, expected) in [
            ("me/app", "me/app/.git", Some(Repository::Any)),
            ("me/app/.git", "me/app/.git", Some(Repository::Any)),
            ("link/me/app", "me/app/.git", Some(Repository::Any)),
            ("me/bare.git", "me/bare.git", Some(Repository::Any)),
            ("me", "me/app/.git", None),
            ("nowhere", "me/app/.git", None),
            ("{FullRepositoryId}", "me/app/.git", named("me/app")),
            ("link/{FullRepositoryId}", "me/app/.git", named("me/app")),
            ("{FullRepositoryId}.git", "me/bare.git", named("me/bare")),
            ("me/{FullRepositoryId}", "me/app/.git", named("app")),
            ("you/{FullRepositoryId}", "me/app/.git", None),
        ] {
            for scheme in ["", "file://"] {
                let found = leads_to(&format!("{scheme}{}/{url}", root.display()), &root.join(git_directory));
                assert_eq!(found, expected, "{scheme}{url} to {git_directory}");
            }
        }
        assert_eq!(leads_to("https://example.com/{FullRepositoryId}", &root.join("me/bare.git")), None);
    }

    #[test]
    fn an_event_has_the_words_of_codecommit_and_the_same_id_each_time() {
        let place = tempfile::tempdir().expect("a directory");
        let root = place.path().canonicalize().expect("it is there");
        let connection = |arn: &str| Connection {
            arn: arn.into(),
            url: root.display().to_string(),
            ..Connection::default()
        };
        let connections = [
            connection("arn:aws:codecommit:eu-west-1:123456789012:shop"),
            connection("arn:aws:codestar-connections:eu-west-1:123456789012:connection/c"),
        ];
        let push = Push {
            repository: root.clone(),
            branch: "a/b".into(),
            is_tag: false,
            old_commit: None,
            commit: "c1".into(),
        };
        let account = Account { id: "123456789012".into(), region: "eu-west-1".into() };
        let told = events("1-2-3", &push, &connections, &account);
        assert_eq!(told, events("1-2-3", &push, &connections, &account));
        assert_ne!(told[0]["id"], events("1-2-4", &push, &connections, &account)[0]["id"]);
        assert_ne!(told[0]["id"], told[1]["id"]);
        assert_eq!(told[0]["detail"]["repositoryName"], "shop");
        assert_eq!(told[1]["detail"]["connectionArn"], connections[1].arn.as_str());
        assert_eq!(told[0]["detail"]["event"], "referenceCreated");
        let tag = Push { is_tag: true, ..push.clone() };
        assert_eq!(
            events("n", &tag, &connections, &account)[1]["detail"]["referenceFullName"],
            "refs/tags/a/b"
        );
        let moved = Push { old_commit: Some("c0".into()), ..push };
        assert_eq!(events("n", &moved, &connections, &account)[0]["detail"]["event"], "referenceUpdated");
    }
}
