//! The file `format`: which layout the directory has.
//!
//! Format 1 had no such file: it is what `pipewright run` made before there was a service. Format 3 lists all
//! pipelines in the store.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use super::upgrade::write_whole;

/// What this version writes.
pub const FORMAT: u32 = 3;

pub const FILE: &str = "format";
/// The oldest file of every data directory.
const OLDEST: &str = "dynamodb.sqlite";

#[derive(Debug)]
pub enum FormatError {
    Newer { found: u32 },
    NoFormat { text: String },
    Unreadable(io::Error),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { found } => write!(
                f,
                "its format is {found}; this is pipewright {}, which knows formats up to {FORMAT}. Use the \
                 version that wrote it or a newer one, or choose another directory with --data",
                env!("CARGO_PKG_VERSION")
            ),
            Self::NoFormat { text } => {
                write!(f, "the file {FILE} says {text:?}, which is no number of a format. Restore a backup")
            }
            Self::Unreadable(error) => write!(f, "the file {FILE} cannot be read: {error}"),
        }
    }
}

impl std::error::Error for FormatError {}

/// The format of what is in the directory; `None` where nothing is yet.
///
/// # Errors
/// It is newer than this version, or says nothing that can be understood.
pub fn format_of(directory: &Path) -> Result<Option<u32>, FormatError> {
    let text = match fs::read(directory.join(FILE)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(directory.join(OLDEST).exists().then_some(1));
        }
        Err(error) => return Err(FormatError::Unreadable(error)),
    };
    match text.trim().parse() {
        Ok(found) if (1..=FORMAT).contains(&found) => Ok(Some(found)),
        Ok(found) if found > FORMAT => Err(FormatError::Newer { found }),
        _ => Err(FormatError::NoFormat { text }),
    }
}

/// Says of the directory that it has this format from now on.
pub(super) fn mark(directory: &Path, format: u32) -> io::Result<()> {
    write_whole(&directory.join(FILE), &format!("{format}\n"))
}
