//! Workflows that nothing was heard of for a while. Each should still run; whether it does is asked from time to
//! time, because the event that says otherwise may have been lost for good.

use super::{PipelineExecutionId, PipelineState, StageExecution, Timestamp, ids::workflow_name};

/// A workflow of a stage, as the state knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietWorkflow {
    pub execution_id: PipelineExecutionId,
    pub stage_index: usize,
    pub attempt: u32,
    /// Of its execution in Step Functions.
    pub name: String,
    /// Whether it waits for an action. If not, it should have asked what follows long ago.
    pub waits_for_action: bool,
}

/// A workflow, as Step Functions knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkflowStatus {
    Running,
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    Ended(String),
    Unknown,
}

impl QuietWorkflow {
    /// Why it is lost; `None` for one that is well: it runs, and waits for an action. One whose actions have all
    /// ended would have asked what follows, or Step Functions would have given it up.
    pub fn problem(&self, status: &WorkflowStatus) -> Option<String> {
        match status {
            WorkflowStatus::Running if self.waits_for_action => None,
            WorkflowStatus::Running => Some("it did not notice that its actions have ended".to_owned()),
            WorkflowStatus::Ended(how) => Some(format!("{how}, and nobody was told")),
            WorkflowStatus::Unknown => Some("there is none; the machine may have lost power".to_owned()),
        }
    }
}

impl PipelineState {
    /// The workflows of stages in which nothing has happened since `before`.
    pub fn quiet_workflows(&self, before: Timestamp) -> Vec<QuietWorkflow> {
        let in_stages = self.executions.iter().filter_map(|(id, execution)| {
            let stage = execution.stage.as_ref().filter(|stage| stage.ended.is_none())?;
            (last_change(stage) < before).then_some((id, execution.stage_index, stage))
        });
        let workflows = in_stages.flat_map(|(id, stage_index, stage)| {
            stage.workflows.keys().map(move |attempt| QuietWorkflow {
                execution_id: id.clone(),
                stage_index,
                attempt: *attempt,
                name: workflow_name(id, stage_index, *attempt),
                waits_for_action: stage.in_progress().any(|action| action.workflow_attempt == *attempt),
            })
        });
        workflows.collect()
    }
}

fn last_change(stage: &StageExecution) -> Timestamp {
    let changes = stage.executions().map(|action| action.updated_at);
    changes.fold(stage.started_at, Timestamp::max)
}
