//! How often executions were retried, and when: events tell it of each change after a retry, and the state of a
//! pipeline knows it only of the stage that an execution is in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decide::{Decision, Record, StageRecord};
use crate::execution::{PipelineExecutionId, PipelineState, Timestamp};

/// The executions of one state that were retried and may still change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RetriedExecutions(BTreeMap<PipelineExecutionId, Retried>);

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retried {
    pub count: u32,
    /// The stage that was retried last, and when.
    pub stage_index: usize,
    pub at: Timestamp,
}

impl RetriedExecutions {
    /// What is known after a decision.
    #[must_use]
    pub fn after(&self, before: Option<&PipelineState>, decision: &Decision, now: Timestamp) -> Self {
        let mut after = self.clone();
        for record in &decision.records {
            let Record::Stage(record) = record else { continue };
            if is_retry(before, record) {
                let retried = after.0.entry(record.execution_id.clone()).or_default();
                *retried = Retried { count: retried.count + 1, stage_index: record.stage_index, at: now };
            }
        }
        after
    }

    /// Without executions that the state has forgotten: nothing will change in them.
    #[must_use]
    pub fn of_known(mut self, state: &PipelineState) -> Self {
        self.0.retain(|id, _| state.executions.contains_key(id));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `pipeline-execution-attempt`.
    pub(super) fn attempt(&self, id: &PipelineExecutionId) -> u32 {
        1 + self.0.get(id).map_or(0, |retried| retried.count)
    }

    /// `stage-last-retry-attempt-time`.
    pub(super) fn last_retry_of(&self, record: &StageRecord) -> Option<Timestamp> {
        let retried = self.0.get(&record.execution_id)?;
        (retried.stage_index == record.stage_index && record.attempt > 1).then_some(retried.at)
    }
}

/// A retry of a stage is its next attempt.
pub(super) fn is_retry(before: Option<&PipelineState>, record: &StageRecord) -> bool {
    attempt_before(before, record).is_some_and(|attempt| attempt < record.attempt)
}

/// `None` if the execution was not in the stage.
pub(super) fn attempt_before(before: Option<&PipelineState>, record: &StageRecord) -> Option<u32> {
    let execution = before?.executions.get(&record.execution_id)?;
    let stage = execution.stage.as_ref().filter(|_| execution.stage_index == record.stage_index)?;
    Some(stage.attempt)
}
