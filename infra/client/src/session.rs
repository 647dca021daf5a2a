//! What a command works with: the service, the terminal, the time.

use crate::api::Api;
use crate::clock::Clock;
use crate::terminal::Terminal;

pub(crate) struct Session {
    pub api: Api,
    pub terminal: Terminal,
    pub clock: Clock,
}
