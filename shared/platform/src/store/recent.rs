//! What this process wrote last: a decision begins with it instead of reading it again, and those who decide on
//! one state take turns instead of refusing each other's writes.
//!
//! It pays where one process does nearly all the writing, and is no authority anywhere: a decision is written on
//! condition that nobody else wrote in between.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use engine::execution::StateKey;
use tokio::sync::OwnedMutexGuard;

use super::Stored;

/// So many states are kept, and those that somebody decides on.
const STATES_MAX: usize = 64;

/// The right to decide on a state, with what was written last.
pub(super) type Turn = OwnedMutexGuard<Option<Stored>>;

type Known = Arc<tokio::sync::Mutex<Option<Stored>>>;

/// Clones share what they know. The default knows nothing and keeps nothing.
#[derive(Clone, Default)]
pub struct RecentStates {
    known: Option<Arc<Mutex<HashMap<StateKey, Known>>>>,
}

impl RecentStates {
    /// To be shared by all who write in this process.
    pub fn shared() -> Self {
        Self { known: Some(Arc::default()) }
    }

    /// The state that was written last here, if it is known and nobody is about to change it.
    pub(super) fn get(&self, key: &StateKey) -> Option<Stored> {
        let known = self.known.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key)?.try_lock().ok()?.clone()
    }

    /// Waits until nobody else in this process decides on this state. Whoever writes puts the new state into the
    /// turn.
    pub(super) async fn turn(&self, key: &StateKey) -> Option<Turn> {
        let known = self.known(key)?;
        Some(known.lock_owned().await)
    }

    fn known(&self, key: &StateKey) -> Option<Known> {
        let mut known = self.known.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= STATES_MAX && !known.contains_key(key) {
            known.retain(|_, state| Arc::strong_count(state) > 1);
        }
        Some(known.entry(key.clone()).or_default().clone())
    }
}

impl fmt::Debug for RecentStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecentStates").finish_non_exhaustive()
    }
}
