//! A small, versioned S3 over files: what a pipeline needs of S3 on one machine.
//!
//! `s3s-fs`, the file system example of `s3s`, has no object versions, and an S3 source needs them.
//!
//! Supported: CreateBucket, HeadBucket, ListBuckets, DeleteBucket, Put/GetBucketVersioning,
//! Put/GetBucketNotificationConfiguration (EventBridge only), PutObject, GetObject, HeadObject,
//! DeleteObject, DeleteObjects, CopyObject, ListObjectsV2, ListObjectVersions, and multipart uploads
//! (Create, UploadPart, Complete, Abort). Everything else answers `NotImplemented`, and so do
//! settings of a supported operation that would have no effect here (tags, object locks, customer
//! keys, storage classes).
//!
//! Differences from AWS: the `x-amz-server-side-encryption` headers are kept and echoed, but the
//! bytes on the disk are not encrypted; there are no access rules and no owners
//! (`x-amz-expected-bucket-owner` is not compared); signatures are not checked; `GetObject` reads the
//! whole object into memory to check it before the first byte is sent.
//!
//! # Files
//!
//! ```text
//! <directory>/lock                              held while the directory is open
//! <directory>/temporary/                        bodies being received; emptied on open
//! <directory>/buckets/<bucket>/bucket.json      name, creation, versioning, notifications
//! <directory>/buckets/<bucket>/objects/<id>.json   one version of one key: key, headers, SHA-256
//! <directory>/buckets/<bucket>/objects/<id>.data   its bytes; a delete marker has none
//! <directory>/uploads/<upload id>/…             parts of multipart uploads
//! ```
//!
//! Keys are never part of a path, so no key can leave the directory or be too long for it. A version
//! exists once its `.json` has its name; both files are written under another name, flushed and
//! renamed, so a crash leaves the old state or the new one. Each read compares length and SHA-256.

mod api;
mod aws_chunked;
mod checksums;
mod conditions;
mod event;
mod host;
mod listing;
mod object_store;
mod operations;
mod percent;
mod receive;
mod record;
mod serve;
mod settings;
mod store;

pub use api::LocalS3;
pub use local_service::OpenError;
pub use settings::{BucketSettings, Settings};
