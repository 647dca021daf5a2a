//! How a commit gets here: from a repository of this machine it is read where it lies, from any other it is
//! fetched. Git reads no configuration of the host for it, and runs no hook.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use gix::clone::PrepareFetch;
use gix::create::{Kind, Options};
use gix::progress::Discard;
use gix::remote::fetch::Shallow;

use crate::files;
use crate::revision::Revision;

pub(super) struct Wanted {
    pub url: String,
    pub branch: String,
    /// In the place of the branch's newest.
    pub commit: Option<String>,
    pub with_history: bool,
}

pub(super) struct Fetched {
    pub revision: Revision,
    pub zip: Vec<u8>,
}

/// # Errors
/// A sentence that says what git could not do.
pub(super) fn fetch(wanted: &Wanted) -> Result<Fetched, String> {
    have_tls();
    if wanted.with_history {
        return whole_clone(wanted);
    }
    match directory(&wanted.url) {
        Some(directory) => files_of_directory(directory, wanted),
        None => files_of_remote(wanted),
    }
}

/// Where the repository lies, if that is a directory of this machine.
fn directory(url: &str) -> Option<PathBuf> {
    let url = gix::url::parse(url).ok()?;
    let is_here = url.scheme == gix::url::Scheme::File && url.host().is_none();
    is_here.then(|| gix::path::from_bstring(url.path)).and_then(Result::ok)
}

fn files_of_directory(directory: PathBuf, wanted: &Wanted) -> Result<Fetched, String> {
    // What `git replace` made of it is for those who work in this repository; a clone has it not.
    let options = gix::open::Options::isolated().config_overrides(["core.useReplaceRefs=false"]);
    let repository = gix::open_opts(directory, options).map_err(told)?;
    let commit = match &wanted.commit {
        Some(commit) => {
            let id = gix::ObjectId::from_hex(commit.as_bytes()).map_err(told)?;
            repository.find_object(id).map_err(told)?.peel_to_commit().map_err(told)?
        }
        None => branch(&repository, &wanted.branch)?.peel_to_commit().map_err(told)?,
    };
    files_of(&repository, &commit)
}

/// A branch of that name, before anything else that could be meant by it.
fn branch<'r>(repository: &'r gix::Repository, name: &str) -> Result<gix::Reference<'r>, String> {
    let branch = format!("refs/heads/{name}");
    match repository.try_find_reference(branch.as_str()).map_err(told)? {
        Some(branch) => Ok(branch),
        None => repository.find_reference(name).map_err(told),
    }
}

/// Its objects are all that is fetched and nothing is checked out: the zip is made of the objects.
fn files_of_remote(wanted: &Wanted) -> Result<Fetched, String> {
    let place = place()?;
    let fetch = prepare(wanted, place.path().join("objects"), Kind::Bare)?;
    let mut fetch = fetch.with_shallow(Shallow::DepthAtRemote(NonZeroU32::MIN));
    let (repository, _) = fetch.fetch_only(Discard, &AtomicBool::new(false)).map_err(told)?;
    let commit = repository.head_commit().map_err(told)?;
    files_of(&repository, &commit)
}

fn files_of(repository: &gix::Repository, commit: &gix::Commit<'_>) -> Result<Fetched, String> {
    let tree = commit.tree_id().map_err(told)?.detach();
    Ok(Fetched { revision: revision(commit)?, zip: files::pack(repository, tree)? })
}

/// With its `.git`, of which only a checkout can be made.
fn whole_clone(wanted: &Wanted) -> Result<Fetched, String> {
    let place = place()?;
    let root = place.path().join("clone");
    let no_interrupt = AtomicBool::new(false);
    let mut fetch = prepare(wanted, root.clone(), Kind::WithWorktree)?;
    let (mut checkout, _) = fetch.fetch_then_checkout(Discard, &no_interrupt).map_err(told)?;
    let (repository, _) = checkout.main_worktree(Discard, &no_interrupt).map_err(told)?;
    let revision = revision(&repository.head_commit().map_err(told)?)?;
    drop(repository);

    let mut zip = std::io::Cursor::new(Vec::new());
    archive::pack_tree(&root, &mut zip).map_err(told)?;
    Ok(Fetched { revision, zip: zip.into_inner() })
}

fn place() -> Result<tempfile::TempDir, String> {
    tempfile::tempdir().map_err(|error| format!("no room for a clone: {error}"))
}

fn prepare(wanted: &Wanted, root: PathBuf, kind: Kind) -> Result<PrepareFetch, String> {
    let isolated = gix::open::Options::isolated();
    let fetch = PrepareFetch::new(wanted.url.as_str(), root, kind, Options::default(), isolated);
    let fetch = fetch.map_err(told)?;
    match &wanted.commit {
        Some(commit) => fetch.with_revision(Some(commit.as_str())).map_err(told),
        None => fetch.with_ref_name(Some(wanted.branch.as_str())).map_err(told),
    }
}

/// `reqwest`, which fetches over HTTPS for git, wants to be told whose cryptography to use. Somebody else in
/// the process may have said so before, which is as good.
fn have_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn revision(commit: &gix::Commit<'_>) -> Result<Revision, String> {
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

/// What went wrong, down to its cause: the outermost error alone says little.
pub(super) fn told(error: impl std::error::Error) -> String {
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

#[cfg(test)]
mod tests;
