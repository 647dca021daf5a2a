//! Why a data directory cannot be used, in words for the person at the keyboard.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::format::FormatError;
use super::space::FREE_BYTES_MIN;

#[derive(Debug)]
pub enum DataDirectoryError {
    InUse(PathBuf),
    Full { path: PathBuf, free_bytes: u64 },
    Unusable { path: PathBuf, source: io::Error },
    Format { path: PathBuf, error: FormatError },
    NotUpgraded { path: PathBuf, step: &'static str, source: io::Error },
}

impl fmt::Display for DataDirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => write!(
                f,
                "the data directory {} is in use by another process. Wait for it to end, or choose another \
                 directory with --data",
                path.display()
            ),
            Self::Full { path, free_bytes } => write!(
                f,
                "the disk of the data directory {} is full: {free_bytes} bytes are free, {FREE_BYTES_MIN} are \
                 needed. Free some and run again; what was recorded is kept",
                path.display()
            ),
            Self::Unusable { path, source } => {
                write!(f, "the data directory {} cannot be used: {source}", path.display())
            }
            Self::Format { path, error } => write!(f, "the data directory {}: {error}", path.display()),
            Self::NotUpgraded { path, step, source } => write!(
                f,
                "the data directory {} could not be brought up to date ({step}): {source}. Nothing is lost; \
                 mend it and start again",
                path.display()
            ),
        }
    }
}

impl std::error::Error for DataDirectoryError {}
