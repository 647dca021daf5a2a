//! Where things are, and the lock that keeps a second process out.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use local_service::{LockedDirectory, OpenError};
use sha2::{Digest, Sha256};

/// Why the data directory cannot be opened, read or written.
#[derive(Debug)]
pub enum StoreError {
    /// A file operation failed.
    Io { path: PathBuf, source: io::Error },
    /// The directory is somebody else's, or cannot be made.
    Open(OpenError),
    /// A line that is not the last one cannot be read.
    Damaged { path: PathBuf, line: usize, message: String },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Open(error) => error.fmt(f),
            Self::Damaged { path, line, message } => write!(
                f,
                "{}: line {line} is damaged ({message}); move the file away to go on without it",
                path.display()
            ),
        }
    }
}

impl std::error::Error for StoreError {}

#[derive(Debug)]
pub(crate) struct Directory(LockedDirectory);

impl Directory {
    pub(crate) fn open(root: &Path) -> Result<Self, StoreError> {
        let directory = LockedDirectory::open(root).map_err(StoreError::Open)?;
        for folder in ["machines", "definitions", "executions"] {
            create_folder(&directory.join(folder))?;
        }
        Ok(Self(directory))
    }

    /// Lets another instance open the directory; this one must not write any more.
    pub(crate) fn unlock(&self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the directory is still locked until the process ends");
        }
    }

    pub(crate) fn machines(&self) -> PathBuf {
        self.0.join("machines")
    }

    pub(crate) fn catalog(&self) -> PathBuf {
        self.0.join("executions.jsonl")
    }

    pub(crate) fn machine_executions(&self, machine: &str) -> PathBuf {
        self.0.join("executions").join(file_stem(machine))
    }

    pub(crate) fn journal(&self, machine: &str, execution: &str) -> PathBuf {
        self.machine_executions(machine).join(format!("{}.jsonl", file_stem(execution)))
    }

    /// Keeps the definition; gives the name under which [`Self::definition`] finds it.
    pub(crate) fn keep_definition(&self, definition: &str) -> Result<String, StoreError> {
        let digest = digest_of(definition.as_bytes());
        let path = self.definition_path(&digest);
        if fs::read(&path).ok().is_none_or(|kept| kept != definition.as_bytes()) {
            write_whole(&path, definition.as_bytes())?;
            // Executions that go on after a power cut need it, and nothing else has it.
            bring_to_disk(&path)?;
        }
        Ok(digest)
    }

    /// `None` when somebody took the file away.
    pub(crate) fn definition(&self, digest: &str) -> Result<Option<String>, StoreError> {
        let path = self.definition_path(digest);
        match fs::read(&path) {
            Ok(content) if digest_of(&content) == digest => {
                Ok(Some(String::from_utf8_lossy(&content).into_owned()))
            }
            Ok(_) => {
                let message = "its content is not what its name is the SHA-256 of".to_owned();
                Err(StoreError::Damaged { path, line: 1, message })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::Io { path, source }),
        }
    }

    pub(crate) fn definition_path(&self, digest: &str) -> PathBuf {
        self.0.join("definitions").join(format!("{digest}.json"))
    }
}

/// Names of machines and executions may hold any letter, and be longer than a file's name may be.
pub(super) fn file_stem(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_plain {
        return name.to_owned();
    }
    format!("={}", digest_of(name.as_bytes()))
}

fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn create_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

/// The content of a file, and then its name.
pub(super) fn bring_to_disk(path: &Path) -> Result<(), StoreError> {
    let sync = |path: &Path| fs::File::open(path).and_then(|file| file.sync_all());
    let synced = sync(path).and_then(|()| path.parent().map_or(Ok(()), sync));
    synced.map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

/// Either the old content or the new one is there, never a part.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let fresh = path.with_extension("new");
    let written = fs::write(&fresh, content).and_then(|()| fs::rename(&fresh, path));
    written.map_err(|source| StoreError::Io { path: path.to_owned(), source })
}
