//! The directories of one build.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::settings::KeptWorkDirectories;

#[derive(Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// For the current user only: sources and what a build writes may be confidential.
    pub fn create(&self) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.root)?;
        for folder in [self.source(), self.home(), self.session()] {
            fs::create_dir_all(folder)?;
        }
        Ok(())
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `CODEBUILD_SRC_DIR`.
    pub fn source(&self) -> PathBuf {
        self.root.join("src")
    }

    /// `CODEBUILD_SRC_DIR_<identifier>`.
    pub fn secondary_source(&self, identifier: &str) -> PathBuf {
        self.root.join(format!("src-{identifier}"))
    }

    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// What the shell session keeps from command to command.
    pub fn session(&self) -> PathBuf {
        self.root.join("session")
    }

    pub fn is_to_keep(&self, is_succeeding: bool, kept: KeptWorkDirectories) -> bool {
        !is_succeeding && kept == KeptWorkDirectories::OfFailedBuilds
    }

    /// Removes everything, also directories that a build made unwritable (Go's module cache).
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                make_writable(&self.root)?;
                fs::remove_dir_all(&self.root)
            }
            removed => removed,
        }
    }
}

fn make_writable(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}
