//! Workflows whose end was announced to nobody: the event was lost for good, or the machine lost what it had not
//! brought to the disk when the power failed. Without a workflow a stage would wait for ever.

use engine::decide::{Event, EventKind, WorkflowLost};
use engine::execution::{PipelineState, QuietWorkflow, StateKey, Timestamp};
use platform::{Fault, Platform, StoreError, WorkflowStatus};

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

/// Ends the stages whose workflow has ended otherwise than by itself.
pub(crate) async fn look_after(platform: &Platform, swept: &mut Swept) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = platform.store.pipelines_page(after.as_deref(), PIPELINES_OF_A_PAGE).await?;
        for pipeline in &page.rows {
            look_after_pipeline(platform, &pipeline.name, swept).await?;
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
    for workflow in state.quiet_workflows(before) {
        let status = platform.workflow_status(&workflow.name).await?;
        let Some(error) = what_is_wrong(&workflow, &status) else { continue };
        let QuietWorkflow { execution_id, stage_index, attempt, name, .. } = workflow;
        let lost = WorkflowLost { execution_id, stage_index, attempt, error: error.clone() };
        let lost = Event { key: state.key.clone(), kind: EventKind::WorkflowLost(lost) };
        match platform.tell(&lost).await {
            Ok(committed) if committed.is_written => {}
            // It has been heard of since.
            Ok(_) | Err(StoreError::Rejected(_)) => continue,
            Err(StoreError::Fault(fault)) => return Err(fault),
        }
        tracing::error!(workflow = name, error, "a stage has lost its workflow");
        swept.lost_workflows += 1;
        if status == WorkflowStatus::Running {
            platform.stop_workflow(&name, &error).await?;
        }
    }
    Ok(())
}

fn what_is_wrong(workflow: &QuietWorkflow, status: &WorkflowStatus) -> Option<String> {
    match status {
        WorkflowStatus::Running if workflow.waits_for_action => None,
        WorkflowStatus::Running => Some("it did not notice that its actions have ended".to_owned()),
        WorkflowStatus::Ended(how) => Some(format!("{how}, and nobody was told")),
        WorkflowStatus::Unknown => Some("there is none; the machine may have lost power".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_workflow_that_runs_and_waits_is_well() {
        let workflow = |waits_for_action| QuietWorkflow {
            execution_id: "one".into(),
            stage_index: 0,
            attempt: 1,
            name: "one-0-1".into(),
            waits_for_action,
        };
        for (status, waits_for_action, is_well) in [
            (WorkflowStatus::Running, true, true),
            (WorkflowStatus::Running, false, false),
            (WorkflowStatus::Ended("ABORTED".into()), true, false),
            (WorkflowStatus::Unknown, true, false),
        ] {
            let wrong = what_is_wrong(&workflow(waits_for_action), &status);
            assert_eq!(wrong.is_none(), is_well, "{status:?} {waits_for_action}");
        }
    }

    #[test]
    fn one_sweep_of_five_looks() {
        let looks = (0..60).filter(|minute| is_due(Timestamp(minute * 60_000 + 1234))).count();
        assert_eq!(looks, 12);
    }
}
