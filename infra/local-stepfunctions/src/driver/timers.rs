//! One task that waits for the earliest deadline of all executions.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use local_service::{Clock, Timestamp};
use tokio::sync::Notify;

use super::open::Inner;

#[derive(Debug, Default)]
pub(super) struct Timers {
    /// Deadlines with the ARN of their execution.
    queue: Mutex<BTreeSet<(Timestamp, Arc<str>)>>,
    earlier: Notify,
}

impl Timers {
    /// Replaces the deadline of an execution.
    pub(super) fn set(&self, execution: &Arc<str>, old: Option<Timestamp>, new: Option<Timestamp>) {
        if old == new {
            return;
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = old {
            queue.remove(&(old, execution.clone()));
        }
        let Some(new) = new else { return };
        queue.insert((new, execution.clone()));
        if queue.first().is_some_and(|(_, first)| first == execution) {
            self.earlier.notify_one();
        }
    }

    fn first(&self) -> Option<Timestamp> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.first().map(|(deadline, _)| *deadline)
    }

    fn take_due(&self, now: Timestamp) -> Vec<Arc<str>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        while queue.first().is_some_and(|(deadline, _)| *deadline <= now) {
            due.extend(queue.pop_first().map(|(_, execution)| execution));
        }
        due
    }

    /// Runs until the service is dropped.
    pub(super) async fn run(self: Arc<Self>, clock: Arc<dyn Clock>, inner: Weak<Inner>) {
        loop {
            // A deadline that was set in between leaves a permit behind, so none is missed.
            match self.first() {
                None => self.earlier.notified().await,
                Some(deadline) => tokio::select! {
                    () = clock.sleep_until(deadline) => {}
                    () = self.earlier.notified() => {}
                },
            }
            let due = self.take_due(clock.now());
            if due.is_empty() {
                continue;
            }
            let Some(inner) = inner.upgrade() else { return };
            due.iter().for_each(|execution| inner.deadline_reached(execution));
        }
    }
}
