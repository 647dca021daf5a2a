//! Why there is no backup, or why one is not restored.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use archive::ArchiveError;

use crate::data_directory::{DataDirectoryError, FORMAT};

#[derive(Debug)]
pub enum BackupError {
    Io {
        path: PathBuf,
        source: io::Error,
    },
    Archive(ArchiveError),
    Directory(DataDirectoryError),
    /// There is nothing to back up.
    NoData(PathBuf),
    /// The target is not ours to overwrite.
    Exists(PathBuf),
    NoBackup {
        path: PathBuf,
        reason: String,
    },
    /// It lost something, or somebody changed it.
    Torn {
        path: PathBuf,
        reason: String,
    },
    Newer {
        path: PathBuf,
        format: u32,
        version: String,
    },
    /// The service that has the directory open did not make a copy.
    Service(String),
    /// Objects kept being written.
    Restless,
    /// Calls under way did not end.
    Busy,
}

impl BackupError {
    /// For `map_err`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Io { path: path.to_owned(), source }
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Archive(error) => error.fmt(f),
            Self::Directory(error) => error.fmt(f),
            Self::NoData(path) => {
                write!(f, "there is no data in {}; name the directory with --data", path.display())
            }
            Self::Exists(path) => {
                write!(f, "{} is there already and is not overwritten; choose another name", path.display())
            }
            Self::NoBackup { path, reason } => {
                write!(f, "{} is no backup that pipewright made: {reason}", path.display())
            }
            Self::Torn { path, reason } => {
                write!(
                    f,
                    "the backup {} is incomplete or was changed: {reason}. Use another one",
                    path.display()
                )
            }
            Self::Newer { path, format, version } => write!(
                f,
                "the backup {} was made by pipewright {version} and has format {format}; this is pipewright {}, \
                 which knows formats up to {FORMAT}. Use that version or a newer one",
                path.display(),
                env!("CARGO_PKG_VERSION")
            ),
            Self::Service(why) => write!(f, "the service that has the data open made no copy of it: {why}"),
            Self::Busy => f.write_str("calls did not end, so that nothing could be held still; try again"),
            Self::Restless => f.write_str(
                "objects kept being written while they were copied; try again when fewer builds run",
            ),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<ArchiveError> for BackupError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}
