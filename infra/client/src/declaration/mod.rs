//! Declarations of pipelines: read from files, and compared with each other.

mod changes;
mod difference;
mod file;
mod normal;

pub(crate) use changes::{Change, changes, changes_to_json};
pub(crate) use difference::difference;
pub(crate) use file::read;
pub(crate) use normal::normal;
