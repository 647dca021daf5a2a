//! What a service needs to know and to do while the stack runs: the ways in, how it is, and how it ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use engine::execution::Timestamp;
use local_service::Clock;
use local_stepfunctions::{FunctionError, LambdaInvoker};
use platform::Fault;
use serde_json::{Value, json};

use super::LocalStack;
use super::sweeps::SweepInvoker;
use crate::connector::LocalAws;
use crate::template::Route;

/// Between two looks at what still runs.
const LOOK: Duration = Duration::from_millis(50);

/// The function whose clients look at the store for the service itself.
const LOOKS_WITH: &str = "api";
/// The one that delivers, and asks providers.
const SWEEPS_WITH: &str = "dispatch-effects";
/// Effects that are read at once.
const PAGE: i32 = 100;

impl LocalStack {
    /// AWS as it is here.
    pub fn aws(&self) -> &Arc<LocalAws> {
        &self.aws
    }

    /// The route of the template's HTTP API that takes a request.
    pub fn route(&self, method: &str, path: &str) -> Option<&Route> {
        self.template.route(method, path)
    }

    pub fn state_machine_arns(&self) -> impl Iterator<Item = &str> {
        self.template.state_machines.iter().map(|machine| machine.arn.as_str())
    }

    /// Invokes a function, by its ARN.
    ///
    /// # Errors
    /// The function's, or why it was not invoked.
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, FunctionError> {
        self.invoker.invoke(function, event).await
    }

    /// When the oldest effect was committed that was not delivered yet.
    ///
    /// # Errors
    /// The outbox cannot be read.
    pub async fn oldest_undelivered_ms(&self) -> Result<Option<i64>, Fault> {
        let Some(platform) = self.platform_of(LOOKS_WITH) else { return Ok(None) };
        let oldest = platform.store.undelivered(Timestamp(self.clock.now()), None, 1).await?;
        Ok(oldest.first().map(|pending| pending.committed_at().0))
    }

    /// When the sweep last succeeded since the start.
    pub fn last_sweep_ms(&self) -> Option<i64> {
        self.sweeps.last_ms()
    }

    /// Does what is scheduled, now: a former process may have left something to be found.
    pub async fn sweep(&self) {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let caller = SweepInvoker::new(self.invoker.clone(), &self.template, self.sweeps.clone(), clock);
        for scheduled in &self.template.schedules {
            if let Err(error) = caller.invoke(&scheduled.function, json!({})).await {
                tracing::error!(function = scheduled.function, cause = error.cause, "the sweep failed");
            }
        }
    }

    /// Delivers what a former process committed and did not deliver, and asks about work that may have ended
    /// unheard. The sweep does so too, and waits before: for those who are about to. Of a process that is gone
    /// nobody is.
    ///
    /// # Errors
    /// The store cannot be read; the sweep will try again.
    pub async fn take_up(&self) -> Result<(), Fault> {
        let Some(platform) = self.platform_of(SWEEPS_WITH) else { return Ok(()) };
        let before = Timestamp(self.clock.now());
        let mut last = None;
        loop {
            let page = platform.store.undelivered(before, last.as_ref(), PAGE).await?;
            for pending in &page {
                if let Err(fault) = platform.deliver(pending).await {
                    tracing::error!(%fault, "an effect of a former process cannot be delivered yet");
                }
            }
            match page.last() {
                Some(pending) => last = Some(pending.clone()),
                None => break,
            }
        }
        for work in platform.store.all_outside_work().await? {
            let Some(id) = &work.external_execution_id else { continue };
            if let Err(fault) = platform.conclude(&work, id).await {
                tracing::error!(%fault, "a provider could not be asked about work of a former process");
            }
        }
        Ok(())
    }

    /// From now on workflows invoke nothing; they go on at the next start.
    pub fn admit_no_more(&self) {
        self.admit.send_replace(false);
    }

    /// Builds and deployments whose end is not recorded, and functions that workflows invoked.
    pub async fn running(&self) -> Running {
        let functions = self.running_functions.load(Ordering::Relaxed);
        let Some(platform) = self.platform_of(LOOKS_WITH) else { return Running::default() };
        // A store that cannot be read will not record an end either.
        let outside = platform.store.all_outside_work().await.map_or(0, |work| work.len());
        Running { functions, outside }
    }

    /// Returns when nothing runs any more.
    pub async fn idle(&self) {
        while self.running().await != Running::default() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// What runs at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Running {
    pub functions: usize,
    /// Builds and deployments.
    pub outside: usize,
}
