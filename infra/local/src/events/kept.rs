//! Events that nobody can be asked about afterwards: files, until the functions have taken them. A crash loses none;
//! one that was about to be removed comes twice.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_service::{DiskQueue, EventSink, read_record, write_record};
use serde_json::Value;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::LocalEventBus;

const EXTENSION: &str = "json";

/// Clones share everything.
#[derive(Clone)]
pub struct KeptEvents {
    directory: PathBuf,
    bus: Arc<LocalEventBus>,
    disk: DiskQueue,
    /// Events also come from threads that belong to no runtime.
    runtime: Handle,
}

impl KeptEvents {
    pub fn new(directory: PathBuf, bus: Arc<LocalEventBus>, disk: DiskQueue, runtime: Handle) -> Self {
        Self { directory, bus, disk, runtime }
    }

    /// Delivers what a former process kept and did not deliver.
    ///
    /// # Errors
    /// The disk's.
    pub fn take_up(&self) -> io::Result<()> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            match read_record(&path) {
                Ok(Some(event)) => self.deliver(path, event),
                Ok(None) => {}
                // It stays for whoever wonders; the others do not wait for it.
                Err(error) => tracing::error!(%error, "a kept event cannot be read"),
            }
        }
        Ok(())
    }

    fn deliver(&self, path: PathBuf, event: Value) {
        let (bus, disk) = (self.bus.clone(), self.disk.clone());
        self.runtime.spawn(async move {
            bus.deliver(&event).await;
            match fs::remove_file(&path) {
                Ok(()) => disk.named(&path),
                Err(error) => tracing::error!(path = %path.display(), %error, "an event may come again"),
            }
        });
    }

    fn keep(&self, path: &Path, event: &Value) {
        match write_record(path, event) {
            Ok(()) => self.disk.named(path),
            Err(error) => tracing::error!(path = %path.display(), %error, "a crash would lose this event"),
        }
    }
}

impl EventSink for KeptEvents {
    fn put_event(&self, event: Value) {
        if !self.bus.is_wanted(&event) {
            return;
        }
        // Whatever an id looks like: a name that cannot leave the directory.
        let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, event["id"].to_string().as_bytes());
        let path = self.directory.join(format!("{name}.{EXTENSION}"));
        self.keep(&path, &event);
        self.deliver(path, event);
    }

    fn is_awaited(&self, source: &str, detail_type: &str) -> bool {
        self.bus.is_awaited(source, detail_type)
    }
}
