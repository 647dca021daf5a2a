//! Restoring: a backup becomes a data directory, or nothing happens.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use archive::{Limits, unpack};

use super::copy::{Copy, make_directory, remove};
use super::error::BackupError;
use super::manifest::{self, Manifest};
use super::private::make_private;
use crate::data_directory::{FORMAT, FORMAT_FILE};

/// A backup is as large as its data are; what makes an archive dangerous is refused all the same.
const LIMITS: Limits = Limits {
    max_entries: 50_000_000,
    max_total_bytes: 1 << 44,
    // More than deflate can do: a log of blanks is no bomb.
    max_ratio: 2_000,
    max_depth: 64,
    max_path_bytes: 1_024,
};

/// Puts what is in `backup`, a directory or a zip, to where the data directory `data` shall be.
///
/// # Errors
/// `data` holds something, or the backup is none, is torn, or is of a newer version. Nothing has changed then.
pub fn restore(backup: &Path, data: &Path) -> Result<(), BackupError> {
    check_free(data)?;
    let parent = parent_of(data);
    make_directory(&parent)?;
    let fresh = beside(&parent, data);
    remove(&fresh)?;
    let restored = bring(backup, &fresh).and_then(|()| {
        let content = fresh.join(manifest::DATA);
        make_private(&content)?;
        fs::rename(&content, data).map_err(BackupError::io(data))
    });
    let removed = remove(&fresh);
    restored.and(removed)
}

/// The whole backup as a directory, compared with its manifest.
fn bring(backup: &Path, fresh: &Path) -> Result<(), BackupError> {
    let metadata = fs::metadata(backup).map_err(BackupError::io(backup))?;
    if metadata.is_dir() {
        manifest_of(backup, backup)?;
        Copy::whole(backup, fresh)?;
    } else {
        let file = File::open(backup).map_err(BackupError::io(backup))?;
        unpack(file, fresh, &LIMITS)
            .map_err(|error| BackupError::NoBackup { path: backup.to_owned(), reason: error.to_string() })?;
    }
    let manifest = manifest_of(fresh, backup)?;
    let found = manifest::contents(&fresh.join(manifest::DATA))?;
    let difference = manifest::difference(&manifest.files, &found);
    let difference = difference.or_else(|| format_differs(fresh, &manifest));
    match difference {
        None => Ok(()),
        Some(reason) => Err(BackupError::Torn { path: backup.to_owned(), reason }),
    }
}

fn manifest_of(directory: &Path, backup: &Path) -> Result<Manifest, BackupError> {
    let no_backup = |reason: String| BackupError::NoBackup { path: backup.to_owned(), reason };
    let text = fs::read(directory.join(manifest::NAME))
        .map_err(|error| no_backup(format!("{}: {error}", manifest::NAME)))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| no_backup(format!("{}: {error}", manifest::NAME)))?;
    if manifest.format > FORMAT {
        let Manifest { format, version, .. } = manifest;
        return Err(BackupError::Newer { path: backup.to_owned(), format, version });
    }
    Ok(manifest)
}

fn format_differs(fresh: &Path, manifest: &Manifest) -> Option<String> {
    let written = fs::read_to_string(fresh.join(manifest::DATA).join(FORMAT_FILE)).unwrap_or_default();
    let is_same = written.trim() == manifest.format.to_string();
    (!is_same).then(|| format!("its data say that their format is {:?}", written.trim()))
}

/// Nothing is there, or an empty directory.
fn check_free(data: &Path) -> Result<(), BackupError> {
    match fs::read_dir(data).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(BackupError::Exists(data.to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::io(data)(error)),
    }
}

pub(super) fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// In the same directory, as a rename does not cross file systems.
pub(super) fn beside(parent: &Path, path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    parent.join(name)
}
