//! The time now, and waiting: the one place where these commands read the clock.

use std::time::Duration;

use jiff::Timestamp;

/// The clock of the process, or one that a test sets; then waiting takes no time.
#[derive(Debug, Clone)]
pub(crate) enum Clock {
    Process,
    #[cfg(test)]
    Fixed(Timestamp),
}

impl Clock {
    pub fn of_process() -> Self {
        Self::Process
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Self::Process => Timestamp::now(),
            #[cfg(test)]
            Self::Fixed(at) => *at,
        }
    }

    pub async fn wait(&self, time: Duration) {
        match self {
            Self::Process => tokio::time::sleep(time).await,
            #[cfg(test)]
            Self::Fixed(_) => tokio::time::sleep(time.min(Duration::from_millis(2))).await,
        }
    }
}
