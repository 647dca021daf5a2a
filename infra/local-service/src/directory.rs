//! A service's directory: one process at a time, and nobody else's business.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why a directory, or a record in it, cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// Another process, or another service in this one, has it open.
    InUse(PathBuf),
    /// A record that no crash explains: somebody edited it, or the disk is failing.
    Unreadable {
        path: PathBuf,
        reason: String,
    },
    Io {
        path: PathBuf,
        source: io::Error,
    },
}

impl OpenError {
    /// For `map_err`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Io { path: path.to_owned(), source }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => write!(
                f,
                "{} is in use by another process; stop it, or choose another directory",
                path.display()
            ),
            Self::Unreadable { path, reason } => write!(
                f,
                "{} cannot be read ({reason}); restore it, or remove it to go on without it",
                path.display()
            ),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::InUse(_) | Self::Unreadable { .. } => None,
        }
    }
}

/// A directory that is ours while this value lives. The lock is the system's: it ends with the process,
/// however that ends.
#[derive(Debug)]
pub struct LockedDirectory {
    path: PathBuf,
    lock: File,
}

impl LockedDirectory {
    /// Makes the directory if it is not there, readable for its owner only, and locks it.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when somebody else has it open.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(OpenError::io(path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path);
        let lock = lock.map_err(OpenError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(OpenError::Io { path: lock_path, source }),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Something in it.
    pub fn join(&self, part: impl AsRef<Path>) -> PathBuf {
        self.path.join(part)
    }

    /// Lets somebody else open the directory; who unlocks must not write any more.
    ///
    /// # Errors
    /// The system's; the lock then ends with the process.
    pub fn unlock(&self) -> io::Result<()> {
        self.lock.unlock()
    }
}

impl Drop for LockedDirectory {
    /// Closing the file is not enough: a process that another thread is just starting holds a copy of it until it
    /// runs its program, and the lock with it.
    fn drop(&mut self) {
        // What cannot be unlocked ends with the last copy.
        let _ = self.unlock();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_directory_is_private_and_belongs_to_one_at_a_time() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("a/b");
        let first = LockedDirectory::open(&path).expect("it is free");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o700);
        let second = LockedDirectory::open(&path).expect_err("it is in use");
        assert!(matches!(&second, OpenError::InUse(in_use) if *in_use == path), "{second}");
        drop(first);
        let third = LockedDirectory::open(&path).expect("it is free again");
        third.unlock().expect("it was locked");
        LockedDirectory::open(&path).expect("it was given away");
    }

    #[test]
    fn a_directory_that_was_let_go_is_free_although_a_process_still_holds_its_lock_file() {
        let place = tempfile::tempdir().expect("a directory");
        let first = LockedDirectory::open(place.path()).expect("it is free");
        let copy = first.lock.try_clone().expect("as a process that is being started has it");
        drop(first);
        LockedDirectory::open(place.path()).expect("it is free again");
        drop(copy);
    }

    #[test]
    fn an_error_names_the_path() {
        let error = LockedDirectory::open(Path::new("/dev/null/x")).expect_err("no directory can be there");
        assert!(error.to_string().contains("/dev/null/x"), "{error}");
    }
}
