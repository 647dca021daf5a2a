//! One file out of a zip, without unpacking the rest: a buildspec, an image definitions file.

use std::io::{Read, Seek};

use crate::reader::{Archive, CopyError};
use crate::tree::Kind;
use crate::{ArchiveError, Limits, Refusal, name};

/// The bytes of the file at `path`, or `None` when the archive has no such file. The whole archive
/// is checked as [`crate::unpack`] checks it; links are not followed.
///
/// # Errors
/// [`Refusal::TooManyBytes`] when the file has more than `max_bytes`.
pub fn read_entry<R: Read + Seek>(
    reader: R,
    path: &str,
    max_bytes: u64,
) -> Result<Option<Vec<u8>>, ArchiveError> {
    let limits = Limits::default();
    let wanted =
        name::components(path, &limits).map_err(|refusal| ArchiveError::refused(path, refusal))?.join("/");
    let mut archive = Archive::open(reader, &limits)?;
    let entries = archive.entries()?;
    let Some(entry) = entries.iter().find(|entry| entry.node.path == wanted && entry.node.kind == Kind::File)
    else {
        return Ok(None);
    };
    archive.limit_bytes(max_bytes);
    let mut contents = Vec::new();
    archive.copy(entry.index, &mut contents).map_err(|error| match error {
        CopyError::Refused(refusal) => ArchiveError::refused(path, refusal),
        CopyError::Output(error) => {
            ArchiveError::refused(path, Refusal::Corrupt { reason: error.to_string() })
        }
    })?;
    Ok(Some(contents))
}
