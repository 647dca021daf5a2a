//! What is in an unpacked revision.

use std::fs;
use std::io;
use std::path::Path;

use super::{Entry, EntryKind};

/// Sorted by path. Names and links are text: the archive was refused otherwise.
pub(crate) fn contents(root: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    collect(root, "", &mut entries)?;
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(entries)
}

fn collect(directory: &Path, prefix: &str, entries: &mut Vec<Entry>) -> io::Result<()> {
    for listed in fs::read_dir(directory)? {
        let listed = listed?;
        let path = format!("{prefix}{}", listed.file_name().to_string_lossy());
        let file_type = listed.file_type()?;
        let kind = if file_type.is_symlink() {
            EntryKind::Symlink { target: fs::read_link(listed.path())?.to_string_lossy().into_owned() }
        } else if file_type.is_dir() {
            collect(&listed.path(), &format!("{path}/"), entries)?;
            EntryKind::Directory
        } else {
            EntryKind::File
        };
        entries.push(Entry { path, kind });
    }
    Ok(())
}
