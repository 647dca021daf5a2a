//! Opening the directory: made when it is not there, locked, and brought up to date.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::DataDirectoryError;
use super::space::{FREE_BYTES_MIN, free_bytes};
use super::{FORMAT, region, upgrade};

/// Open while this value lives.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    format: u32,
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory if it is not there, readable for its owner only, and locks it. What an older
    /// version left in it is brought up to date.
    ///
    /// # Errors
    /// Another process has it, the disk is full, or a newer version wrote it.
    pub fn open(path: &Path) -> Result<Self, DataDirectoryError> {
        let unusable = |source| DataDirectoryError::Unusable { path: path.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let path = path.canonicalize().map_err(unusable)?;
        let unusable = |source| DataDirectoryError::Unusable { path: path.clone(), source };
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock"));
        let lock = lock.map_err(unusable)?;
        match patiently(|| lock.try_lock()) {
            Ok(()) => {
                let mut directory = Self { path, format: FORMAT, _lock: lock };
                directory.check_space()?;
                directory.format = upgrade::bring_up_to_date(&directory.path)?;
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
        let free_bytes = free_bytes(&self.path).map_err(|source| self.unusable(source))?;
        if free_bytes < FREE_BYTES_MIN {
            return Err(DataDirectoryError::Full { path: self.path.clone(), free_bytes });
        }
        Ok(())
    }

    /// The Region that a service over this directory has; `None` before its first start.
    ///
    /// # Errors
    /// `Unusable`.
    pub fn region(&self) -> Result<Option<String>, DataDirectoryError> {
        region::read(&self.path).map_err(|source| self.unusable(source))
    }

    /// From now on a service over this directory has this Region.
    ///
    /// # Errors
    /// `Unusable`.
    pub fn remember_region(&self, region: &str) -> Result<(), DataDirectoryError> {
        region::write(&self.path, region).map_err(|source| self.unusable(source))
    }

    /// What its content had when it was opened, its files being up to date.
    pub(crate) fn format(&self) -> u32 {
        self.format
    }

    /// Says that its tables are up to date as well.
    ///
    /// # Errors
    /// `NotUpgraded`.
    pub(crate) fn mark_as_current(&self) -> Result<(), DataDirectoryError> {
        upgrade::mark_as_current(&self.path)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A part of it.
    pub fn join(&self, part: &str) -> PathBuf {
        self.path.join(part)
    }

    fn unusable(&self, source: io::Error) -> DataDirectoryError {
        DataDirectoryError::Unusable { path: self.path.clone(), source }
    }
}

/// Somebody who only asks whether it is open holds the lock for a moment.
fn patiently(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    const ATTEMPTS: u32 = 5;
    const PAUSE: Duration = Duration::from_millis(5);
    for _ in 1..ATTEMPTS {
        match lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            locked => return locked,
        }
    }
    lock()
}

/// Whether a process has the directory open. Asking changes nothing.
pub fn is_open(path: &Path) -> bool {
    let Ok(lock) = File::open(path.join("lock")) else { return false };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::super::{FORMAT, format_of};
    use super::*;

    #[test]
    fn a_second_process_is_told_what_to_do() {
        let place = tempfile::tempdir().expect("a directory");
        let first = DataDirectory::open(&place.path().join("data")).expect("it is free");
        let second = DataDirectory::open(first.path()).expect_err("it is in use");
        assert!(second.to_string().contains("--data"), "{second}");
        assert!(is_open(first.path()));
        let path = first.path().to_owned();
        drop(first);
        assert!(!is_open(&path) && !is_open(&place.path().join("nothing")));
        DataDirectory::open(&path).expect("it is free again");
    }

    #[test]
    fn formats_are_marked_upgraded_and_refused() {
        let machine = "stepfunctions/machines/m.json";
        let arn = r#"{"arn":"arn:aws:states:eu-west-1:123456789012:stateMachine:m"}"#;
        let newer = (FORMAT + 1).to_string();
        type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Result<Option<&'a str>, &'a str>);
        let table: [Row<'_>; 6] = [
            ("a new directory", &[], Ok(None)),
            ("format 1", &[("dynamodb.sqlite", "")], Ok(None)),
            ("format 1 with workflows", &[("dynamodb.sqlite", ""), (machine, arn)], Ok(Some("eu-west-1"))),
            (
                "interrupted at the step",
                &[("dynamodb.sqlite", ""), ("region", "eu-west-1\n")],
                Ok(Some("eu-west-1")),
            ),
            ("a newer one", &[("format", &newer)], Err("--data")),
            ("nonsense", &[("format", "two")], Err("Restore a backup")),
        ];
        for (what, files, expected) in table {
            let place = tempfile::tempdir().expect("a directory");
            for (name, text) in files {
                let path = place.path().join(name);
                fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                fs::write(path, text).expect("a file");
            }
            match (DataDirectory::open(place.path()), expected) {
                (Ok(directory), Ok(region)) => {
                    assert_eq!(directory.region().expect("readable").as_deref(), region, "{what}");
                    let marked = format_of(place.path()).expect("a format");
                    assert_eq!(marked, Some(directory.format()), "{what}");
                    assert_eq!(directory.format() == FORMAT, files.is_empty(), "{what}: tables come later");
                }
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{what}: {error}"),
                (opened, _) => panic!("{what}: {opened:?}"),
            }
        }
    }
}
