//! Room on the disk.

use std::io;
use std::path::Path;

/// Below this nothing is started any more: what is recorded of a step takes some kilobytes, and a record
/// that does not fit on the disk is a step that cannot be taken.
pub const FREE_BYTES_MIN: u64 = 1024 * 1024;

/// What an ordinary user may still write to the disk of `path`.
///
/// # Errors
/// The file system does not say.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
