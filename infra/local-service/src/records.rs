//! Records as JSON files that appear whole or not at all.
//!
//! A process that is killed leaves the old record or the new one. A record of what runs is not flushed to the disk:
//! a power cut may lose the last moments, which costs a deployment and not a release. What somebody has declared
//! is ([`write_declared`]), because nobody would declare it again.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::OpenError;

/// Replaces `path`, and makes its directory when it is not there. Two writers of one path at a time are the
/// caller's to keep apart.
///
/// # Errors
/// The disk's.
pub fn write_record(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_vec(record)?;
    let fresh = path.with_extension("new");
    match fs::write(&fresh, &text) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&fresh, &text)?;
        }
        written => written?,
    }
    fs::rename(&fresh, path)
}

/// The same, and it is on the disk when this returns.
///
/// # Errors
/// The disk's.
pub fn write_declared(path: &Path, record: &impl Serialize) -> io::Result<()> {
    write_record(path, record)?;
    // The name after the content: a power cut in between leaves the old record, or none.
    File::open(path)?.sync_all()?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// `None` when there is no such file.
///
/// # Errors
/// [`OpenError::Unreadable`] for a file that is no such record.
pub fn read_record<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, OpenError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OpenError::Io { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| OpenError::Unreadable { path: path.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_replaced_whole_and_damage_is_named() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("a/b/record.json");
        assert_eq!(read_record::<u32>(&path).expect("no error"), None);
        for number in [1, 22] {
            write_record(&path, &number).expect("it is written");
            assert_eq!(read_record::<u32>(&path).expect("it is read"), Some(number));
        }
        fs::write(&path, "{").expect("it is damaged");
        let error = read_record::<u32>(&path).expect_err("it is damaged");
        assert!(matches!(&error, OpenError::Unreadable { path: damaged, .. } if *damaged == path), "{error}");
    }
}
