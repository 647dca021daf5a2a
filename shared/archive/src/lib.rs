//! The zips that are handed from action to action: made so that the same input gives the same
//! bytes, and unpacked as if an attacker had made them.
//!
//! - [`pack_tree`], [`pack_files`] and [`pack_entries`] write a zip; [`unpack`] extracts one; [`read_entry`] takes one
//!   file out of one.
//! - What is packed here can be unpacked here: both sides hold the same rules about names and
//!   symbolic links, so a tree that could not be unpacked is refused where it is made.
//!
//! Nothing in here knows S3, pipelines or asynchrony; callers with an asynchronous runtime use a
//! blocking thread.

mod error;
mod limits;
mod name;
mod pack;
mod read;
mod reader;
mod tree;
mod unpack;

pub use error::{ArchiveError, Refusal};
pub use limits::Limits;
pub use pack::{EntryKind, PackedEntry, PackedFile, pack_entries, pack_files, pack_tree};
pub use read::read_entry;
pub use unpack::{Summary, unpack};
