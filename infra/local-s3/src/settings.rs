//! What a store and its buckets are told when they are made.

use std::fmt;
use std::path::PathBuf;
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

/// Why a directory cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it open.
    InUse(PathBuf),
    /// A record that no crash explains: somebody edited it, or the disk is failing.
    Unreadable {
        path: PathBuf,
        reason: String,
    },
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => {
                write!(
                    f,
                    "{} is in use by another process; stop it or choose another directory",
                    path.display()
                )
            }
            Self::Unreadable { path, reason } => {
                write!(
                    f,
                    "{} cannot be read ({reason}); restore it, or remove it to lose that object",
                    path.display()
                )
            }
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
