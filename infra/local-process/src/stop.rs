//! A request to end early, shared by whoever may ask and whatever has to end.

use std::sync::Arc;

use tokio::sync::watch;

/// Why something was ended before its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Its time was over.
    TimedOut,
    /// Somebody asked for it.
    Cancelled,
    /// The service ends that runs it.
    ServiceEnded,
}

/// Clones are the same request. The first reason wins; it cannot be taken back.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<StopReason>>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Stop {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn request(&self, reason: StopReason) {
        self.0.send_if_modified(|requested| {
            let first = requested.is_none();
            requested.get_or_insert(reason);
            first
        });
    }

    /// What was requested so far.
    pub fn reason(&self) -> Option<StopReason> {
        *self.0.borrow()
    }

    /// Ends when a stop is requested; at once when it already was.
    pub async fn requested(&self) -> StopReason {
        let mut receiver = self.0.subscribe();
        loop {
            if let Some(reason) = *receiver.borrow_and_update() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                // Not reachable while `self` holds the sender; waiting for ever is the safe reading.
                std::future::pending::<()>().await;
            }
        }
    }
}
