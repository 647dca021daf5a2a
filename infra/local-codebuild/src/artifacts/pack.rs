//! An artifact's files as one zip.

use std::fmt;
use std::fs;
use std::io::{self, Cursor};
use std::path::Path;

use archive::{ArchiveError, PackedFile};

use super::Selected;

#[derive(Debug)]
pub enum PackError {
    Archive(ArchiveError),
    Staging(io::Error),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Archive(error) => error.fmt(f),
            Self::Staging(error) => write!(f, "cannot prepare the artifact's files: {error}"),
        }
    }
}

impl std::error::Error for PackError {}

/// Zips `files`, which lie below `source`. A symbolic link becomes the file that it leads to, or
/// stays a link if `keep_symlinks`.
pub fn zip(source: &Path, files: &[Selected], keep_symlinks: bool) -> Result<Vec<u8>, PackError> {
    let mut bytes = Cursor::new(Vec::new());
    if keep_symlinks {
        let staged = stage(source, files).map_err(PackError::Staging)?;
        archive::pack_tree(staged.path(), &mut bytes).map_err(PackError::Archive)?;
    } else {
        let packed: Vec<PackedFile> = files
            .iter()
            .map(|file| PackedFile { path: file.name.clone(), source: source.join(&file.path) })
            .collect();
        archive::pack_files(source, &packed, &mut bytes).map_err(PackError::Archive)?;
    }
    Ok(bytes.into_inner())
}

/// A directory with exactly the artifact's files: hard links, because they may be large.
fn stage(source: &Path, files: &[Selected]) -> io::Result<tempfile::TempDir> {
    let parent = source.parent().unwrap_or(source);
    let staged = tempfile::Builder::new().prefix("artifact-").tempdir_in(parent)?;
    for file in files {
        let target = staged.path().join(&file.name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::hard_link(source.join(&file.path), target)?;
    }
    Ok(staged)
}
