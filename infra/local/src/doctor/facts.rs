//! Everything that the checks look at, asked once.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::answers::{self, ServiceFacts};
use super::tools::{self, Tool};
use crate::credentials;
use crate::data_directory::{FormatError, format_of, free_bytes, is_open};
use crate::up::{ServiceFile, ServiceFileError};

pub(super) struct Facts {
    pub data: PathBuf,
    pub directory: Directory,
    /// What others than the owner may read or write, though it is secret.
    pub exposed: Vec<PathBuf>,
    pub format: Result<Option<u32>, FormatError>,
    pub is_locked: bool,
    pub service_file: Result<Option<ServiceFile>, ServiceFileError>,
    /// Of a service that says it is ready.
    pub service: Option<ServiceFacts>,
    /// Why there are no keys.
    pub credentials: Option<String>,
    pub free_bytes: io::Result<u64>,
    pub tools: Vec<Tool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directory {
    Missing,
    Ours { mode: u32 },
    OfSomebodyElse { user: u32 },
}

pub(super) async fn gather(data: &Path) -> Facts {
    let service_file = ServiceFile::read(data);
    let is_locked = is_open(data);
    let service = match &service_file {
        Ok(Some(file)) if is_locked => Some(answers::ask(file, data).await),
        _ => None,
    };
    Facts {
        data: data.to_owned(),
        directory: directory(data),
        exposed: exposed(data),
        format: format_of(data),
        is_locked,
        service_file,
        service,
        credentials: credentials::of_owner(data).err().map(|error| error.to_string()),
        free_bytes: free_bytes(nearest(data)),
        tools: tools::look(),
    }
}

fn directory(data: &Path) -> Directory {
    match fs::metadata(data) {
        Err(_) => Directory::Missing,
        Ok(metadata) if metadata.uid() != rustix::process::geteuid().as_raw() => {
            Directory::OfSomebodyElse { user: metadata.uid() }
        }
        Ok(metadata) => Directory::Ours { mode: metadata.permissions().mode() & 0o777 },
    }
}

/// The directory itself keeps others out; these would be open to them if it did not, and are checked by
/// those who read them.
fn exposed(data: &Path) -> Vec<PathBuf> {
    let secrets =
        fs::read_dir(data.join("secrets")).into_iter().flatten().flatten().map(|entry| entry.path());
    let all = secrets.chain([data.join("secrets.yaml"), data.join("service.json"), data.join("lock")]);
    let is_open =
        |path: &PathBuf| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    all.filter(is_open).collect()
}

/// The directory, or what it will be made in.
fn nearest(data: &Path) -> &Path {
    let there = data.ancestors().find(|path| path.exists());
    there.unwrap_or(Path::new("."))
}
