//! Effects leave the outbox: at once by whoever committed them, later by the sweep; at least once each.

use engine::decide::Effect;
use rand::seq::SliceRandom;

use crate::invariants::Violation;
use crate::seen::Path;
use crate::world::{Step, World};
use crate::writer::Caller;

/// dispatch-effects runs every minute.
const SWEEP_PERIOD_MILLISECONDS: i64 = 60_000;

impl World {
    /// Delivers one effect and deletes its row, if nothing goes wrong between the two.
    pub(crate) fn deliver(&mut self, key: &str) -> Result<(), Violation> {
        let Some(effect) = self.store.outbox.get(key).cloned() else { return Ok(()) };
        self.trace.step(self.now, "deliver", key.len() as u64, || key.to_owned());
        match effect {
            Effect::StartStateMachine { name, input } => self.start_workflow(&name, &input)?,
            Effect::StopStateMachine { name, .. } => self.stop_workflow(&name),
            Effect::CompleteTask { task_token, .. } => {
                self.complete_task(task_token.parse().unwrap_or_default());
            }
            Effect::Raise(event) => {
                // The row goes when the other state is written.
                self.tell(Caller::Outbox { key: key.to_owned() }, *event);
                return Ok(());
            }
        }
        if self.strikes(|faults| faults.crash) {
            self.mark(Path::CrashBeforeOutboxDelete);
        } else {
            self.store.outbox.remove(key);
        }
        Ok(())
    }

    /// The raised event is written to the other state.
    pub(crate) fn raised(&mut self, key: &str) {
        if self.strikes(|faults| faults.crash) {
            self.mark(Path::RaiseRepeated);
        } else {
            self.store.outbox.remove(key);
        }
    }

    pub(crate) fn sweep_later(&mut self, effects: &[String]) {
        if !effects.is_empty() && !self.sweep_is_due {
            self.sweep_is_due = true;
            self.schedule(SWEEP_PERIOD_MILLISECONDS, Step::Sweep);
        }
    }

    pub(crate) fn sweep(&mut self) -> Result<(), Violation> {
        self.sweep_is_due = false;
        let mut left: Vec<_> = self.store.outbox.keys().cloned().collect();
        left.shuffle(&mut self.rng);
        for key in &left {
            self.mark(Path::SweptEffect);
            self.deliver(key)?;
        }
        let still_left: Vec<_> = self.store.outbox.keys().take(1).cloned().collect();
        self.sweep_later(&still_left);
        Ok(())
    }
}
