//! `pipewright backup` and `restore`: the data directory as it is at one moment.
//!
//! The parts of the directory refer to each other: what the engine has decided (`dynamodb.sqlite`) to the
//! workflows that carry it out (`stepfunctions/`), to builds, and to artifacts (`s3/`). A copy that was made
//! while they change would mix moments, and nobody could tell what it lost. So a backup is what a process that
//! is killed at one instant leaves on its disk, because that is what the next start is made for and tested
//! with:
//!
//! - a stopped service's directory does not change while the backup holds its lock;
//! - a running service copies itself. While calls of AWS are held and Step Functions stands still, neither the
//!   database nor a journal changes. Only builds and deployments go on: they replace their records whole, and
//!   put artifacts before they say that they did, so records are copied first and artifacts after them, until a
//!   look finds nothing new. An end that the copy knows and the engine does not is what the sweep asks about.
//!
//! Most is copied before anything is held; then only what has changed since.

mod ask;
mod command;
mod copy;
mod error;
mod make;
mod manifest;
mod private;
mod restore;
mod snapshot;

pub(crate) use ask::{ask, ask_health};
pub use command::{back_up, bring_back};
pub use error::BackupError;
pub use make::backup;
pub use restore::restore;
pub(crate) use snapshot::{remove_leftovers, snapshot_of_running};
