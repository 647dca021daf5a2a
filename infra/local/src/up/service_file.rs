//! `service.json` in the data directory: where the service is that has it open.
//!
//! It is there while the service can be asked. One that a killed service left names a process that is gone;
//! the lock of the directory is what says whether there is one at all.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const NAME: &str = "service.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFile {
    /// `http://127.0.0.1:8787`
    pub endpoint: String,
    pub region: String,
    pub pid: u32,
    pub version: String,
}

#[derive(Debug)]
pub enum ServiceFileError {
    Unreadable { path: PathBuf, source: io::Error },
    Unwritable { path: PathBuf, source: io::Error },
    Malformed { path: PathBuf, reason: String },
}

impl fmt::Display for ServiceFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(f, "{} cannot be read: {source}", path.display()),
            Self::Unwritable { path, source } => write!(f, "{} cannot be written: {source}", path.display()),
            Self::Malformed { path, reason } => {
                write!(
                    f,
                    "{} is not what a service writes ({reason}); start the service again",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for ServiceFileError {}

impl ServiceFile {
    /// What is in the data directory `data`; `None` if no service is ready there.
    ///
    /// # Errors
    /// There is a file, and it says nothing.
    pub fn read(data: &Path) -> Result<Option<Self>, ServiceFileError> {
        let path = data.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ServiceFileError::Unreadable { path, source }),
        };
        let read = serde_json::from_slice(&text);
        read.map(Some).map_err(|error| ServiceFileError::Malformed { path, reason: error.to_string() })
    }

    /// Appears whole, readable for the owner only.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&self, data: &Path) -> Result<(), ServiceFileError> {
        let path = data.join(NAME);
        let written = serde_json::to_vec_pretty(self).map_err(io::Error::other).and_then(|text| {
            let mut file = tempfile::NamedTempFile::new_in(data)?;
            io::Write::write_all(&mut file, &text)?;
            file.persist(&path).map_err(|error| error.error)
        });
        written.map(|_| ()).map_err(|source| ServiceFileError::Unwritable { path, source })
    }

    /// The service cannot be asked any more, or not yet.
    ///
    /// # Errors
    /// The disk's.
    pub fn remove(data: &Path) -> Result<(), ServiceFileError> {
        let path = data.join(NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ServiceFileError::Unwritable { path, source: error })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_private_replaced_whole_and_gone_when_removed() {
        let place = tempfile::tempdir().expect("a directory");
        let file = ServiceFile {
            endpoint: "http://127.0.0.1:8787".to_owned(),
            region: "us-east-1".to_owned(),
            pid: 7,
            version: "0.1.0".to_owned(),
        };
        assert_eq!(ServiceFile::read(place.path()).expect("no error"), None);
        file.write(place.path()).expect("it is written");
        let again = ServiceFile { pid: 8, ..file };
        again.write(place.path()).expect("it is replaced");
        assert_eq!(ServiceFile::read(place.path()).expect("it is read"), Some(again));
        let mode = fs::metadata(place.path().join(NAME)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        for _ in 0..2 {
            ServiceFile::remove(place.path()).expect("it is removed, or was");
        }
        fs::write(place.path().join(NAME), "{").expect("it is damaged");
        let error = ServiceFile::read(place.path()).expect_err("it says nothing");
        assert!(error.to_string().contains("start the service again"), "{error}");
    }
}
