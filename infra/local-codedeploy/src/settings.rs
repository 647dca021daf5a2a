//! What the service is told when it is opened.

use std::collections::BTreeMap;
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
