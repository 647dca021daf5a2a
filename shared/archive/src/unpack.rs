//! Extraction: all or nothing.
//!
//! Everything is checked, then written into a fresh directory beside the destination, then renamed.
//! A refused archive leaves nothing behind, and nobody sees a half-unpacked tree. Nothing is
//! flushed to the disk: what is unpacked can be unpacked again.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::reader::{Archive, CopyError, Entry};
use crate::tree::Kind;
use crate::{ArchiveError, Limits};

/// What an archive held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Files, directories and symbolic links.
    pub entries: usize,
    /// Bytes of the files before compression.
    pub bytes: u64,
}

/// Extracts the zip in `reader` as the directory `destination`, which must not exist yet or be an
/// empty directory; its parent must exist.
///
/// Files keep their permissions without set-id and sticky bits and without write permission for
/// others; the owner can always read and write. Symbolic links that stay inside of the archive
/// are made. Times are not restored.
///
/// # Errors
/// [`ArchiveError::Refused`] names the first entry that breaks a rule or a limit.
pub fn unpack<R: Read + Seek>(
    reader: R,
    destination: &Path,
    limits: &Limits,
) -> Result<Summary, ArchiveError> {
    check_destination(destination)?;
    let mut archive = Archive::open(reader, limits)?;
    let entries = archive.entries()?;
    let parent = match destination.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Beside the destination, because a rename does not cross file systems.
    let fresh = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(parent)
        .map_err(ArchiveError::io(parent))?;
    let mut summary = Summary { entries: entries.len(), bytes: 0 };
    for entry in &entries {
        summary.bytes += write(&mut archive, entry, fresh.path())?;
    }
    // Last, so that no file is ever written through one.
    for entry in &entries {
        if let Kind::Symlink { target } = &entry.node.kind {
            let path = fresh.path().join(&entry.node.path);
            make_parent(&path)?;
            symlink(target, &path).map_err(ArchiveError::io(&path))?;
        }
    }
    fs::set_permissions(fresh.path(), Permissions::from_mode(0o755))
        .map_err(ArchiveError::io(fresh.path()))?;
    fs::rename(fresh.path(), destination).map_err(ArchiveError::io(destination))?;
    // Renamed away: there is nothing left to remove.
    let _: PathBuf = fresh.keep();
    Ok(summary)
}

fn check_destination(destination: &Path) -> Result<(), ArchiveError> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::read_dir(destination).map(|mut listing| listing.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(ArchiveError::DestinationNotEmpty(destination.into())),
        Err(error) if error.kind() == NotFound => Ok(()),
        Err(error) if error.kind() == NotADirectory => {
            Err(ArchiveError::DestinationNotEmpty(destination.into()))
        }
        Err(error) => Err(ArchiveError::io(destination)(error)),
    }
}

/// Files and directories; the number of bytes written.
fn write<R: Read + Seek>(archive: &mut Archive<R>, entry: &Entry, root: &Path) -> Result<u64, ArchiveError> {
    let path = root.join(&entry.node.path);
    match entry.node.kind {
        Kind::Symlink { .. } => Ok(0),
        Kind::Directory => {
            fs::create_dir_all(&path).map_err(ArchiveError::io(&path))?;
            set_mode(&path, entry.mode, 0o755, 0o700)?;
            Ok(0)
        }
        Kind::File => {
            make_parent(&path)?;
            let mut file: File = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)
                .map_err(ArchiveError::io(&path))?;
            let bytes = archive.copy(entry.index, &mut file).map_err(|error| match error {
                CopyError::Refused(refusal) => ArchiveError::refused(&entry.node.path, refusal),
                CopyError::Output(source) => ArchiveError::Io { path: path.clone(), source },
            })?;
            set_mode(&path, entry.mode, 0o644, 0o600)?;
            Ok(bytes)
        }
    }
}

fn make_parent(path: &Path) -> Result<(), ArchiveError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    fs::create_dir_all(parent).map_err(ArchiveError::io(parent))
}

fn set_mode(path: &Path, mode: Option<u32>, usual: u32, owner: u32) -> Result<(), ArchiveError> {
    // A mode without permissions comes from tools that store none.
    let mode = match mode.map(|mode| mode & 0o755) {
        None | Some(0) => usual,
        Some(mode) => mode | owner,
    };
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(ArchiveError::io(path))
}
