//! Files that were written and are not known to be on the disk yet.
//!
//! A write that the kernel has taken survives the end of the process, also by `kill -9`; only what is synced
//! survives a power cut. Services write, name the file here and go on. Whoever answers a client waits for
//! [`DiskQueue::settle`] first: one wait for everything that was written until then, and for everybody who
//! waits at that moment. What no client is told of comes later, when nothing else is to do: each sync makes the
//! file system commit, and everybody who creates or removes a file then waits.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Clones share the queue.
#[derive(Debug, Clone, Default)]
pub struct DiskQueue {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Up to where everything is on the disk; held while that moves on.
    settled: tokio::sync::Mutex<u64>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Counts the writes.
    written: u64,
    /// What clients may be told of.
    told: Files,
    later: Files,
}

#[derive(Debug, Default)]
struct Files {
    files: BTreeSet<PathBuf>,
    /// Of files that are new, or gone: their entries are written there.
    directories: BTreeSet<PathBuf>,
}

impl DiskQueue {
    /// The content of a file has changed. A file that is gone when its turn comes is left out.
    pub fn wrote(&self, file: &Path) {
        self.add(|waiting| waiting.told.wrote(file));
    }

    /// A file was written under a new name, or has lost its name.
    pub fn named(&self, file: &Path) {
        self.add(|waiting| waiting.told.named(file));
    }

    /// As [`DiskQueue::wrote`], and nobody is told of it.
    pub fn wrote_later(&self, file: &Path) {
        self.add(|waiting| waiting.later.wrote(file));
    }

    /// As [`DiskQueue::named`], and nobody is told of it.
    pub fn named_later(&self, file: &Path) {
        self.add(|waiting| waiting.later.named(file));
    }

    /// Nobody is told any more of what was written to this file.
    pub fn postpone(&self, file: &Path) {
        let mut waiting = self.waiting();
        if let Some(file) = waiting.told.files.take(file) {
            waiting.later.files.insert(file);
        }
    }

    /// Returns when everything that clients may be told of, and that was written before the call, is on the disk.
    ///
    /// # Errors
    /// The disk does not take it; what was written stays in the queue.
    pub async fn settle(&self) -> io::Result<()> {
        let until = self.waiting().written;
        let mut settled = self.shared.settled.lock().await;
        if *settled >= until {
            return Ok(());
        }
        let (written, told) = {
            let mut waiting = self.waiting();
            (waiting.written, mem::take(&mut waiting.told))
        };
        self.sync(told, |waiting| &mut waiting.told).await?;
        *settled = written;
        Ok(())
    }

    /// The same for everything that was written before the call.
    ///
    /// # Errors
    /// As [`DiskQueue::settle`].
    pub async fn settle_all(&self) -> io::Result<()> {
        self.settle().await?;
        let later = mem::take(&mut self.waiting().later);
        self.sync(later, |waiting| &mut waiting.later).await
    }

    /// Settles what nobody waits for once nothing was written for the time `quiet`, or ten times as long after
    /// it was written, until this future is dropped.
    pub async fn settle_behind(self, quiet: Duration) {
        loop {
            self.shared.filled.notified().await;
            for _ in 0..10 {
                let written = self.waiting().written;
                tokio::time::sleep(quiet).await;
                if self.waiting().written == written {
                    break;
                }
            }
            if let Err(error) = self.settle_all().await {
                tracing::error!(%error, "what was written could not be brought to the disk");
                self.shared.filled.notify_one();
            }
        }
    }

    fn add(&self, add: impl FnOnce(&mut Waiting)) {
        let mut waiting = self.waiting();
        waiting.written += 1;
        add(&mut waiting);
        drop(waiting);
        self.shared.filled.notify_one();
    }

    /// What the disk refuses goes back to where it `belongs`.
    async fn sync(&self, files: Files, belongs: fn(&mut Waiting) -> &mut Files) -> io::Result<()> {
        let queue = self.clone();
        let synced = tokio::task::spawn_blocking(move || {
            // Files first: a name that leads to nothing is worse than no name.
            let synced = sync(&files.files).and_then(|()| sync(&files.directories));
            synced.inspect_err(|_| belongs(&mut queue.waiting()).extend(files))
        });
        synced.await.map_err(io::Error::other)?
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn wrote(&mut self, file: &Path) {
        if !self.files.contains(file) {
            self.files.insert(file.to_owned());
        }
    }

    fn named(&mut self, file: &Path) {
        if let Some(directory) = file.parent().filter(|directory| !self.directories.contains(*directory)) {
            self.directories.insert(directory.to_owned());
        }
        self.wrote(file);
    }

    fn extend(&mut self, others: Self) {
        self.files.extend(others.files);
        self.directories.extend(others.directories);
    }
}

fn sync(paths: &BTreeSet<PathBuf>) -> io::Result<()> {
    paths.iter().try_for_each(|path| match File::open(path) {
        Ok(file) => file.sync_data(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_written_before_is_settled_once_and_what_is_gone_is_no_error() {
        let place = tempfile::tempdir().expect("a directory");
        let queue = DiskQueue::default();
        std::fs::write(place.path().join("there"), "text").expect("a file");
        queue.named(&place.path().join("there"));
        queue.named(&place.path().join("gone"));
        let (one, other) = tokio::join!(queue.settle(), queue.settle());
        assert!(one.is_ok() && other.is_ok());
        assert!(queue.waiting().told.files.is_empty() && queue.waiting().told.directories.is_empty());
        assert_eq!(*queue.shared.settled.lock().await, 2);
    }

    #[tokio::test]
    async fn what_nobody_is_told_of_holds_up_nobody() {
        let place = tempfile::tempdir().expect("a directory");
        let queue = DiskQueue::default();
        let paths = ["told", "postponed", "later"].map(|name| place.path().join(name));
        let [told, postponed, later] = &paths;
        queue.wrote(told);
        queue.named(postponed);
        queue.postpone(postponed);
        queue.named_later(later);
        queue.settle().await.expect("the disk takes it");
        assert!(queue.waiting().told.files.is_empty());
        assert_eq!(queue.waiting().later.files, BTreeSet::from([postponed.clone(), later.clone()]));
        queue.settle_all().await.expect("the disk takes it");
        assert!(queue.waiting().later.files.is_empty() && queue.waiting().later.directories.is_empty());
    }

    #[tokio::test]
    async fn what_the_disk_refuses_stays_in_the_queue() {
        let place = tempfile::tempdir().expect("a directory");
        let queue = DiskQueue::default();
        let beneath_a_file = place.path().join("file").join("below");
        std::fs::write(place.path().join("file"), "text").expect("a file");
        queue.wrote(&beneath_a_file);
        assert!(queue.settle().await.is_err());
        assert!(queue.waiting().told.files.contains(&beneath_a_file));
    }
}
