//! A deleted pipeline begins nothing any more, and one that is created under its name does not take its numbers.

use engine::decide::{Effect, EventKind, Record};

use super::{Invariants, Transition, Violation, demand};

impl Invariants {
    pub(super) fn check_deletions(&mut self, transition: Transition<'_>) -> Result<(), Violation> {
        let Transition { event, decision, .. } = transition;
        for record in &decision.records {
            let Record::Execution(row) = record else { continue };
            if event.key.parallel_execution.is_none() && row.variables.is_some() {
                demand(row.sequence > self.last_sequence, "a number is given once", || {
                    format!("{} is number {}, after {}", row.execution_id, row.sequence, self.last_sequence)
                })?;
                self.last_sequence = row.sequence;
            }
        }
        if self.deleted.contains(&event.key) {
            let begins = |effect: &&Effect| matches!(effect, Effect::StartStateMachine { .. });
            let begun = decision.effects.iter().find(begins);
            demand(
                begun.is_none() && decision.records.is_empty(),
                "a deleted pipeline begins nothing",
                || format!("{event:?}: {begun:?} {:?}", decision.records),
            )?;
        }
        if event.kind == EventKind::PipelineDeleted && event.key.parallel_execution.is_some() {
            self.deleted.insert(event.key.clone());
        }
        Ok(())
    }
}
