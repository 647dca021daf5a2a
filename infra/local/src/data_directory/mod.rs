//! The directory that holds everything: one process at a time, nobody else's business, and of a format that
//! this version understands.

mod error;
mod format;
mod open;
mod region;
mod space;
mod upgrade;

pub use error::DataDirectoryError;
pub(crate) use format::{FILE as FORMAT_FILE, format_of};
pub use format::{FORMAT, FormatError};
pub use open::{DataDirectory, is_open};
pub(crate) use space::{FREE_BYTES_MIN, free_bytes};
