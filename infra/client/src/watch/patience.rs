//! What to do while a service does not answer: wait, longer each time, and give up at last.

use std::time::Duration;

use jiff::Timestamp;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::text::seconds_between;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);
/// A service that is started anew is back long before.
const GIVE_UP_SECONDS: f64 = 300.0;

#[derive(Debug)]
pub(crate) struct Patience {
    delay: Duration,
    since: Option<Timestamp>,
}

impl Patience {
    pub fn new() -> Self {
        Self { delay: FIRST, since: None }
    }

    /// Waits if trying again may help. The first time the person is told.
    pub async fn bear(&mut self, failure: Failure, session: &Session) -> Result<(), Failure> {
        if failure.exit != Exit::Unreachable {
            return Err(failure);
        }
        let now = session.clock.now();
        let since = *self.since.get_or_insert(now);
        if seconds_between(since, now) > GIVE_UP_SECONDS {
            return Err(failure);
        }
        if self.delay == FIRST {
            session.terminal.note(&format!("{}; trying again\n", failure.message));
        }
        session.clock.wait(self.delay).await;
        self.delay = (self.delay * 2).min(LONGEST);
        Ok(())
    }

    /// The service has answered.
    pub fn renew(&mut self, session: &Session) {
        if self.since.take().is_some() {
            session.terminal.note("the service answers again\n");
        }
        self.delay = FIRST;
    }
}
