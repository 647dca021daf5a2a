//! What a store and its buckets are told when they are made.

use std::sync::Arc;

use local_service::EventSink;

#[derive(Clone)]
pub struct Settings {
    /// Flush files and directories to the disk before an answer is given. Without it a power cut,
    /// but no crash of the process, can lose what was acknowledged.
    pub fsync: bool,
    /// Appears in answers and events.
    pub region: String,
    pub account_id: String,
    /// Where "Object Created" events go, for buckets that send them.
    pub events: Option<Arc<dyn EventSink>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { fsync: true, region: "us-east-1".into(), account_id: "000000000000".into(), events: None }
    }
}

/// How [`crate::LocalS3::ensure_bucket`] makes a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BucketSettings {
    pub versioned: bool,
    /// Send "Object Created" events, as a bucket with an `EventBridgeConfiguration` does.
    pub event_bridge: bool,
}
