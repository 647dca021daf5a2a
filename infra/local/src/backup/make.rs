//! Making a backup: a copy of the data with its manifest, in a directory or in a zip.

use std::fs::{self, File};
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use archive::pack_tree;
use jiff::Timestamp;

use super::ask::ask;
use super::copy::{Copy, make_directory, remove};
use super::error::BackupError;
use super::manifest::{self, Manifest};
use super::private::make_private;
use super::restore::{beside, parent_of};
use super::snapshot::snapshot_of_stopped;
use crate::DataDirectory;
use crate::credentials;
use crate::data_directory::{DataDirectoryError, FORMAT, format_of};
use crate::gateway::{PIPEWRIGHT, WRITE_SNAPSHOT};
use crate::up::ServiceFile;

/// Copies the data directory `data` to `target`: a zip if it is called so, a directory otherwise. A service
/// that has it open goes on.
///
/// # Errors
/// `target` is there, there are no data, or they cannot be copied.
pub async fn backup(data: &Path, target: &Path) -> Result<(), BackupError> {
    if fs::symlink_metadata(target).is_ok() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let format = format_of(data).map_err(|error| {
        BackupError::Directory(DataDirectoryError::Format { path: data.to_owned(), error })
    })?;
    if format.is_none() {
        return Err(BackupError::NoData(data.to_owned()));
    }
    let parent = parent_of(target);
    make_directory(&parent)?;
    let fresh = beside(&parent, target);
    remove(&fresh)?;
    make_directory(&fresh)?;
    let made = match copied(data, &fresh.join(manifest::DATA)).await {
        Ok(()) => finish(&fresh, target),
        Err(error) => Err(error),
    };
    let removed = remove(&fresh);
    made.and(removed)
}

/// The data at one moment, as the directory `target`.
async fn copied(data: &Path, target: &Path) -> Result<(), BackupError> {
    match DataDirectory::open(data) {
        Ok(directory) => snapshot_of_stopped(directory.path(), target),
        Err(DataDirectoryError::InUse(path)) => {
            let snapshot = ask_for_snapshot(&path).await?;
            let moved = take(&snapshot, target);
            let removed = remove(&snapshot);
            moved.and(removed)
        }
        Err(error) => Err(BackupError::Directory(error)),
    }
}

async fn ask_for_snapshot(data: &Path) -> Result<PathBuf, BackupError> {
    let unready = || {
        let why = "no service is ready there; it starts or stops just now, or `pipewright run` uses the data";
        BackupError::Service(why.to_owned())
    };
    let service = ServiceFile::read(data).map_err(|error| BackupError::Service(error.to_string()))?;
    let service = service.ok_or_else(unready)?;
    let credentials = credentials::of_owner(data).map_err(|error| BackupError::Service(error.to_string()))?;
    let target = format!("{PIPEWRIGHT}.{WRITE_SNAPSHOT}");
    let answered = ask(&service, credentials, "pipewright", &target).await.map_err(BackupError::Service)?;
    let directory = answered.body["directory"].as_str().map(PathBuf::from);
    // Nobody but the service of these data tells where a copy of them is.
    match directory.filter(|directory| directory.starts_with(data)) {
        Some(directory) => Ok(directory),
        None => {
            let message = answered.body["message"].as_str().unwrap_or("it gave no reason");
            Err(BackupError::Service(format!("{}: {message}", answered.status)))
        }
    }
}

/// Moves the snapshot where that is possible, and copies it where it is on another file system.
fn take(snapshot: &Path, target: &Path) -> Result<(), BackupError> {
    match fs::rename(snapshot, target) {
        Ok(()) => Ok(()),
        Err(_) => Copy::whole(snapshot, target),
    }
}

/// Adds the manifest, and gives the backup its name when all of it is on the disk.
fn finish(fresh: &Path, target: &Path) -> Result<(), BackupError> {
    let content = fresh.join(manifest::DATA);
    let format = format_of(&content).ok().flatten().unwrap_or(FORMAT);
    let manifest = Manifest {
        format,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: Timestamp::now().to_string(),
        files: manifest::contents(&content)?,
    };
    let path = fresh.join(manifest::NAME);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| BackupError::io(&path)(error.into()))?;
    fs::write(&path, text).map_err(BackupError::io(&path))?;
    make_private(fresh)?;
    if target.extension().is_some_and(|extension| extension == "zip") {
        return pack(fresh, target);
    }
    sync(fresh)?;
    fs::rename(fresh, target).map_err(BackupError::io(target))
}

fn pack(fresh: &Path, target: &Path) -> Result<(), BackupError> {
    let partial = fresh.with_extension("zip-partial");
    let failed = BackupError::io(&partial);
    let opened = File::options().write(true).create(true).truncate(true).mode(0o600).open(&partial);
    let file = opened.map_err(failed)?;
    let packed = pack_tree(fresh, BufWriter::new(&file)).map_err(BackupError::from);
    let synced = packed.and_then(|_| file.sync_all().map_err(BackupError::io(&partial)));
    let named = synced.and_then(|()| fs::rename(&partial, target).map_err(BackupError::io(target)));
    named.inspect_err(|_| drop(remove(&partial)))
}

/// A backup is for the day when the machine has failed.
fn sync(path: &Path) -> Result<(), BackupError> {
    let metadata = fs::symlink_metadata(path).map_err(BackupError::io(path))?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path).map_err(BackupError::io(path))? {
            sync(&entry.map_err(BackupError::io(path))?.path())?;
        }
    }
    if metadata.is_symlink() {
        return Ok(());
    }
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::io(path))
}
