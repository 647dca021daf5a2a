//! What the service is told when it is opened.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use local_service::EventSink;

#[derive(Clone)]
pub struct Settings {
    pub region: String,
    pub account_id: String,
    /// Where deployment events go.
    pub events: Option<Arc<dyn EventSink>>,
    /// What hooks find in their environment besides CodeDeploy's variables; nothing else is passed on.
    pub environment: BTreeMap<String, String>,
    /// Pass over `runas`, `owner` and `group` of an appspec (with a line in the log) instead of
    /// refusing those that are not the current user: most appspecs name `root` or `ec2-user`.
    pub as_current_user: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self {
            region: "us-east-1".into(),
            account_id: "000000000000".into(),
            events: None,
            environment: BTreeMap::from([("PATH".into(), path.into())]),
            as_current_user: false,
        }
    }
}

/// Why a directory cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it open.
    InUse(PathBuf),
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
                write!(f, "{} cannot be read ({reason}); restore or remove it", path.display())
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
