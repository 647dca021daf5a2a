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

    /// Whether to try again: the failure itself if that cannot help, or has not helped for long. What the person
    /// is told, the first time.
    pub fn bear(&mut self, failure: Failure, now: Timestamp) -> Result<Option<String>, Failure> {
        if failure.exit != Exit::Unreachable {
            return Err(failure);
        }
        match self.since {
            Some(since) if seconds_between(since, now) > GIVE_UP_SECONDS => Err(failure),
            Some(_) => Ok(None),
            None => {
                self.since = Some(now);
                Ok(Some(format!("{}; trying again", failure.message)))
            }
        }
    }

    /// Waits before the next try.
    pub async fn wait(&mut self, session: &Session) {
        session.clock.wait(self.delay).await;
        self.delay = (self.delay * 2).min(LONGEST);
    }

    /// The service has answered; what the person is told if it had not.
    pub fn renew(&mut self) -> Option<&'static str> {
        self.delay = FIRST;
        self.since.take().map(|_| "the service answers again")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_went_away_is_waited_for_but_not_for_ever() {
        let gone = || Failure::new(Exit::Unreachable, "gone");
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut patience = Patience::new();
        assert_eq!(patience.renew(), None);
        assert_eq!(patience.bear(gone(), at(0)), Ok(Some("gone; trying again".into())));
        assert_eq!(patience.bear(gone(), at(299)), Ok(None));
        assert_eq!(patience.renew(), Some("the service answers again"));
        assert_eq!(patience.bear(gone(), at(300)), Ok(Some("gone; trying again".into())));
        assert_eq!(patience.bear(gone(), at(601)), Err(gone()));
        let refused = Failure::not_found("no such execution");
        assert_eq!(Patience::new().bear(refused.clone(), at(0)), Err(refused));
    }
}
