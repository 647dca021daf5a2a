//! How a commit gets here: from a repository of this machine it is read where it lies, from any other it is
//! fetched.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use git::{Head, Origin, told};
use gix::create::Kind;
use gix::progress::Discard;
use gix::remote::fetch::Shallow;

use crate::files;
use crate::revision::Revision;

pub(super) struct Wanted {
    pub remote: Origin,
    pub branch: String,
    /// In the place of the branch's newest.
    pub commit: Option<String>,
    pub with_history: bool,
}

impl Wanted {
    fn head(&self) -> Head {
        match &self.commit {
            Some(commit) => Head::Commit(commit.clone()),
            None => Head::Branch(self.branch.clone()),
        }
    }
}

pub(super) struct Fetched {
    pub revision: Revision,
    pub zip: Vec<u8>,
}

/// # Errors
/// A sentence that says what git could not do.
pub(super) fn fetch(wanted: &Wanted) -> Result<Fetched, String> {
    if wanted.with_history {
        return whole_clone(wanted);
    }
    match wanted.remote.directory() {
        Some(directory) => files_of_directory(directory, wanted),
        None => files_of_remote(wanted),
    }
}

fn files_of_directory(directory: PathBuf, wanted: &Wanted) -> Result<Fetched, String> {
    let repository = wanted.remote.open(directory)?;
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
    let fetch = wanted.remote.prepare(&wanted.head(), place.path().join("objects"), Kind::Bare)?;
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
    let mut fetch = wanted.remote.prepare(&wanted.head(), root.clone(), Kind::WithWorktree)?;
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

#[cfg(test)]
mod tests;
