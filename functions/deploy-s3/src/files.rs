//! The files of an artifact, unpacked the careful way: an artifact may come from anywhere.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use archive::Limits;

/// Every regular file of the zip `body`, under the key prefix `prefix`.
///
/// # Errors
/// A sentence for the user when the archive is refused or cannot be unpacked.
pub(super) fn under(prefix: &str, body: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let place = tempfile::tempdir().map_err(|error| format!("no room to unpack the artifact: {error}"))?;
    let root = place.path().join("artifact");
    archive::unpack(Cursor::new(body), &root, &Limits::default())
        .map_err(|error| format!("The input artifact cannot be unpacked: {error}"))?;
    let mut files = Vec::new();
    collect(&root, prefix.trim_end_matches('/'), &mut files)
        .map_err(|error| format!("The artifact: {error}"))?;
    Ok(files)
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let key = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &key, files)?;
        } else {
            files.push((key, fs::read(entry.path())?));
        }
    }
    Ok(())
}
