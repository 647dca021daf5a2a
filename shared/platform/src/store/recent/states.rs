//! A decision begins with the state that this process wrote last instead of reading it again, and those who decide on
//! one state take turns instead of refusing each other's writes.

use std::sync::Arc;

use engine::execution::StateKey;
use tokio::sync::OwnedMutexGuard;

use super::Stored;
use super::bounded::Bounded;

/// So many states are kept.
const STATES_MAX: usize = 64;

/// The right to decide on a state, with what was written last.
pub(in super::super) type Turn = OwnedMutexGuard<Option<Stored>>;

type Known = Arc<tokio::sync::Mutex<Option<Stored>>>;

/// One that makes room while somebody decides on it has two who decide; then one write is refused.
pub(super) struct RecentStates {
    known: Bounded<StateKey, Known>,
}

impl Default for RecentStates {
    fn default() -> Self {
        Self { known: Bounded::new(STATES_MAX) }
    }
}

impl RecentStates {
    pub fn get(&self, key: &StateKey) -> Option<Stored> {
        self.known.get(key)?.try_lock().ok()?.clone()
    }

    pub async fn turn(&self, key: &StateKey) -> Turn {
        self.known.get_or_default(key).lock_owned().await
    }
}
