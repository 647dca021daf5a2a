//! The directories of one build.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::settings::KeptWorkDirectories;

#[derive(Clone)]
pub struct Workspace {
    root: PathBuf,
    session: PathBuf,
}

impl Workspace {
    /// `session`: what the shell keeps from command to command, outside of `root` if it is in memory.
    pub fn new(root: PathBuf, session: PathBuf) -> Self {
        Self { root, session }
    }

    /// For the current user only: sources and what a build writes may be confidential, and the shell's
    /// state holds the values of secrets.
    pub fn create(&self, has_temporary: bool) -> io::Result<()> {
        let mut folder = fs::DirBuilder::new();
        let folder = folder.recursive(true).mode(0o700);
        folder.create(&self.root)?;
        folder.create(&self.session)?;
        fs::create_dir(self.source())?;
        fs::create_dir(self.home())?;
        if has_temporary {
            fs::create_dir(self.temporary())?;
        }
        Ok(())
    }

    /// Nothing of the shell's state is kept, also when the rest is.
    pub fn remove_session(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.session) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
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

    /// `TMPDIR` of a build in a sandbox.
    pub fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// What the shell session keeps from command to command.
    pub fn session(&self) -> &Path {
        &self.session
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
