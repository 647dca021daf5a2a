//! Which files differ between two commits. Only trees are compared, and equal ones not looked into.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::atomic::AtomicBool;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::create::Kind;
use gix::objs::tree::EntryMode;
use gix::progress::Discard;
use gix::remote::fetch::Shallow;

use crate::{Head, Origin, told};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// A branch was moved from one commit to another.
    Push { before: String, after: String },
    /// What a branch has that another one has not, from where they parted.
    PullRequest { source: Head, target: Head },
}

/// The paths of all files that were added, changed or removed, in their order. A rename is both. `is_interrupted` ends
/// what takes too long.
///
/// # Errors
/// A sentence that says what git could not do.
pub fn changed_files(
    remote: &Origin,
    comparison: &Comparison,
    is_interrupted: &AtomicBool,
) -> Result<Vec<String>, String> {
    let (one, other, depth) = match comparison {
        Comparison::Push { before, after } => {
            (Head::Commit(before.clone()), Head::Commit(after.clone()), Some(NonZeroU32::MIN))
        }
        Comparison::PullRequest { source, target } => (target.clone(), source.clone(), None),
    };
    let one = Fetched::of(remote, &one, depth, is_interrupted)?;
    let other = Fetched::of(remote, &other, depth, is_interrupted)?;
    let before = match comparison {
        Comparison::Push { .. } => one.commit,
        // Their common ancestor is in the history of both.
        Comparison::PullRequest { .. } => parted(&one, &other)?,
    };
    differing(
        (&one.repository, tree(&one.repository, before)?),
        (&other.repository, tree(&other.repository, other.commit)?),
    )
}

/// A commit with the repository that has it.
struct Fetched {
    repository: gix::Repository,
    commit: ObjectId,
    /// Where it was fetched to; removed at the end.
    _place: Option<tempfile::TempDir>,
}

impl Fetched {
    fn of(
        remote: &Origin,
        head: &Head,
        depth: Option<NonZeroU32>,
        is_interrupted: &AtomicBool,
    ) -> Result<Self, String> {
        if let Some(directory) = remote.directory() {
            let repository = remote.open(directory)?;
            let commit = match head {
                Head::Commit(commit) => ObjectId::from_hex(commit.as_bytes()).map_err(told)?,
                Head::Branch(branch) => {
                    let name = format!("refs/heads/{branch}");
                    let mut reference = repository.find_reference(name.as_str()).map_err(told)?;
                    reference.peel_to_commit().map_err(told)?.id
                }
            };
            return Ok(Self { repository, commit, _place: None });
        }
        let place = tempfile::tempdir().map_err(|error| format!("no room for a clone: {error}"))?;
        let mut fetch = remote.prepare(head, place.path().join("objects"), Kind::Bare)?;
        if let Some(depth) = depth {
            fetch = fetch.with_shallow(Shallow::DepthAtRemote(depth));
        }
        let (repository, _) = fetch.fetch_only(Discard, is_interrupted).map_err(told)?;
        let commit = repository.head_commit().map_err(told)?.id;
        Ok(Self { repository, commit, _place: Some(place) })
    }
}

fn tree(repository: &gix::Repository, commit: ObjectId) -> Result<ObjectId, String> {
    let commit = repository.find_commit(commit).map_err(told)?;
    Ok(commit.tree_id().map_err(told)?.detach())
}

/// The first ancestor of `other` that is one of `one`, too.
fn parted(one: &Fetched, other: &Fetched) -> Result<ObjectId, String> {
    let mut known = HashSet::new();
    walk(one, |commit| {
        known.insert(commit);
        false
    })?;
    let found = walk(other, |commit| known.contains(&commit))?;
    found.ok_or_else(|| "the branches have no commit in common".to_owned())
}

/// From a commit to its ancestors, the nearest first, until `is_wanted`.
fn walk(from: &Fetched, mut is_wanted: impl FnMut(ObjectId) -> bool) -> Result<Option<ObjectId>, String> {
    let mut seen = HashSet::from([from.commit]);
    let mut waiting = VecDeque::from([from.commit]);
    while let Some(id) = waiting.pop_front() {
        if is_wanted(id) {
            return Ok(Some(id));
        }
        let commit = from.repository.find_commit(id).map_err(told)?;
        let parents: Vec<_> = commit.parent_ids().map(gix::Id::detach).collect();
        waiting.extend(parents.into_iter().filter(|parent| seen.insert(*parent)));
    }
    Ok(None)
}

type Entries = BTreeMap<Vec<u8>, (EntryMode, ObjectId)>;

fn differing(
    one: (&gix::Repository, ObjectId),
    other: (&gix::Repository, ObjectId),
) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    let mut waiting = vec![(String::new(), Some(one.1), Some(other.1))];
    while let Some((folder, before, after)) = waiting.pop() {
        let (before, after) = (entries(one.0, before)?, entries(other.0, after)?);
        let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for name in names {
            let (before, after) = (before.get(name), after.get(name));
            if before == after {
                continue;
            }
            let path = format!("{folder}{}", name.to_str_lossy());
            let tree = |entry: Option<&(EntryMode, ObjectId)>| {
                entry.filter(|(mode, _)| mode.is_tree()).map(|(_, id)| *id)
            };
            let is_file =
                |entry: Option<&(EntryMode, ObjectId)>| entry.is_some_and(|(mode, _)| !mode.is_tree());
            if is_file(before) || is_file(after) {
                files.push(path.clone());
            }
            if tree(before).is_some() || tree(after).is_some() {
                waiting.push((format!("{path}/"), tree(before), tree(after)));
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn entries(repository: &gix::Repository, tree: Option<ObjectId>) -> Result<Entries, String> {
    let Some(tree) = tree else { return Ok(Entries::new()) };
    let tree = repository.find_tree(tree).map_err(told)?;
    let mut entries = Entries::new();
    for entry in tree.iter() {
        let entry = entry.map_err(told)?;
        entries.insert(entry.filename().to_vec(), (entry.mode(), entry.oid().to_owned()));
    }
    Ok(entries)
}
