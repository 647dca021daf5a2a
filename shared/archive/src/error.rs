//! Why an archive could not be made or was not unpacked.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub enum ArchiveError {
    /// The archive as a whole cannot be read: not a zip, cut off, several disks.
    NotAZip { reason: String },
    /// One entry is refused; nothing was unpacked.
    Refused { entry: String, refusal: Refusal },
    /// The destination exists and is not an empty directory.
    DestinationNotEmpty(PathBuf),
    /// This machine failed: a full disk, a missing permission.
    Io { path: PathBuf, source: io::Error },
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NameNotUtf8,
    NameEmpty,
    AbsolutePath,
    DriveLetter,
    Backslash,
    NulByte,
    ParentDirectory,
    PathTooLong {
        limit_bytes: usize,
    },
    TooDeep {
        limit: usize,
    },
    Duplicate,
    /// Differs from `other` only in the case of its letters, which some file systems cannot hold.
    CaseCollision {
        other: String,
    },
    /// `parent` is a file or a symbolic link in the same archive.
    ParentIsNoDirectory {
        parent: String,
    },
    /// A device, a pipe, a socket.
    SpecialFile,
    DirectoryWithContents,
    SymlinkTargetInvalid,
    SymlinkLeavesArchive {
        target: String,
    },
    SymlinkLoop {
        target: String,
    },
    Encrypted,
    UnsupportedCompression {
        method: String,
    },
    /// The local header tells another story than the central directory.
    HeaderMismatch {
        reason: String,
    },
    Overlap,
    TooManyEntries {
        limit: usize,
    },
    TooManyBytes {
        limit: u64,
    },
    RatioTooHigh {
        limit: u64,
    },
    /// Cut off, or the checksum differs.
    Corrupt {
        reason: String,
    },
}

impl ArchiveError {
    pub(crate) fn refused(entry: impl Into<String>, refusal: Refusal) -> Self {
        Self::Refused { entry: entry.into(), refusal }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAZip { reason } => write!(f, "the archive is not a readable zip: {reason}"),
            // The name comes from outside: escaped, so that it cannot forge a log line.
            Self::Refused { entry, refusal } => write!(f, "archive entry {entry:?}: {refusal}"),
            Self::DestinationNotEmpty(path) => {
                write!(f, "{} exists and is not an empty directory", path.display())
            }
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameNotUtf8 => f.write_str("its name is not UTF-8"),
            Self::NameEmpty => f.write_str("it has no name"),
            Self::AbsolutePath => f.write_str("its path is absolute"),
            Self::DriveLetter => f.write_str("its path has a drive letter"),
            Self::Backslash => f.write_str("its path has a backslash; separate directories with /"),
            Self::NulByte => f.write_str("its name has a NUL byte"),
            Self::ParentDirectory => f.write_str("its path has a .. component"),
            Self::PathTooLong { limit_bytes } => {
                write!(f, "its path is longer than {limit_bytes} bytes")
            }
            Self::TooDeep { limit } => write!(f, "it lies deeper than {limit} directories"),
            Self::Duplicate => f.write_str("it is in the archive twice"),
            Self::CaseCollision { other } => {
                write!(f, "its name differs from {other:?} only in upper and lower case")
            }
            Self::ParentIsNoDirectory { parent } => {
                write!(f, "{parent:?} above it is a file or a symbolic link")
            }
            Self::SpecialFile => f.write_str("it is a device, a pipe or a socket"),
            Self::DirectoryWithContents => f.write_str("it is a directory that has bytes"),
            Self::SymlinkTargetInvalid => f.write_str("it is a symbolic link without a usable target"),
            Self::SymlinkLeavesArchive { target } => {
                write!(f, "it is a symbolic link to {target:?}, outside of the archive")
            }
            Self::SymlinkLoop { target } => {
                write!(f, "it is a symbolic link to {target:?} that leads round in circles")
            }
            Self::Encrypted => f.write_str("it is encrypted"),
            Self::UnsupportedCompression { method } => {
                write!(f, "its compression {method} is not supported; use deflate or none")
            }
            Self::HeaderMismatch { reason } => {
                write!(f, "its local header differs from the central directory: {reason}")
            }
            Self::Overlap => f.write_str("its bytes are also those of another entry"),
            Self::TooManyEntries { limit } => {
                write!(f, "it is past the limit of {limit} entries in one archive")
            }
            Self::TooManyBytes { limit } => {
                write!(f, "with it the archive grows past the limit of {limit} bytes")
            }
            Self::RatioTooHigh { limit } => {
                write!(f, "it grows to more than {limit} times its compressed size")
            }
            Self::Corrupt { reason } => write!(f, "it is damaged: {reason}"),
        }
    }
}
