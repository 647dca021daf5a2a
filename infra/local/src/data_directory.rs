//! The directory that holds everything: one process at a time, and nobody else's business.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Open while this value lives.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

/// Below this nothing is started any more: what is recorded of a step takes some kilobytes, and a record
/// that does not fit on the disk is a step that cannot be taken.
const FREE_BYTES_MIN: u64 = 1024 * 1024;

#[derive(Debug)]
pub enum DataDirectoryError {
    InUse(PathBuf),
    Full { path: PathBuf, free_bytes: u64 },
    Unusable { path: PathBuf, source: io::Error },
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
        }
    }
}

impl std::error::Error for DataDirectoryError {}

impl DataDirectory {
    /// Makes the directory if it is not there, readable for its owner only, and locks it.
    pub fn open(path: &Path) -> Result<Self, DataDirectoryError> {
        let unusable = |source| DataDirectoryError::Unusable { path: path.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let path = path.canonicalize().map_err(unusable)?;
        let unusable = |source| DataDirectoryError::Unusable { path: path.clone(), source };
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock"));
        let lock = lock.map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {
                let directory = Self { path, _lock: lock };
                directory.check_space()?;
                Ok(directory)
            }
            Err(TryLockError::WouldBlock) => Err(DataDirectoryError::InUse(path)),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// Whether there is room to record what happens.
    ///
    /// # Errors
    /// `Full`, with what is left.
    pub fn check_space(&self) -> Result<(), DataDirectoryError> {
        let unusable = |source: rustix::io::Errno| DataDirectoryError::Unusable {
            path: self.path.clone(),
            source: source.into(),
        };
        let disk = rustix::fs::statvfs(&self.path).map_err(unusable)?;
        let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free_bytes < FREE_BYTES_MIN {
            return Err(DataDirectoryError::Full { path: self.path.clone(), free_bytes });
        }
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A part of it.
    pub fn join(&self, part: &str) -> PathBuf {
        self.path.join(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_told_what_to_do() {
        let place = tempfile::tempdir().expect("a directory");
        let first = DataDirectory::open(&place.path().join("data")).expect("it is free");
        let second = DataDirectory::open(first.path()).expect_err("it is in use");
        assert!(second.to_string().contains("--data"), "{second}");
        drop(first);
        DataDirectory::open(&place.path().join("data")).expect("it is free again");
    }
}
