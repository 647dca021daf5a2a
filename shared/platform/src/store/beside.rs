//! What is stored beside a state: worked out once for a decision, then written, and remembered for the next one.

use engine::decide::Decision;
use engine::events::{RetriedExecutions, StateChange, state_changes};
use engine::execution::Timestamp;

use super::states::Stored;
use super::{LatestInStages, latest};

/// So many marks of earlier writes a state keeps.
const WRITE_IDS_MAX: usize = 8;

/// Of one decision.
pub(super) struct Beside {
    /// Of the state, once the decision is written.
    pub revision: u64,
    /// The marks of its last writes, this one's last.
    pub write_ids: Vec<String>,
    pub latest: LatestInStages,
    /// Of the executions that the state still knows.
    pub retries: RetriedExecutions,
    /// What the decision changes, as events tell it.
    pub changes: Vec<StateChange>,
}

impl Beside {
    /// `decision` was made on `before` (`None` for what is just created), and is about to be written as `write_id`.
    pub fn of(before: Option<&Stored>, decision: &Decision, write_id: &str, now: Timestamp) -> Self {
        let state = before.map(|stored| &stored.state);
        let (revision, write_ids) = marks_after(before, write_id);
        let latest = match before {
            Some(stored) => latest::after(&stored.latest, decision),
            None => latest::after(&LatestInStages::default(), decision),
        };
        let known = before.map(|stored| stored.retries.clone()).unwrap_or_default();
        let retries = known.after(state, decision, now);
        let changes = state_changes(state, decision, &retries, now);
        Self { revision, write_ids, latest, retries: retries.of_known(&decision.state), changes }
    }
}

fn marks_after(before: Option<&Stored>, write_id: &str) -> (u64, Vec<String>) {
    let (revision, mut write_ids) = match before {
        Some(stored) => (stored.revision, stored.write_ids.clone()),
        None => (0, Vec::new()),
    };
    write_ids.push(write_id.to_owned());
    let surplus = write_ids.len().saturating_sub(WRITE_IDS_MAX);
    write_ids.drain(..surplus);
    (revision + 1, write_ids)
}
