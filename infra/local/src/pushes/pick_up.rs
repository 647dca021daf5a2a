//! The service takes pushes from the spool, at least once each.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use local_service::{Clock, Timestamp};

use super::events::events;
use super::spool::{Waiting, waiting};
use crate::LocalStack;

/// Between two looks. A look at an empty directory costs microseconds, but an idle service should let its
/// machine sleep; a push can wait for half a second.
const LOOK: Duration = Duration::from_millis(500);
/// A push that could not be told is tried again after so long, each time twice as long.
const FIRST_PAUSE_MS: i64 = 1_000;
const PAUSE_MAX_MS: i64 = 60_000;

/// Tells the rules of every push that waits, until this future is dropped.
pub async fn pick_up(stack: Arc<LocalStack>) {
    let mut failed: HashMap<String, Failed> = HashMap::new();
    loop {
        match waiting(stack.directory.path()) {
            Ok(all) => {
                for one in all {
                    let name = one.name();
                    let now = stack.clock.now();
                    if failed.get(&name).is_some_and(|failed| now < failed.again_at) {
                        continue;
                    }
                    match tell(&stack, &one).await {
                        Ok(()) => drop(failed.remove(&name)),
                        Err(error) => {
                            tracing::error!(push = name, error, "a push is told again later");
                            let before = failed.get(&name).map_or(0, |failed| failed.pause_ms);
                            failed.insert(name, Failed::after(before, now));
                        }
                    }
                }
            }
            Err(error) => tracing::error!(%error, "pushes cannot be looked for"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

struct Failed {
    again_at: Timestamp,
    pause_ms: i64,
}

impl Failed {
    fn after(pause_before_ms: i64, now: Timestamp) -> Self {
        let pause_ms = (pause_before_ms * 2).clamp(FIRST_PAUSE_MS, PAUSE_MAX_MS);
        Self { again_at: now + pause_ms, pause_ms }
    }
}

async fn tell(stack: &LocalStack, one: &Waiting) -> Result<(), String> {
    let Some(push) = one.read().map_err(|error| error.to_string())? else { return Ok(()) };
    let connections = stack.connections().await.map_err(|fault| fault.to_string())?;
    for event in events(&one.name(), &push, &connections, stack.account()) {
        stack.put_event(&event).await.map_err(|error| format!("{}: {}", error.error_type, error.cause))?;
    }
    one.remove().map_err(|error| error.to_string())
}
