//! Workflows whose end was announced to nobody: the event was lost for good, or the machine lost what it had not
//! brought to the disk when the power failed. Without a workflow a stage would wait for ever.

use engine::decide::{Event, EventKind, WorkflowLost};
use engine::execution::{PipelineState, QuietWorkflow, StateKey, Timestamp, WorkflowStatus};
use platform::{Fault, Platform, StoreError};

use crate::Swept;

/// Step Functions tries a function for less than this before it gives up, so a workflow that lives is heard of.
const QUIET_MS: i64 = 5 * 60_000;
/// Each look reads every pipeline's state, which costs something when there are many.
const PERIOD_MINUTES: i64 = 5;
const PIPELINES_OF_A_PAGE: usize = 100;

/// Whether it is time to look, in a sweep that comes every minute.
pub(crate) fn is_due(now: Timestamp) -> bool {
    now.0.div_euclid(60_000).rem_euclid(PERIOD_MINUTES) == 0
}

/// Ends the stages whose workflow has ended otherwise than by itself. A pipeline that cannot be looked at is told
/// of, and looked at the next time.
pub(crate) async fn look_after(platform: &Platform, swept: &mut Swept) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = platform.store.pipelines_page(after.as_deref(), PIPELINES_OF_A_PAGE).await?;
        for pipeline in &page.rows {
            if let Err(fault) = look_after_pipeline(platform, &pipeline.name, swept).await {
                tracing::error!(pipeline = pipeline.name, %fault, "its workflows could not be looked at");
                swept.unseen_pipelines += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn look_after_pipeline(platform: &Platform, name: &str, swept: &mut Swept) -> Result<(), Fault> {
    let Some(state) = platform.store.state(&StateKey::pipeline(name)).await? else { return Ok(()) };
    look_after_state(platform, &state, swept).await?;
    for id in state.parallel_executions.keys() {
        if let Some(state) = platform.store.state(&StateKey::parallel(name, id)).await? {
            look_after_state(platform, &state, swept).await?;
        }
    }
    Ok(())
}

async fn look_after_state(
    platform: &Platform,
    state: &PipelineState,
    swept: &mut Swept,
) -> Result<(), Fault> {
    let before = Timestamp(platform.clock.now().0 - QUIET_MS);
    let quiet = state.quiet_workflows(before).into_iter();
    for workflow in quiet.filter(|workflow| !swept.unstarted.contains(&workflow.name)).collect::<Vec<_>>() {
        let status = platform.workflow_status(&workflow.name).await?;
        let Some(error) = workflow.problem(&status) else { continue };
        let QuietWorkflow { execution_id, stage_index, attempt, name, .. } = workflow;
        let lost = WorkflowLost { execution_id, stage_index, attempt, error: error.clone() };
        let lost = Event { key: state.key.clone(), kind: EventKind::WorkflowLost(lost) };
        match platform.tell(&lost).await {
            Ok(committed) if committed.is_written => {}
            // It has been heard of since.
            Ok(_) | Err(StoreError::Rejected(_)) => continue,
            Err(StoreError::Fault(fault)) => return Err(fault),
        }
        // An alarm of template.yaml counts these.
        tracing::error!(lost_work = 1, workflow = name, error, "a stage has lost its workflow");
        swept.lost_workflows += 1;
        if status == WorkflowStatus::Running {
            platform.stop_workflow(&name, &error).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sweep_of_five_looks() {
        let looks = (0..60).filter(|minute| is_due(Timestamp(minute * 60_000 + 1234))).count();
        assert_eq!(looks, 12);
    }
}
