//! What Install will do, decided before it does anything.
//!
//! As the agent: directories are merged, files that a previous revision installed are replaced,
//! other files that are in the way are a matter of `fileExistsBehavior`.

use std::collections::{BTreeMap, BTreeSet};

use super::permissions::{Change, changes};
use super::{Entry, EntryKind};
use crate::appspec::{AppSpec, FileExistsBehavior};

/// What is at a path below the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Nothing,
    Directory,
    /// A file, a symbolic link, anything else.
    Other,
    /// Something above the path is no directory.
    Blocked,
}

/// Paths are relative: `source` to the revision, `path` to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Instruction {
    MakeDirectory { path: String },
    CopyFile { source: String, path: String },
    MakeLink { target: String, path: String },
    ChangeMode { path: String, mode: u32 },
    ChangeOwner { path: String, owner: Option<String>, group: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plan {
    pub(crate) instructions: Vec<Instruction>,
    /// What a later deployment has to remove, parents first.
    pub(crate) installed: Vec<String>,
    /// Files that were left as they are (RETAIN).
    pub(crate) retained: Vec<String>,
}

/// What the plan is made from.
pub(crate) struct Request<'r> {
    pub(crate) spec: &'r AppSpec,
    /// Of the revision, sorted by path.
    pub(crate) contents: &'r [Entry],
    /// What the last Install made.
    pub(crate) previous: &'r [String],
    /// Of the deployment; the appspec's goes before it.
    pub(crate) behavior: FileExistsBehavior,
    /// Owners and groups are not changed.
    pub(crate) as_current_user: bool,
}

/// # Errors
/// Why the revision cannot be installed, in the agent's words where it has them.
pub(crate) fn plan(request: &Request<'_>, existing: &dyn Fn(&str) -> Existing) -> Result<Plan, String> {
    let mut planner = Planner {
        behavior: request.spec.file_exists_behavior.unwrap_or(request.behavior),
        previous: request.previous.iter().map(String::as_str).collect(),
        existing,
        directories: BTreeSet::new(),
        copies: BTreeMap::new(),
        plan: Plan::default(),
    };
    for file in &request.spec.files {
        planner.map(&file.source, &file.destination, request.contents)?;
    }
    let Planner { directories, copies, mut plan, .. } = planner;
    for change in changes(&request.spec.permissions, &copies, &directories, existing)? {
        plan.instructions.extend(instructions_of(change, request.as_current_user));
    }
    Ok(plan)
}

fn instructions_of(change: Change, as_current_user: bool) -> Vec<Instruction> {
    let Change { path, mode, owner, group } = change;
    let mode = mode.map(|mode| Instruction::ChangeMode { path: path.clone(), mode });
    let changes_owner = !as_current_user && (owner.is_some() || group.is_some());
    // First the owner: giving a file away clears its set-user-id bit.
    let owner = changes_owner.then_some(Instruction::ChangeOwner { path, owner, group });
    owner.into_iter().chain(mode).collect()
}

struct Planner<'r> {
    behavior: FileExistsBehavior,
    previous: BTreeSet<&'r str>,
    existing: &'r dyn Fn(&str) -> Existing,
    directories: BTreeSet<String>,
    /// Destination to source.
    copies: BTreeMap<String, Entry>,
    plan: Plan,
}

impl Planner<'_> {
    fn map(&mut self, source: &str, destination: &str, contents: &[Entry]) -> Result<(), String> {
        let found = contents.iter().find(|entry| entry.path == source);
        match found {
            Some(entry) if entry.kind != EntryKind::Directory => {
                let name = source.rsplit('/').next().unwrap_or(source);
                self.copy(entry, &join(destination, name))
            }
            _ => self.copy_directory(source, destination, contents),
        }
    }

    fn copy_directory(&mut self, source: &str, destination: &str, contents: &[Entry]) -> Result<(), String> {
        self.make_directory(destination)?;
        let prefix = if source.is_empty() { String::new() } else { format!("{source}/") };
        for entry in contents {
            let Some(below) = entry.path.strip_prefix(&prefix) else { continue };
            let path = join(destination, below);
            match entry.kind {
                EntryKind::Directory => self.make_directory(&path)?,
                EntryKind::File | EntryKind::Symlink { .. } => self.copy(entry, &path)?,
            }
        }
        Ok(())
    }

    /// With its ancestors, as far as they are missing.
    fn make_directory(&mut self, path: &str) -> Result<(), String> {
        let ends = path.match_indices('/').map(|(index, _)| index).chain([path.len()]);
        for ancestor in ends.map(|end| &path[..end]).filter(|ancestor| !ancestor.is_empty()) {
            if self.directories.contains(ancestor) {
                continue;
            }
            if self.copies.contains_key(ancestor) {
                return Err(format!(
                    "The deployment failed because the application specification file makes /{ancestor} both \
                     a file and a directory. Update the files section of the AppSpec file, and then try again."
                ));
            }
            match self.after_cleanup(ancestor) {
                // A directory of the previous revision goes when it is empty, and may come back here.
                Existing::Directory if !self.previous.contains(ancestor) => {}
                Existing::Directory | Existing::Nothing => {
                    self.directories.insert(ancestor.into());
                    self.plan.installed.push(ancestor.into());
                    self.plan.instructions.push(Instruction::MakeDirectory { path: ancestor.into() });
                }
                Existing::Other | Existing::Blocked => return Err(already_exists(ancestor)),
            }
        }
        Ok(())
    }

    fn copy(&mut self, entry: &Entry, path: &str) -> Result<(), String> {
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.make_directory(parent)?;
        }
        if let Some(other) = self.copies.get(path) {
            return Err(format!(
                "The deployment failed because the application specification file specifies two source files \
                 named {} and {} for the same destination (/{path}). Remove one of the source file paths from \
                 the AppSpec file, and then try again.",
                other.path, entry.path
            ));
        }
        if self.directories.contains(path) {
            return Err(already_exists(path));
        }
        match (self.after_cleanup(path), self.behavior) {
            (Existing::Nothing, _) | (Existing::Other, FileExistsBehavior::Overwrite) => {}
            (Existing::Other, FileExistsBehavior::Retain) => {
                self.plan.retained.push(path.into());
                return Ok(());
            }
            (Existing::Other, FileExistsBehavior::Disallow)
            | (Existing::Directory | Existing::Blocked, _) => return Err(already_exists(path)),
        }
        let instruction = match &entry.kind {
            EntryKind::Symlink { target } => {
                link_stays_inside(path, target)?;
                Instruction::MakeLink { target: target.clone(), path: path.into() }
            }
            EntryKind::File | EntryKind::Directory => {
                Instruction::CopyFile { source: entry.path.clone(), path: path.into() }
            }
        };
        self.copies.insert(path.into(), entry.clone());
        self.plan.installed.push(path.into());
        self.plan.instructions.push(instruction);
        Ok(())
    }

    fn after_cleanup(&self, path: &str) -> Existing {
        match (self.existing)(path) {
            Existing::Other if self.previous.contains(path) => Existing::Nothing,
            found => found,
        }
    }
}

pub(super) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.into() } else { format!("{directory}/{name}") }
}

/// The agent's words.
fn already_exists(path: &str) -> String {
    format!("The deployment failed because a specified file already exists at this location: /{path}")
}

/// A link that is fine in the revision may lead out of the root from where it is installed.
fn link_stays_inside(path: &str, target: &str) -> Result<(), String> {
    let mut depth = path.matches('/').count();
    let mut inside = !target.starts_with('/');
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => inside = false,
            },
            _ => depth += 1,
        }
    }
    if inside {
        return Ok(());
    }
    Err(format!("The symbolic link /{path} would lead to {target}, out of the target's root directory"))
}

#[cfg(test)]
mod tests;
