//! The files that an event changed: those that it lists, or what git says.
//!
//! Where neither can tell, every filter on files matches: the pipeline runs once too often and not once too seldom. It
//! is said so in what is kept of the event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::trigger::{ChangedFiles, GitChange, GitEvent, Host};
use git::{Comparison, Credentials, Head, Origin};
use platform::store::TriggerEvent;
use platform::{Connection, Fault, Platform};

/// How long git may take; the function has more.
const TIME_MAX: Duration = Duration::from_secs(90);

#[derive(Debug)]
pub(super) enum Files {
    NotAsked,
    All(Vec<String>),
    /// Why they are not known.
    Unknown(String),
}

impl Files {
    pub fn known(&self) -> ChangedFiles<'_> {
        match self {
            Self::NotAsked => ChangedFiles::NotAsked,
            Self::All(files) => ChangedFiles::All(files),
            Self::Unknown(_) => ChangedFiles::Unknown,
        }
    }

    pub fn note(self, event: &mut TriggerEvent) {
        match self {
            Self::NotAsked => {}
            Self::All(files) => event.changed_files = Some(files.len()),
            Self::Unknown(why) => event.files_unknown = Some(why),
        }
    }
}

pub(super) async fn of(platform: &Platform, connection_arn: &str, event: &GitEvent) -> Result<Files, Fault> {
    if let Some(files) = &event.changed_files {
        return Ok(Files::All(files.clone()));
    }
    let comparison = match comparison(event) {
        Some(comparison) => comparison,
        None => return Ok(Files::Unknown("the event does not say between which commits".to_owned())),
    };
    let Some(connection) = platform.store.connection(connection_arn, None).await? else {
        return Ok(Files::Unknown(format!("there is no connection '{connection_arn}'")));
    };
    let remote = match remote(platform, &connection, event).await? {
        Ok(remote) => remote,
        Err(why) => return Ok(Files::Unknown(why)),
    };
    Ok(match asked(remote, comparison).await {
        Ok(files) => Files::All(files),
        Err(why) => {
            tracing::warn!(connection = connection_arn, why, "the changed files are not known");
            Files::Unknown(why)
        }
    })
}

fn comparison(event: &GitEvent) -> Option<Comparison> {
    match &event.change {
        GitChange::Branch { before, commit, .. } => {
            Some(Comparison::Push { before: before.clone()?, after: commit.clone() })
        }
        GitChange::PullRequest { source_branch, target_branch, commit, .. } => {
            let source = commit.clone().map_or_else(|| Head::Branch(source_branch.clone()), Head::Commit);
            Some(Comparison::PullRequest { source, target: Head::Branch(target_branch.clone()) })
        }
        GitChange::Tag { .. } => None,
    }
}

async fn remote(
    platform: &Platform,
    connection: &Connection,
    event: &GitEvent,
) -> Result<Result<Origin, String>, Fault> {
    let secret = match platform.connection_secret(connection).await? {
        Ok(secret) => secret,
        Err(why) => return Ok(Err(why)),
    };
    let username = secret.username.unwrap_or_else(|| Host::username_of(connection.provider_type).to_owned());
    let credentials = secret.token.map(|password| Credentials { username, password });
    let repository = event.full_repository_id.as_deref().unwrap_or_default();
    Ok(Ok(Origin { url: connection.url_of(repository), credentials }))
}

async fn asked(remote: Origin, comparison: Comparison) -> Result<Vec<String>, String> {
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let flag = is_interrupted.clone();
    let asking = tokio::task::spawn_blocking(move || git::changed_files(&remote, &comparison, &flag));
    match tokio::time::timeout(TIME_MAX, asking).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => {
            is_interrupted.store(true, Ordering::Relaxed);
            Err(format!("git took longer than {} seconds", TIME_MAX.as_secs()))
        }
    }
}
