//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use tempfile::{NamedTempFile, TempPath};

use super::Store;

impl Store {
    /// Writes `record` as JSON under its name, replacing what was there.
    pub(super) fn write_record(&self, path: &Path, record: &impl Serialize) -> io::Result<()> {
        let mut temporary = NamedTempFile::new_in(self.temporary())?;
        serde_json::to_writer_pretty(&mut temporary, record)?;
        temporary.flush()?;
        if self.syncs_at_once() {
            temporary.as_file().sync_all()?;
        }
        self.publish(temporary.into_temp_path(), path)
    }

    /// Gives a flushed temporary file its name.
    pub(super) fn publish(&self, temporary: TempPath, path: &Path) -> io::Result<()> {
        temporary.persist(path).map_err(|error| error.error)?;
        self.has_changed(path)
    }

    /// The record first: bytes without a record are swept up on open, a record without bytes is damage.
    pub(super) fn remove_version(&self, objects: &Path, id: &str) -> io::Result<()> {
        let record = objects.join(format!("{id}.json"));
        fs::remove_file(&record)?;
        self.has_changed(&record)?;
        match fs::remove_file(objects.join(format!("{id}.data"))) {
            // A delete marker has no bytes.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// A file has got a name, or has lost it.
    pub(super) fn has_changed(&self, path: &Path) -> io::Result<()> {
        match (&self.disk, path.parent()) {
            (Some(disk), _) => disk.named_later(path),
            (None, Some(parent)) => File::open(parent)?.sync_all()?,
            (None, None) => {}
        }
        Ok(())
    }
}
