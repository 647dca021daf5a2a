//! A plan carried out.
//!
//! What is about to be made is written down first, together with what is there: a crash in between
//! leaves a list that knows both, and the next Install cleans up all of it.

use std::fmt;
use std::io;
use std::path::Path;

use super::{Instruction, Plan, Root};
use crate::host::Host;

/// Installing stopped at a path; [`install`] may be tried again.
#[derive(Debug)]
pub(crate) struct InstallError {
    path: String,
    cause: io::Error,
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Install failed at /{}: {}", self.path, self.cause)
    }
}

/// Removes the `previous` revision's files and installs the new one. `remember` keeps the list of
/// what a later Install has to remove when this one does not come to its end; when it does, that is
/// [`Plan::installed`].
pub(crate) fn install(
    root: &Root,
    archive: &Path,
    plan: &Plan,
    previous: &[String],
    remember: &mut dyn FnMut(&[String]) -> io::Result<()>,
) -> Result<(), InstallError> {
    let at = |path: &str| {
        let path = path.to_string();
        move |cause| InstallError { path, cause }
    };
    let mut both = previous.to_vec();
    both.extend(plan.installed.iter().cloned());
    both.sort();
    both.dedup();
    remember(&both).map_err(at(""))?;
    let mut leaving: Vec<&String> = previous.iter().collect();
    // What lies in a directory sorts behind it, so backwards it goes first.
    leaving.sort();
    for path in leaving.into_iter().rev() {
        root.remove(path).map_err(at(path))?;
    }
    let changes_owner = |instruction: &Instruction| matches!(instruction, Instruction::ChangeOwner { .. });
    let host = if plan.instructions.iter().any(changes_owner) { Host::current() } else { Host::default() };
    for instruction in &plan.instructions {
        carry_out(root, archive, &host, instruction).map_err(at(path_of(instruction)))?;
    }
    Ok(())
}

fn carry_out(root: &Root, archive: &Path, host: &Host, instruction: &Instruction) -> io::Result<()> {
    match instruction {
        Instruction::MakeDirectory { path } => root.make_directory(path),
        Instruction::CopyFile { source, path } => root.copy_file(&archive.join(source), path),
        Instruction::MakeLink { target, path } => root.make_link(target, path),
        Instruction::ChangeMode { path, mode } => root.change_mode(path, *mode),
        Instruction::ChangeOwner { path, owner, group } => {
            let owner = owner.as_ref().map(|name| host.owner(name)).transpose().map_err(io::Error::other)?;
            let group = group.as_ref().map(|name| host.group(name)).transpose().map_err(io::Error::other)?;
            root.change_owner(path, owner, group)
        }
    }
}

fn path_of(instruction: &Instruction) -> &str {
    match instruction {
        Instruction::MakeDirectory { path }
        | Instruction::CopyFile { path, .. }
        | Instruction::MakeLink { path, .. }
        | Instruction::ChangeMode { path, .. }
        | Instruction::ChangeOwner { path, .. } => path,
    }
}
