//! One function per S3 operation, from its input to its output.

pub(crate) mod buckets;
pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod multipart;
pub(crate) mod put;
mod refusals;

use s3s::{S3Result, s3_error};

use crate::LocalS3;
use crate::record::ObjectRecord;
use crate::store::Store;

impl LocalS3 {
    /// File work away from the threads that answer requests.
    pub(crate) async fn on_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> S3Result<T> + Send + 'static,
    ) -> S3Result<T> {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|error| s3_error!(InternalError, "the local S3 failed: {error}"))?
    }

    pub(crate) fn announce(&self, bucket: &str, object: &ObjectRecord, reason: &str) {
        let Some(events) = &self.settings.events else { return };
        let wanted = self.store.state().buckets.get(bucket).is_some_and(|found| found.record.event_bridge);
        if !wanted {
            return;
        }
        let now = self.store.now();
        if let Some(event) = crate::event::object_created(&self.settings, bucket, object, reason, now) {
            events.put_event(event);
        }
    }
}

/// The version id as answers show it: nothing in a bucket that was never versioned.
fn shown_version(object: &ObjectRecord) -> Option<String> {
    (object.version_id != crate::record::NULL_VERSION).then(|| object.version_id.clone())
}
