//! What this process wrote or read last, so that it need not read it again.
//!
//! It pays where one process does nearly all the writing, and is no authority anywhere: a decision is written on
//! condition that nobody else wrote in between, and what else is kept here does not change any more.

mod bounded;
mod states;

use std::fmt;
use std::sync::Arc;

use engine::execution::{PipelineExecutionId, StateKey};

use super::{ActionRow, Beginning, OutsideWork, Stored};
use bounded::Bounded;
use states::RecentStates;

pub(super) use states::Turn;

/// So many of each kind are kept: more than the executions that run at once.
const ENTRIES_MAX: usize = 256;

/// Clones share what they know. The default knows nothing and keeps nothing.
#[derive(Clone, Default)]
pub struct Recent {
    known: Option<Arc<Known>>,
}

struct Known {
    states: RecentStates,
    /// What an execution began with stays as it is.
    beginnings: Bounded<PipelineExecutionId, Arc<Beginning>>,
    /// The actions of a stage that its execution has left.
    left_stages: Bounded<(PipelineExecutionId, usize), Arc<Vec<ActionRow>>>,
    /// By the action execution's id. That work ends is decided in the state: one that is kept here for too long does
    /// no harm.
    work: Bounded<String, OutsideWork>,
}

impl Recent {
    /// To be shared by all who write in this process.
    pub fn shared() -> Self {
        let known = Known {
            states: RecentStates::default(),
            beginnings: Bounded::new(ENTRIES_MAX),
            left_stages: Bounded::new(ENTRIES_MAX),
            work: Bounded::new(ENTRIES_MAX),
        };
        Self { known: Some(Arc::new(known)) }
    }

    /// The state that was written last here, if it is known and nobody is about to change it.
    pub(super) fn state(&self, key: &StateKey) -> Option<Stored> {
        self.known.as_ref()?.states.get(key)
    }

    /// Waits until nobody else in this process decides on this state. Whoever writes puts the new state into the
    /// turn.
    pub(super) async fn turn(&self, key: &StateKey) -> Option<Turn> {
        let known = self.known.as_ref()?;
        Some(known.states.turn(key).await)
    }

    pub(super) fn beginning(&self, id: &PipelineExecutionId) -> Option<Arc<Beginning>> {
        self.known.as_ref()?.beginnings.get(id)
    }

    pub(super) fn keep_beginning(&self, id: &PipelineExecutionId, beginning: &Arc<Beginning>) {
        if let Some(known) = &self.known {
            known.beginnings.put(id.clone(), beginning.clone());
        }
    }

    pub(super) fn left_stage(
        &self,
        id: &PipelineExecutionId,
        stage_index: usize,
    ) -> Option<Arc<Vec<ActionRow>>> {
        self.known.as_ref()?.left_stages.get(&(id.clone(), stage_index))
    }

    pub(super) fn keep_left_stage(
        &self,
        id: &PipelineExecutionId,
        stage_index: usize,
        rows: &Arc<Vec<ActionRow>>,
    ) {
        if let Some(known) = &self.known {
            known.left_stages.put((id.clone(), stage_index), rows.clone());
        }
    }

    pub(super) fn work(&self, action_execution_id: &str) -> Option<OutsideWork> {
        self.known.as_ref()?.work.get(action_execution_id)
    }

    pub(super) fn keep_work(&self, work: &OutsideWork) {
        if let Some(known) = &self.known {
            known.work.put(work.action.action_execution_id.clone(), work.clone());
        }
    }

    pub(super) fn forget_work(&self, action_execution_id: &str) {
        if let Some(known) = &self.known {
            known.work.forget(action_execution_id);
        }
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}
