//! Asynchronous invocation of a function, with Lambda's retries.

use std::sync::Arc;

use local_service::Clock;
use local_stepfunctions::LambdaInvoker;
use serde_json::Value;
use tokio::runtime::Handle;

/// Lambda tries an asynchronous invocation that failed twice more: after one minute, and after two
/// (Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation").
const RETRY_DELAYS_MS: [i64; 2] = [60_000, 120_000];

/// Hands events to functions without waiting for them. Clones share everything.
#[derive(Clone)]
pub struct Delivery {
    invoker: Arc<dyn LambdaInvoker>,
    clock: Arc<dyn Clock>,
    /// Events also come from threads that belong to no runtime.
    runtime: Handle,
}

impl Delivery {
    pub fn new(invoker: Arc<dyn LambdaInvoker>, clock: Arc<dyn Clock>, runtime: Handle) -> Self {
        Self { invoker, clock, runtime }
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Returns at once. `rule` is for the log.
    pub(super) fn start(&self, rule: &str, function: &str, event: Value) {
        let (delivery, rule, function) = (self.clone(), rule.to_owned(), function.to_owned());
        self.runtime.spawn(async move { delivery.deliver(&rule, &function, event).await });
    }

    pub(super) async fn deliver(&self, rule: &str, function: &str, event: Value) {
        let mut delays = RETRY_DELAYS_MS.into_iter();
        loop {
            let Err(error) = self.invoker.invoke(function, event.clone()).await else { return };
            let Some(delay_ms) = delays.next() else {
                tracing::error!(
                    rule,
                    function,
                    error_type = error.error_type,
                    cause = error.cause,
                    event = %event,
                    "an event was dropped: the function failed each time"
                );
                return;
            };
            self.clock.sleep_until(self.clock.now() + delay_ms).await;
        }
    }
}
