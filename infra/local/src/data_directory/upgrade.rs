//! From an older format to this one, in place, one step after the other: what concerns files. What concerns the
//! tables is the stack's, who opens them, and comes behind.
//!
//! A step may be repeated: the directory is said to have the next format only when the step is done, so one
//! that was interrupted begins again. Steps that were released are never changed.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::error::DataDirectoryError;
use super::format::{self, FORMAT};
use super::region;

struct Step {
    /// The format that it leads to.
    to: u32,
    what: &'static str,
    apply: fn(&Path) -> io::Result<()>,
}

/// The format that the steps here lead to.
const OF_FILES: u32 = 2;

const STEPS: [Step; 1] = [Step { to: 2, what: "remember the Region", apply: remember_region }];

/// Brings the files of the directory to this version's format, and answers with the format that it has then. The
/// caller holds its lock.
pub(super) fn bring_up_to_date(directory: &Path) -> Result<u32, DataDirectoryError> {
    let found = format::format_of(directory)
        .map_err(|error| DataDirectoryError::Format { path: directory.to_owned(), error })?;
    let failed =
        |step| move |source| DataDirectoryError::NotUpgraded { path: directory.to_owned(), step, source };
    let Some(found) = found else {
        // There is nothing to be brought up to date.
        mark_as_current(directory)?;
        return Ok(FORMAT);
    };
    for step in STEPS.iter().filter(|step| step.to > found) {
        (step.apply)(directory).map_err(failed(step.what))?;
        format::mark(directory, step.to).map_err(failed(step.what))?;
    }
    Ok(found.max(OF_FILES))
}

/// Says that everything in the directory has this version's format.
pub(super) fn mark_as_current(directory: &Path) -> Result<(), DataDirectoryError> {
    let (path, step) = (directory.to_owned(), "write down its format");
    format::mark(directory, FORMAT).map_err(|source| DataDirectoryError::NotUpgraded { path, step, source })
}

/// A service keeps to one Region; where all data is of one Region already, it is that one.
fn remember_region(directory: &Path) -> io::Result<()> {
    match region::of_state_machines(directory)? {
        Some(name) => region::write(directory, &name),
        None => Ok(()),
    }
}

/// Either the old content or the new one is there, never a part, and it stays after a power cut.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_from_the_first_format_to_that_of_the_files() {
        let to: Vec<u32> = STEPS.iter().map(|step| step.to).collect();
        assert_eq!(to, (2..=OF_FILES).collect::<Vec<_>>());
    }
}
