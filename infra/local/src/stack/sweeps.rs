//! When the sweep last succeeded: without it, a lost event would never be made up for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use local_service::{BoxFuture, Clock, Timestamp};
use local_stepfunctions::{FunctionError, LambdaInvoker};
use serde_json::Value;

use crate::template::Stack;

#[derive(Debug, Default)]
pub(super) struct Sweeps {
    /// 0: never.
    last_ms: AtomicI64,
}

impl Sweeps {
    pub(super) fn last_ms(&self) -> Option<Timestamp> {
        Some(self.last_ms.load(Ordering::Relaxed)).filter(|last| *last > 0)
    }
}

/// Invokes functions for the schedules, and remembers when one that sweeps succeeded.
pub(super) struct SweepInvoker<Invoker> {
    invoker: Arc<Invoker>,
    scheduled: Vec<String>,
    sweeps: Arc<Sweeps>,
    clock: Arc<dyn Clock>,
}

impl<Invoker> SweepInvoker<Invoker> {
    pub(super) fn new(
        invoker: Arc<Invoker>,
        template: &Stack,
        sweeps: Arc<Sweeps>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let scheduled = template.schedules.iter().map(|scheduled| scheduled.function.clone()).collect();
        Self { invoker, scheduled, sweeps, clock }
    }
}

impl<Invoker: LambdaInvoker> LambdaInvoker for SweepInvoker<Invoker> {
    fn invoke<'a>(
        &'a self,
        function: &'a str,
        payload: Value,
    ) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(async move {
            let answered = self.invoker.invoke(function, payload).await;
            if answered.is_ok() && self.scheduled.iter().any(|scheduled| scheduled == function) {
                self.sweeps.last_ms.store(self.clock.now(), Ordering::Relaxed);
            }
            answered
        })
    }
}
