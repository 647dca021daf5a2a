//! StartPipelineExecution or a trigger: a new execution comes to the first stage.

use super::{CONCURRENT_EXECUTIONS_MAX, Change, Effect, Event, EventKind, ExecutionRequested, Record};
use super::{ExecutionRecord, ParallelExecutionAdmitted};
use crate::Rejection;
use crate::declaration::ExecutionMode;
use crate::execution::{Execution, ExecutionStatus, PipelineState, Progress, StateKey, Timestamp, arrive};

pub(super) fn decide(
    state: &mut PipelineState,
    event: &ExecutionRequested,
    now: Timestamp,
) -> Result<Change, Rejection> {
    if is_known(state, event) {
        return Ok(Change::default());
    }
    check_limit(state)?;
    state.last_sequence += 1;
    let execution = new_execution(state, event, now);
    let mut change = Change { records: records_of(state, event, &execution), ..Change::default() };
    let is_runnable = !execution.status.is_ended();
    match state.mode {
        _ if !is_runnable => {
            state.executions.insert(event.execution_id.clone(), execution);
        }
        ExecutionMode::Parallel => admit_parallel(state, event, now, &mut change.effects),
        ExecutionMode::Superseded | ExecutionMode::Queued => {
            state.executions.insert(event.execution_id.clone(), execution);
            arrive(state, &event.execution_id, now, &mut change.effects);
        }
    }
    Ok(change)
}

fn is_known(state: &PipelineState, event: &ExecutionRequested) -> bool {
    state.executions.contains_key(&event.execution_id)
        || state.parallel_executions.contains_key(&event.execution_id)
}

/// SUPERSEDED needs no limit: one execution in each stage and one in front of it is all there can be.
fn check_limit(state: &PipelineState) -> Result<(), Rejection> {
    let live = match state.mode {
        ExecutionMode::Superseded => 0,
        ExecutionMode::Queued => state.executions.values().filter(|e| !e.status.is_ended()).count(),
        ExecutionMode::Parallel => state.parallel_executions.len(),
    };
    if live < CONCURRENT_EXECUTIONS_MAX {
        return Ok(());
    }
    Err(Rejection::ConcurrentPipelineExecutionsLimitExceeded(format!(
        "The pipeline '{}' has reached the limit of {CONCURRENT_EXECUTIONS_MAX} concurrent executions. \
         Wait for an execution to end, or stop one, and start again.",
        state.key.pipeline_name
    )))
}

fn new_execution(state: &PipelineState, event: &ExecutionRequested, now: Timestamp) -> Execution {
    let (version, trigger) = ((state.version, state.mode), event.trigger.clone());
    let execution = Execution::new(version, state.last_sequence, trigger, now, now);
    match &event.variables {
        Ok(_) => execution,
        Err(missing) => {
            Execution { status: ExecutionStatus::Failed, status_summary: Some(missing.clone()), ..execution }
        }
    }
}

/// The row that the caller of StartPipelineExecution can read at once, whatever the mode.
fn records_of(state: &PipelineState, event: &ExecutionRequested, execution: &Execution) -> Vec<Record> {
    let record = ExecutionRecord {
        variables: Some(event.variables.clone().unwrap_or_default()),
        source_revision_overrides: Some(event.source_revision_overrides.clone()),
        ..ExecutionRecord::of(&state.key.pipeline_name, &event.execution_id, execution)
    };
    let request = event.client_request.clone().map(|request| Record::ClientRequest {
        pipeline_name: state.key.pipeline_name.clone(),
        execution_id: event.execution_id.clone(),
        request,
    });
    [Record::Execution(Box::new(record))].into_iter().chain(request).collect()
}

fn admit_parallel(
    state: &mut PipelineState,
    event: &ExecutionRequested,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) {
    let Some(plan) = state.plans.get(&state.version) else { return };
    let admitted = ParallelExecutionAdmitted {
        execution_id: event.execution_id.clone(),
        version: state.version,
        plan: plan.clone(),
        transitions: state.transitions.clone(),
        sequence: state.last_sequence,
        trigger: event.trigger.clone(),
        started_at: now,
    };
    state.parallel_executions.insert(event.execution_id.clone(), Progress::default());
    effects.push(Effect::Raise(Box::new(Event {
        key: StateKey::parallel(&state.key.pipeline_name, &event.execution_id),
        kind: EventKind::ParallelExecutionAdmitted(admitted),
    })));
}
