//! What a store and its buckets are told when they are made.

use std::sync::Arc;

use local_service::{DiskQueue, EventSink};

#[derive(Clone)]
pub struct Settings {
    /// Where files are named that are to be brought to the disk, by whoever settles the queue. Without it
    /// each is brought there before an answer is given.
    pub disk: Option<DiskQueue>,
    /// Appears in answers and events.
    pub region: String,
    pub account_id: String,
    /// Where "Object Created" events go, for buckets that send them.
    pub events: Option<Arc<dyn EventSink>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { disk: None, region: "us-east-1".into(), account_id: "000000000000".into(), events: None }
    }
}

/// How [`crate::LocalS3::ensure_bucket`] makes a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BucketSettings {
    pub versioned: bool,
    /// Send "Object Created" events, as a bucket with an `EventBridgeConfiguration` does.
    pub event_bridge: bool,
}
