//! Time as the embedded services see it.
//!
//! A service never reads the system clock: deadlines of days have to be reached in a test, so the
//! clock is given, and it can be moved forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::BoxFuture;

/// Milliseconds since the Unix epoch.
pub type Timestamp = i64;

pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Ends when [`Clock::now`] has reached `deadline`; at once when it already has.
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()>;
}

/// The system's clock plus an offset that only grows.
#[derive(Default)]
pub struct AdjustableClock {
    offset_ms: AtomicI64,
    moved: Notify,
}

impl AdjustableClock {
    /// Moves time forward; whoever sleeps looks at the clock again.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(by_ms, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}

impl Clock for AdjustableClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one clock of the local stack")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        system_ms + self.offset_ms.load(Ordering::SeqCst)
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                // Registered before the clock is read, so an advance in between is not missed.
                let moved = self.moved.notified();
                let left_ms = deadline - self.now();
                if left_ms <= 0 {
                    return;
                }
                let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
                tokio::select! {
                    () = tokio::time::sleep(left) => {}
                    () = moved => {}
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved_past_its_deadline() {
        let clock = Arc::new(AdjustableClock::default());
        let deadline = clock.now() + 3_600_000;
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(deadline).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(3_601));
        sleeper.await.expect("the sleeper ends");
        assert!(clock.now() >= deadline);
    }
}
