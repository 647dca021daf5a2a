//! What is on disk.
//!
//! ```text
//! lock                              held while a process has the directory open
//! machines/NAME.json                the machine as it is now
//! definitions/SHA256.json           every definition that an execution may have been started with
//! executions.jsonl                  one line when an execution starts, one when it ends
//! executions/MACHINE/NAME.jsonl     one execution: what it was started with, then what happened to it
//! ```
//!
//! Records are written with one `write` each before they are acted on, and not synced: they survive
//! the death of the process, not of the machine's power. A torn last line is cut off.

mod catalog;
mod directory;
mod journal;
mod lines;
mod machines;

pub(crate) use catalog::{Catalog, Summary};
pub(crate) use directory::Directory;
pub use directory::StoreError;
pub(crate) use journal::Journal;
pub(crate) use machines::MachineRecord;
