//! Writing, reading and deleting versions of keys.

use std::fs;
use std::io;

use bytes::Bytes;
use s3s::{S3Error, S3Result, s3_error};
use sha2::{Digest, Sha256};

use super::{State, Store, identifier, io_error};
use crate::checksums::hexadecimal;
use crate::conditions::WriteConditions;
use crate::receive::Received;
use crate::record::{Content, NULL_VERSION, ObjectRecord, Properties, Versioning};

pub(crate) struct NewObject {
    pub(crate) key: String,
    pub(crate) received: Received,
    /// `None`: the MD5 of the bytes.
    pub(crate) etag: Option<String>,
    pub(crate) properties: Properties,
    pub(crate) conditions: WriteConditions,
}

/// What a deletion did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// A delete marker was made, or removed.
    pub(crate) delete_marker: bool,
    /// Of the marker that was made, or of the version that was removed.
    pub(crate) version_id: Option<String>,
}

impl Store {
    /// Makes a received body the latest version of its key.
    pub(crate) fn put_object(&self, bucket: &str, new: NewObject) -> S3Result<ObjectRecord> {
        check_key(&new.key)?;
        let mut state = self.state();
        let found = state.bucket(bucket)?;
        let current = found.current(&new.key).and_then(|object| object.content.as_ref());
        new.conditions.check(current.map(|content| content.etag.as_str()))?;
        let received = new.received;
        let etag = new.etag.unwrap_or_else(|| hexadecimal(&received.md5));
        let content = Content {
            size: received.size,
            sha256: received.sha256,
            etag,
            checksums: received.checksums,
            properties: new.properties,
        };
        let object = self.next_version(&mut state, bucket, &new.key, Some(content))?;
        let data = self.objects_path(bucket).join(format!("{}.data", object.id));
        self.publish(received.file, &data).map_err(io_error)?;
        self.add_version(&mut state, bucket, object)
    }

    /// Deletes as S3 does: without a version id a versioned bucket only gets a delete marker.
    pub(crate) fn delete_object(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        conditions: &WriteConditions,
    ) -> S3Result<Deleted> {
        check_key(key)?;
        let mut state = self.state();
        let found = state.bucket(bucket)?;
        let current = found.current(key).and_then(|object| object.content.as_ref());
        conditions.check(current.map(|content| content.etag.as_str()))?;
        let versioning = found.record.versioning;
        match (version_id, versioning) {
            (Some(version_id), _) => self.remove(&mut state, bucket, key, version_id),
            (None, Versioning::Never) => {
                self.remove(&mut state, bucket, key, NULL_VERSION)?;
                Ok(Deleted::default())
            }
            (None, Versioning::Enabled | Versioning::Suspended) => {
                let marker = self.next_version(&mut state, bucket, key, None)?;
                let marker = self.add_version(&mut state, bucket, marker)?;
                Ok(Deleted { delete_marker: true, version_id: Some(marker.version_id) })
            }
        }
    }

    /// The version asked for, or the latest.
    ///
    /// # Errors
    /// `NoSuchKey` (with the delete marker's headers when there is one), `NoSuchVersion`,
    /// `MethodNotAllowed` for a delete marker that was asked for by its version.
    pub(crate) fn find_object(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> S3Result<(ObjectRecord, Content)> {
        let state = self.state();
        let versions = state.bucket(bucket)?.keys.get(key);
        let object = match version_id {
            None => versions.and_then(|versions| versions.last()).ok_or_else(no_such_key)?,
            Some(version_id) => versions
                .and_then(|versions| versions.iter().find(|object| object.version_id == version_id))
                .ok_or_else(|| s3_error!(NoSuchVersion, "The specified version does not exist."))?,
        };
        match &object.content {
            Some(content) => Ok((object.clone(), content.clone())),
            None => {
                let mut error = match version_id {
                    None => no_such_key(),
                    Some(_) => s3_error!(
                        MethodNotAllowed,
                        "The specified method is not allowed against this resource."
                    ),
                };
                error.set_headers(delete_marker_headers(&object.version_id));
                Err(error)
            }
        }
    }

    /// All bytes of a version, compared with its record.
    pub(crate) fn read_object(
        &self,
        bucket: &str,
        object: &ObjectRecord,
        content: &Content,
    ) -> S3Result<Bytes> {
        let path = self.objects_path(bucket).join(format!("{}.data", object.id));
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            // Deleted or replaced between being found and being read.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.is_there(bucket, object) => {
                return Err(no_such_key());
            }
            Err(error) => return Err(damaged(bucket, &object.key, &error.to_string())),
        };
        if bytes.len() as u64 != content.size {
            let reason = format!("{} bytes instead of {}", bytes.len(), content.size);
            return Err(damaged(bucket, &object.key, &reason));
        }
        if hexadecimal(&Sha256::digest(&bytes)) != content.sha256 {
            return Err(damaged(bucket, &object.key, "its SHA-256 differs"));
        }
        Ok(bytes.into())
    }

    fn is_there(&self, bucket: &str, object: &ObjectRecord) -> bool {
        let state = self.state();
        let versions = state.buckets.get(bucket).and_then(|bucket| bucket.keys.get(&object.key));
        versions.is_some_and(|versions| versions.iter().any(|version| version.id == object.id))
    }

    fn next_version(
        &self,
        state: &mut State,
        bucket: &str,
        key: &str,
        content: Option<Content>,
    ) -> S3Result<ObjectRecord> {
        let versioning = state.bucket(bucket)?.record.versioning;
        let sequence = state.take_sequence();
        let now = self.now();
        let id = identifier(&[bucket, key, &sequence.to_string(), &now.to_string()])[..32].to_string();
        let version_id = match versioning {
            Versioning::Enabled => id.clone(),
            Versioning::Never | Versioning::Suspended => NULL_VERSION.into(),
        };
        Ok(ObjectRecord { id, key: key.into(), sequence, version_id, last_modified: now, content })
    }

    /// The record's file is the moment from which the version exists.
    fn add_version(&self, state: &mut State, bucket: &str, object: ObjectRecord) -> S3Result<ObjectRecord> {
        let objects = self.objects_path(bucket);
        self.write_record(&objects.join(format!("{}.json", object.id)), &object).map_err(io_error)?;
        let Some(found) = state.buckets.get_mut(bucket) else { return Ok(object) };
        let versions = found.keys.entry(object.key.clone()).or_default();
        let replaced = versions
            .iter()
            .position(|version| object.version_id == NULL_VERSION && version.version_id == NULL_VERSION);
        versions.push(object.clone());
        if let Some(index) = replaced {
            let old = versions.remove(index);
            self.remove_version(&objects, &old.id).map_err(io_error)?;
        }
        Ok(object)
    }

    fn remove(&self, state: &mut State, bucket: &str, key: &str, version_id: &str) -> S3Result<Deleted> {
        let deleted = |delete_marker| Deleted { delete_marker, version_id: Some(version_id.into()) };
        let Some(found) = state.buckets.get_mut(bucket) else { return Ok(deleted(false)) };
        let Some(versions) = found.keys.get_mut(key) else { return Ok(deleted(false)) };
        let Some(index) = versions.iter().position(|object| object.version_id == version_id) else {
            return Ok(deleted(false));
        };
        self.remove_version(&self.objects_path(bucket), &versions[index].id).map_err(io_error)?;
        let object = versions.remove(index);
        if versions.is_empty() {
            found.keys.remove(key);
        }
        Ok(deleted(object.content.is_none()))
    }
}

fn check_key(key: &str) -> S3Result<()> {
    match key.len() {
        0 => Err(s3_error!(InvalidArgument, "a key has at least one character")),
        1..=1024 => Ok(()),
        _ => Err(s3_error!(KeyTooLongError, "Your key is too long")),
    }
}

fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

/// As S3 refuses an object that it has and cannot give. Asking again does not help, so it is no error of the server.
fn damaged(bucket: &str, key: &str, reason: &str) -> S3Error {
    s3_error!(InvalidObjectState, "the stored object s3://{bucket}/{key} is damaged: {reason}; put it again")
}

fn delete_marker_headers(version_id: &str) -> http::HeaderMap {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-amz-delete-marker", http::HeaderValue::from_static("true"));
    if let Ok(version_id) = http::HeaderValue::from_str(version_id) {
        headers.insert("x-amz-version-id", version_id);
    }
    headers
}
