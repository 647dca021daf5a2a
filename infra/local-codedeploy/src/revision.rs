//! Where revisions come from.

use std::sync::Arc;

use local_service::{ApiError, BoxFuture, ObjectStore};
use serde::{Deserialize, Serialize};

/// `s3Location` of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct S3Location {
    pub bucket: String,
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
}

/// Reads revisions; with its `version` and `eTag` when they are given.
pub trait RevisionStore: Send + Sync + 'static {
    /// # Errors
    /// Also when the object's ETag is not the `eTag` of the location.
    fn get<'a>(&'a self, location: &'a S3Location) -> BoxFuture<'a, Result<Vec<u8>, ApiError>>;
}

/// Over an [`ObjectStore`], which knows only the latest version of a key: a location with a
/// `version` or an `eTag` is refused, rather than answered with bytes that may be others.
pub struct LatestRevisions(pub Arc<dyn ObjectStore>);

impl RevisionStore for LatestRevisions {
    fn get<'a>(&'a self, location: &'a S3Location) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        Box::pin(async move {
            if location.version.is_some() || location.e_tag.is_some() {
                return Err(ApiError::client(
                    "InvalidRevisionException",
                    "version and eTag of an S3 location are not supported by this object store; leave them out",
                ));
            }
            self.0.get(&location.bucket, &location.key).await
        })
    }
}
