//! Logs of actions out of CloudWatch Logs: from the first line, each line once, across restarts of the service.

mod action_log;
mod group;
mod stream;

use std::collections::BTreeMap;
use std::time::Duration;

use action_log::ActionLog;
pub(crate) use group::LogGroup;
pub(crate) use stream::{Line, Stream};

use crate::execution::ActionView;
use crate::failure::Failure;
use crate::session::Session;

/// The last lines of a log may come a moment after its action has ended.
const LATE: Duration = Duration::from_millis(300);

/// The logs of the actions of an execution, each read as far as it was.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// By action execution.
    actions: BTreeMap<String, ActionLog>,
}

impl Logs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the lines that have come since the last time. An action without a log has none.
    pub async fn read(
        &mut self,
        action: &ActionView,
        session: &Session,
        say: &mut dyn FnMut(&Line),
    ) -> Result<(), Failure> {
        let Some(log) = &action.log else { return Ok(()) };
        let read = self.actions.entry(action.id.clone()).or_insert_with(|| ActionLog::new(log));
        read.read(session, say).await
    }

    /// Tells all that is still to come of an action that has ended.
    pub async fn finish(
        &mut self,
        action: &ActionView,
        session: &Session,
        say: &mut dyn FnMut(&Line),
    ) -> Result<(), Failure> {
        if action.log.is_none() {
            return Ok(());
        }
        self.read(action, session, say).await?;
        session.clock.wait(LATE).await;
        self.read(action, session, say).await
    }
}
