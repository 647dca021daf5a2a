//! Finding an artifact's files on the disk.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::select::{Selected, base_directories, choose, name};
use crate::buildspec::ArtifactFiles;

/// More files are no artifact but a mistake (`**/*` with a disk mounted inside).
const MAX_FILES: usize = 200_000;

#[derive(Debug)]
pub enum CollectError {
    /// The patterns name nothing, or something outside of the source directory.
    Pattern(String),
    Io {
        path: PathBuf,
        cause: io::Error,
    },
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(message) => f.write_str(message),
            Self::Io { path, cause } => write!(f, "cannot read {}: {cause}", path.display()),
        }
    }
}

impl std::error::Error for CollectError {}

/// The files of `artifact` (its texts already expanded) below `source`, and the names that were
/// found more than once while paths were discarded.
pub fn collect(
    source: &Path,
    artifact: &ArtifactFiles,
) -> Result<(Vec<Selected>, Vec<String>), CollectError> {
    let tree = walk(source, artifact.enable_symlinks)?;
    let base = artifact.base_directory.as_deref().unwrap_or(".");
    let bases = base_directories(&tree.directories, base).map_err(CollectError::Pattern)?;
    if bases.is_empty() {
        return Err(CollectError::Pattern(format!("no matching base directory path found for {base}")));
    }
    let mut found = Vec::new();
    for base in bases {
        let prefix = if base.is_empty() { base } else { format!("{base}/") };
        let inside: Vec<String> =
            tree.files.iter().filter_map(|file| file.strip_prefix(&prefix)).map(str::to_owned).collect();
        let chosen =
            choose(&inside, &artifact.files, &artifact.exclude_paths).map_err(CollectError::Pattern)?;
        found.extend(chosen.into_iter().map(|file| (file.clone(), format!("{prefix}{file}"))));
    }
    if found.is_empty() {
        let patterns = artifact.files.join(", ");
        return Err(CollectError::Pattern(format!("no matching artifact paths found for {patterns}")));
    }
    Ok(name(found, artifact.discard_paths))
}

#[derive(Default)]
pub(super) struct Tree {
    /// Files and symbolic links, with `/`, sorted.
    pub files: Vec<String>,
    pub directories: Vec<String>,
}

/// A link is a file if it leads to one. One to a directory or to nothing counts only when links are
/// kept as links.
pub(super) fn walk(source: &Path, keep_symlinks: bool) -> Result<Tree, CollectError> {
    let mut tree = Tree::default();
    let mut pending = vec![String::new()];
    while let Some(directory) = pending.pop() {
        let path = source.join(&directory);
        let failed = |cause| CollectError::Io { path: path.clone(), cause };
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().into_string().map_err(|name| {
                let place = if directory.is_empty() { "." } else { &directory };
                CollectError::Pattern(format!("the file name {name:?} in {place} is not UTF-8; rename it"))
            })?;
            let relative = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                tree.directories.push(relative.clone());
                pending.push(relative);
            } else if !kind.is_symlink() || keep_symlinks || entry.path().is_file() {
                tree.files.push(relative);
            }
        }
        if tree.files.len() > MAX_FILES {
            return Err(CollectError::Pattern(format!("there are more than {MAX_FILES} files")));
        }
    }
    tree.files.sort();
    tree.directories.sort();
    Ok(tree)
}
