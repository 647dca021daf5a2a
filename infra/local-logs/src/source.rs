//! Who knows which logs there are.

use std::path::PathBuf;

use local_service::Timestamp;

/// The builds and deployments of this machine, as log groups and streams.
pub trait LogSource: Send + Sync + 'static {
    /// `None`: there is no such group. A group may be empty.
    fn streams(&self, group: &str) -> Option<Vec<LogStream>>;

    /// One stream of a group. `None`: there is no such group or stream.
    fn stream(&self, group: &str, name: &str) -> Option<LogStream> {
        self.streams(group)?.into_iter().find(|stream| stream.name == name)
    }
}

/// The log of one build or deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    pub name: String,
    /// Lines that end with `\n`. No file is a stream without events yet.
    pub path: PathBuf,
    pub created_at_ms: Timestamp,
    /// Whether nobody writes to it any more: then an end without `\n` is a line too.
    pub is_complete: bool,
}

/// Where the logs seem to be: what ARNs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub region: String,
}
