//! Reading everything back, and sweeping up after a crash.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::{Bucket, State};
use crate::OpenError;
use crate::record::{BucketRecord, NULL_VERSION, ObjectRecord};

pub(super) fn load(buckets: &Path) -> Result<State, OpenError> {
    let mut state = State::default();
    for path in listing(buckets)? {
        let record_path = path.join("bucket.json");
        if !record_path.exists() {
            // The crash was between the two steps of a creation or a deletion.
            fs::remove_dir_all(&path).map_err(|source| OpenError::Io { path, source })?;
            continue;
        }
        let record: BucketRecord = read(&record_path)?;
        let keys = load_objects(&path.join("objects"))?;
        let last = keys.values().flatten().map(|object| object.sequence).max().unwrap_or(0);
        state.next_sequence = state.next_sequence.max(last);
        state.buckets.insert(record.name.clone(), Bucket { record, keys });
    }
    Ok(state)
}

fn load_objects(directory: &Path) -> Result<BTreeMap<String, Vec<ObjectRecord>>, OpenError> {
    let mut keys: BTreeMap<String, Vec<ObjectRecord>> = BTreeMap::new();
    let mut known = HashSet::new();
    let mut bytes = Vec::new();
    for path in listing(directory)? {
        match path.extension().and_then(OsStr::to_str) {
            Some("json") => {
                let Some(object) = read_object(&path)? else { continue };
                known.insert(object.id.clone());
                keys.entry(object.key.clone()).or_default().push(object);
            }
            _ => bytes.push(path),
        }
    }
    for versions in keys.values_mut() {
        versions.sort_by_key(|object| object.sequence);
        // Replacing an unversioned object: the crash was before the old one was removed.
        while let Some(older) = superseded(versions) {
            let object = versions.remove(older);
            let path = directory.join(format!("{}.json", object.id));
            fs::remove_file(&path).map_err(|source| OpenError::Io { path, source })?;
            known.remove(&object.id);
        }
    }
    for path in bytes {
        let id = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        if !known.contains(id) {
            fs::remove_file(&path).map_err(|source| OpenError::Io { path, source })?;
        }
    }
    Ok(keys)
}

/// `None` for a record that a power cut left without its content: nobody was told of the object then.
fn read_object(path: &Path) -> Result<Option<ObjectRecord>, OpenError> {
    let io = |source| OpenError::Io { path: path.into(), source };
    if fs::read(path).map_err(io)?.iter().any(|byte| *byte != 0) {
        return read(path).map(Some);
    }
    tracing::warn!(path = %path.display(), "a record without content is removed");
    fs::remove_file(path).map_err(io)?;
    Ok(None)
}

/// Removes uploads whose completion or abortion a crash interrupted.
pub(super) fn sweep_uploads(uploads: &Path) -> Result<(), OpenError> {
    for path in listing(uploads)? {
        if !path.join("upload.json").exists() {
            fs::remove_dir_all(&path).map_err(|source| OpenError::Io { path, source })?;
        }
    }
    Ok(())
}

/// The index of a "null" version that has a younger one.
fn superseded(versions: &[ObjectRecord]) -> Option<usize> {
    let mut nulls = versions.iter().enumerate().filter(|(_, object)| object.version_id == NULL_VERSION);
    let (first, _) = nulls.next()?;
    nulls.next().map(|_| first)
}

fn listing(directory: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let io = |source| OpenError::Io { path: directory.into(), source };
    fs::read_dir(directory).map_err(io)?.map(|listed| Ok(listed.map_err(io)?.path())).collect()
}

pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, OpenError> {
    let text = fs::read(path).map_err(|source| OpenError::Io { path: path.into(), source })?;
    serde_json::from_slice(&text)
        .map_err(|error| OpenError::Unreadable { path: path.into(), reason: error.to_string() })
}
