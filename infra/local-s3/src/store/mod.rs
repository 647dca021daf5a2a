//! The files and what is known of them in memory.
//!
//! All records are read on open and kept; listings and conditions never touch the disk. One lock
//! serialises changes: a conditional write is decided and made under it.

mod buckets;
mod files;
mod load;
mod objects;
mod uploads;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use local_service::{Clock, DiskQueue, LockedDirectory, Timestamp};
use s3s::dto::TimestampFormat;
use s3s::{S3Error, S3Result, s3_error};
use sha2::{Digest, Sha256};

use crate::OpenError;
use crate::checksums::hexadecimal;
use crate::record::{BucketRecord, ObjectRecord};

pub(crate) use objects::NewObject;
pub(crate) use uploads::{Part, Upload};

pub(crate) struct Store {
    directory: LockedDirectory,
    /// `None`: every file is brought to the disk at once.
    disk: Option<DiskQueue>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) buckets: BTreeMap<String, Bucket>,
    next_sequence: u64,
}

#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) record: BucketRecord,
    /// The versions of each key, the oldest first; never empty.
    pub(crate) keys: BTreeMap<String, Vec<ObjectRecord>>,
}

impl Bucket {
    /// The latest version, unless that is a delete marker.
    pub(crate) fn current(&self, key: &str) -> Option<&ObjectRecord> {
        self.keys.get(key)?.last().filter(|object| object.content.is_some())
    }
}

impl State {
    pub(crate) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        self.buckets.get(name).ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }
}

impl Store {
    pub(crate) fn open(
        directory: &Path,
        disk: Option<DiskQueue>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let directory = LockedDirectory::open(directory)?;
        for folder in ["buckets", "uploads"] {
            let path = directory.join(folder);
            fs::create_dir_all(&path).map_err(OpenError::io(&path))?;
        }
        let temporary = directory.join("temporary");
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(OpenError::io(&temporary))?;
        }
        fs::create_dir(&temporary).map_err(OpenError::io(&temporary))?;
        load::sweep_uploads(&directory.join("uploads"))?;
        let state = Mutex::new(load::load(&directory.join("buckets"))?);
        Ok(Self { directory, disk, clock, state })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic between two changes leaves a state that was true once; the files decide.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether a file has to be on the disk before it gets its name.
    pub(crate) fn syncs_at_once(&self) -> bool {
        self.disk.is_none()
    }

    pub(crate) fn temporary(&self) -> PathBuf {
        self.directory.join("temporary")
    }

    fn bucket_path(&self, bucket: &str) -> PathBuf {
        self.directory.join("buckets").join(bucket)
    }

    fn objects_path(&self, bucket: &str) -> PathBuf {
        self.bucket_path(bucket).join("objects")
    }

    fn uploads_path(&self) -> PathBuf {
        self.directory.join("uploads")
    }
}

impl State {
    fn take_sequence(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence
    }
}

/// 64 hexadecimal digits that the parts determine.
pub(crate) fn identifier(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hexadecimal(&hash.finalize())
}

pub(crate) fn to_dto_time(milliseconds: Timestamp) -> s3s::dto::Timestamp {
    let since = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    (UNIX_EPOCH + since).into()
}

/// In whole seconds, as event envelopes have it: `2026-11-22T01:40:27Z`.
pub(crate) fn time_text(milliseconds: Timestamp) -> String {
    let mut text = Vec::new();
    let whole = to_dto_time(milliseconds - milliseconds.rem_euclid(1000));
    let _written = whole.format(TimestampFormat::DateTime, &mut text);
    String::from_utf8_lossy(&text).replace(".000Z", "Z")
}

pub(crate) fn io_error(error: std::io::Error) -> S3Error {
    s3_error!(InternalError, "the local S3 could not use its files: {error}")
}
