//! `backup.json`: what a backup holds, so that one that lost something is told from one that is whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::BackupError;

pub(super) const NAME: &str = "backup.json";
/// Beside the manifest.
pub(super) const DATA: &str = "data";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    /// Of the data directory.
    pub format: u32,
    /// Of the program that made it.
    pub version: String,
    pub created_at: String,
    /// By the path below `data`.
    pub files: BTreeMap<String, Content>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Content {
    File { bytes: u64, sha256: String },
    Link { to: String },
}

/// All files and links below `root`.
pub(super) fn contents(root: &Path) -> Result<BTreeMap<String, Content>, BackupError> {
    let mut found = BTreeMap::new();
    collect(root, "", &mut found)?;
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Content>) -> Result<(), BackupError> {
    for entry in fs::read_dir(folder).map_err(BackupError::io(folder))? {
        let entry = entry.map_err(BackupError::io(folder))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(BackupError::io(&path))?;
        if kind.is_dir() {
            collect(&path, &format!("{name}/"), found)?;
        } else if kind.is_symlink() {
            let to = fs::read_link(&path).map_err(BackupError::io(&path))?;
            found.insert(name, Content::Link { to: to.to_string_lossy().into_owned() });
        } else {
            found.insert(name, content_of(&path).map_err(BackupError::io(&path))?);
        }
    }
    Ok(())
}

fn content_of(path: &Path) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(Content::File { bytes, sha256 });
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// The first difference between what was backed up and what is there, in words.
pub(super) fn difference(
    expected: &BTreeMap<String, Content>,
    found: &BTreeMap<String, Content>,
) -> Option<String> {
    let missing = expected.keys().find(|path| !found.contains_key(*path));
    let foreign = found.keys().find(|path| !expected.contains_key(*path));
    let changed = expected.iter().find(|(path, content)| found.get(*path) != Some(*content));
    missing
        .map(|path| format!("{path} is missing"))
        .or_else(|| foreign.map(|path| format!("{path} was not backed up")))
        .or_else(|| changed.map(|(path, _)| format!("{path} is not what was backed up")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_found() {
        let place = tempfile::tempdir().expect("a directory");
        fs::create_dir(place.path().join("a")).expect("a directory");
        fs::write(place.path().join("a/file"), "text").expect("a file");
        std::os::unix::fs::symlink("file", place.path().join("a/link")).expect("a link");
        let whole = contents(place.path()).expect("readable");
        assert_eq!(whole.keys().collect::<Vec<_>>(), ["a/file", "a/link"]);
        assert_eq!(difference(&whole, &whole), None);
        let without = |path: &str| {
            let mut part = whole.clone();
            part.remove(path);
            part
        };
        assert_eq!(difference(&whole, &without("a/link")).as_deref(), Some("a/link is missing"));
        assert_eq!(difference(&without("a/link"), &whole).as_deref(), Some("a/link was not backed up"));
        fs::write(place.path().join("a/file"), "tex!").expect("a file");
        let changed = contents(place.path()).expect("readable");
        assert_eq!(difference(&whole, &changed).as_deref(), Some("a/file is not what was backed up"));
    }
}
