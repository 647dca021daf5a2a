//! What is written beside the bytes.

use std::collections::HashMap;

use local_service::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checksums::Checksums;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BucketRecord {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) versioning: Versioning,
    pub(crate) event_bridge: bool,
}

/// A bucket that was ever versioned can only be suspended: its versions stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    Never,
    Enabled,
    Suspended,
}

/// The version id of objects that were written without versioning.
pub(crate) const NULL_VERSION: &str = "null";

/// One version of one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectRecord {
    /// Names the two files.
    pub(crate) id: String,
    pub(crate) key: String,
    /// Orders the versions of a key; unique in the store.
    pub(crate) sequence: u64,
    pub(crate) version_id: String,
    pub(crate) last_modified: Timestamp,
    /// `None`: a delete marker.
    pub(crate) content: Option<Content>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub(crate) size: u64,
    /// Hexadecimal, of the bytes as they were received.
    pub(crate) sha256: String,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) checksums: Checksums,
    pub(crate) properties: Properties,
}

/// What the writer said about the object, given back to readers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Properties {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) expires: Option<s3s::dto::Timestamp>,
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) server_side_encryption: Option<String>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) bucket_key_enabled: Option<bool>,
}
