//! The service takes pushes from the spool, at least once each.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use local_service::{Clock, Timestamp};

use super::arrivals::Arrivals;
use super::events::events;
use super::spool::{Waiting, prepare, waiting};
use crate::LocalStack;

/// Between two looks although nothing is said to have come: word of it may have been lost.
const SAFETY_LOOK_MS: i64 = 60_000;
/// The same while nobody says so: the kernel has no more watches for this user.
const UNTOLD_LOOK_MS: i64 = 500;
/// A push that could not be told is tried again after so long, each time twice as long.
const FIRST_PAUSE_MS: i64 = 1_000;
const PAUSE_MAX_MS: i64 = 60_000;

/// Tells the rules of every push that waits, until this future is dropped.
pub async fn pick_up(stack: Arc<LocalStack>) {
    let data = stack.directory.path().to_owned();
    let arrivals = prepare(&data).and_then(|spool| Arrivals::into(&spool));
    if let Err(error) = &arrivals {
        tracing::warn!(%error, "pushes are looked for twice a second: the kernel does not tell of them");
    }
    let arrivals = arrivals.ok();
    let mut failed: HashMap<String, Failed> = HashMap::new();
    loop {
        // What comes while this looks is told of afterwards.
        let is_told = arrivals.as_ref().is_some_and(|arrivals| arrivals.watch().is_ok());
        match waiting(&data) {
            Ok(all) => tell_all(&stack, all, &mut failed).await,
            Err(error) => tracing::error!(%error, "pushes cannot be looked for"),
        }
        let now = stack.clock.now();
        let look_ms = if is_told { SAFETY_LOOK_MS } else { UNTOLD_LOOK_MS };
        let again = failed.values().map(|failed| failed.again_at).min();
        let deadline = again.map_or(now + look_ms, |again| again.min(now + look_ms));
        tokio::select! {
            Ok(()) = next(arrivals.as_ref()), if is_told => {}
            () = stack.clock.sleep_until(deadline) => {}
        }
    }
}

async fn next(arrivals: Option<&Arrivals>) -> io::Result<()> {
    match arrivals {
        Some(arrivals) => arrivals.next().await,
        None => std::future::pending().await,
    }
}

async fn tell_all(stack: &LocalStack, all: Vec<Waiting>, failed: &mut HashMap<String, Failed>) {
    failed.retain(|name, _| all.iter().any(|one| one.name() == *name));
    for one in all {
        let name = one.name();
        let now = stack.clock.now();
        if failed.get(&name).is_some_and(|failed| now < failed.again_at) {
            continue;
        }
        match tell(stack, &one).await {
            Ok(()) => drop(failed.remove(&name)),
            Err(error) => {
                tracing::error!(push = name, error, "a push is told again later");
                let before = failed.get(&name).map_or(0, |failed| failed.pause_ms);
                failed.insert(name, Failed::after(before, now));
            }
        }
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
