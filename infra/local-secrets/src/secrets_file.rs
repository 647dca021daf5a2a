//! The file of secrets that a user writes beside the pipeline.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use local_service::{ApiError, Timestamp};

use crate::document::{self, Document};

/// Secrets Manager keeps at most 64 KiB in a secret; more than this is another file.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A path, which is read whenever something is looked up. No file is a file without secrets.
#[derive(Debug, Clone)]
pub struct SecretsFile {
    path: PathBuf,
}

impl SecretsFile {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file could be used, so that a start can refuse it before anything runs.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn check(&self) -> Result<(), ApiError> {
        self.read().map(drop)
    }

    /// What is in it, and when it was changed.
    pub(crate) fn read(&self) -> Result<(Document, Timestamp), ApiError> {
        let unusable = |why: String| {
            ApiError::client(
                "InvalidRequestException",
                format!("the secrets file {}: {why}", self.path.display()),
            )
        };
        let cannot_be_read = |error: io::Error| unusable(format!("it cannot be read: {error}"));
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Document::default(), 0)),
            Err(error) => return Err(cannot_be_read(error)),
        };
        let metadata = file.metadata().map_err(cannot_be_read)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(unusable(format!(
                "others than its owner may read it; run `chmod 600 {}`",
                self.path.display()
            )));
        }
        let mut text = String::new();
        let mut limited = file.take(BYTES_MAX + 1);
        // The error of a text that is no UTF-8 does not quote it.
        limited.read_to_string(&mut text).map_err(cannot_be_read)?;
        if text.len() as u64 > BYTES_MAX {
            return Err(unusable(format!("it has more than {BYTES_MAX} bytes")));
        }
        let changed = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let changed_ms = changed.map_or(0, |since| Timestamp::try_from(since.as_millis()).unwrap_or(0));
        Ok((document::parse(&text).map_err(unusable)?, changed_ms))
    }

    pub(crate) fn no_such_secret(&self, id: &str) -> ApiError {
        ApiError::client(
            "ResourceNotFoundException",
            format!(
                "Secrets Manager can't find the specified secret. Add '{id}' below 'secrets' in {}",
                self.path.display()
            ),
        )
    }

    pub(crate) fn no_such_parameter(&self, name: &str) -> ApiError {
        ApiError::client(
            "ParameterNotFound",
            format!("There is no parameter {name}. Add it below 'parameters' in {}", self.path.display()),
        )
    }
}
