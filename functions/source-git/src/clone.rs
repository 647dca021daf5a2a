//! A commit of a repository, as a zip: fetched and checked out into a directory of its own by a git that
//! reads no configuration of the host and runs no hook.

use std::fs;
use std::io::Cursor;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicBool;

use gix::clone::PrepareFetch;
use gix::create::{Kind, Options};
use gix::progress::Discard;
use gix::remote::fetch::Shallow;

use crate::revision::Revision;

pub(super) struct Wanted {
    pub url: String,
    pub branch: String,
    /// In the place of the branch's newest.
    pub commit: Option<String>,
    pub with_history: bool,
}

pub(super) struct Cloned {
    pub revision: Revision,
    pub zip: Vec<u8>,
}

/// # Errors
/// A sentence that says what git could not do.
pub(super) fn clone(wanted: &Wanted) -> Result<Cloned, String> {
    have_tls();
    let place = tempfile::tempdir().map_err(|error| format!("no room for a clone: {error}"))?;
    let root = place.path().join("clone");
    let no_interrupt = AtomicBool::new(false);

    let fetch = PrepareFetch::new(
        wanted.url.as_str(),
        &root,
        Kind::WithWorktree,
        Options::default(),
        gix::open::Options::isolated(),
    );
    let fetch = fetch.map_err(told)?;
    let mut fetch = at_revision(fetch, wanted)?;
    let (mut checkout, _) = fetch.fetch_then_checkout(Discard, &no_interrupt).map_err(told)?;
    let (repository, _) = checkout.main_worktree(Discard, &no_interrupt).map_err(told)?;
    let revision = head(&repository)?;
    drop(repository);

    if !wanted.with_history {
        fs::remove_dir_all(root.join(".git")).map_err(told)?;
    }
    let mut zip = Cursor::new(Vec::new());
    archive::pack_tree(&root, &mut zip).map_err(told)?;
    Ok(Cloned { revision, zip: zip.into_inner() })
}

/// What went wrong, down to its cause: the outermost error alone says little.
fn told(error: impl std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

/// `reqwest`, which fetches over HTTPS for git, wants to be told whose cryptography to use. Somebody else in
/// the process may have said so before, which is as good.
fn have_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Without its history a commit is all that is fetched.
fn at_revision(fetch: PrepareFetch, wanted: &Wanted) -> Result<PrepareFetch, String> {
    let fetch = match &wanted.commit {
        Some(commit) => fetch.with_revision(Some(commit.as_str())).map_err(told)?,
        None => fetch.with_ref_name(Some(wanted.branch.as_str())).map_err(told)?,
    };
    Ok(match wanted.with_history {
        true => fetch,
        false => fetch.with_shallow(Shallow::DepthAtRemote(NonZeroU32::MIN)),
    })
}

fn head(repository: &gix::Repository) -> Result<Revision, String> {
    let commit = repository.head_commit().map_err(told)?;
    let author = commit.author().map_err(told)?;
    let committer = commit.committer().map_err(told)?;
    Ok(Revision {
        id: commit.id().to_string(),
        message: commit.message_raw_sloppy().to_string(),
        author_name: author.name.to_string(),
        author_email: author.email.to_string(),
        authored_at: author.time().map(|time| time.seconds).unwrap_or_default(),
        committed_at: committer.time().map(|time| time.seconds).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
