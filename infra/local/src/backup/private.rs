//! What was backed up is for its owner only, and so is what is restored.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::error::BackupError;

/// Takes everybody else's permissions from everything below `root`. Archives know no more of a file than
/// whether it can be executed.
pub(super) fn make_private(root: &Path) -> Result<(), BackupError> {
    let metadata = fs::symlink_metadata(root).map_err(BackupError::io(root))?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode() & 0o700;
    fs::set_permissions(root, Permissions::from_mode(mode)).map_err(BackupError::io(root))?;
    if metadata.is_dir() {
        for entry in fs::read_dir(root).map_err(BackupError::io(root))? {
            make_private(&entry.map_err(BackupError::io(root))?.path())?;
        }
    }
    Ok(())
}
