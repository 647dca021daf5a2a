//! DeletePipeline: what runs is abandoned, and whoever waits waits no more.
//!
//! CodePipeline does not say what becomes of running executions. Here nothing of them goes on: their workflows
//! are stopped, and what a provider has begun is neither waited for nor cancelled, as when an execution is
//! abandoned. Nothing is recorded, because the history goes with the pipeline.

use super::parallel_execution::tell_deleted;
use super::{Change, Effect};
use crate::execution::{Execution, PipelineExecutionId, PipelineState, workflow_name};

/// In the pipeline's state, and in that of each of its PARALLEL executions. A second one finds nothing to end.
pub(super) fn decide(state: &mut PipelineState) -> Change {
    let stops = state.executions.iter().flat_map(|(id, execution)| stops_of(id, execution));
    let told = state.parallel_executions.keys().map(|id| tell_deleted(state, id));
    let effects = stops.chain(told).collect();
    state.executions.clear();
    state.parallel_executions.clear();
    state.stages.clear();
    if state.key.parallel_execution.is_some() {
        state.plans.clear();
    }
    Change { effects, ..Change::default() }
}

/// Of the state of a PARALLEL execution, which has its plan until then. Its admission may come once more, or it
/// may be late, and must not begin anything.
pub(super) fn was_told(state: &PipelineState) -> bool {
    state.key.parallel_execution.is_some() && state.plans.is_empty()
}

fn stops_of(id: &PipelineExecutionId, execution: &Execution) -> impl Iterator<Item = Effect> {
    let attempts = execution.stage.iter().flat_map(|stage| stage.workflows.keys());
    attempts.map(move |attempt| Effect::StopStateMachine {
        name: workflow_name(id, execution.stage_index, *attempt),
        cause: "The pipeline was deleted.".to_owned(),
    })
}
