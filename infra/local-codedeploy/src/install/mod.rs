//! The Install event: a plan made of data, and the thin part that carries it out.
//!
//! [`plan()`] decides what is copied where, before anything is removed; [`Root`] is the only code that
//! writes, and cannot leave the target's root directory.

mod carry_out;
mod contents;
mod permissions;
mod plan;
mod root;

pub(crate) use carry_out::install;
pub(crate) use contents::contents;
pub(crate) use plan::{Existing, Instruction, Plan, Request, plan};
pub(crate) use root::Root;

/// One path of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Relative to the revision's root, with `/`.
    pub(crate) path: String,
    pub(crate) kind: EntryKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Directory,
    Symlink { target: String },
}
