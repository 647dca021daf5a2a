//! A stage that failed and is rolled back by itself: the run has not ended before its rollback has.

use serde_json::{Value, json};

use super::prepare::{CALLER, Started};
use super::view::View;
use crate::{ApiFailure, LocalStack};

/// So far back the rollback of an execution that has just failed is looked for.
const EXECUTIONS: u32 = 20;

/// The execution that rolls back the stage in which the run has failed.
pub(super) struct Rollback {
    pub started: Started,
    /// The execution that it goes back to.
    pub target: String,
    /// Told before it is watched.
    pub note: String,
}

pub(super) async fn find(
    stack: &LocalStack,
    started: &Started,
    view: &View,
) -> Result<Option<Rollback>, ApiFailure> {
    if view.status != "Failed" {
        return Ok(None);
    }
    let input = json!({ "pipelineName": started.pipeline_name, "maxResults": EXECUTIONS });
    let listed = stack.call("ListPipelineExecutions", input, CALLER).await?;
    let executions = listed["pipelineExecutionSummaries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some((id, target)) = rollback_of(&started.execution_id, executions) else { return Ok(None) };
    let stage = view.actions.last().map_or("the stage", |action| &action.stage);
    let note = format!("{stage} is rolled back to the execution {target}, by the execution {id}.");
    let started = Started { execution_id: id, notes: Vec::new(), ..started.clone() };
    Ok(Some(Rollback { started, target, note }))
}

/// The rollback that `failed` was the trigger of, and what it goes back to.
fn rollback_of(failed: &str, executions: &[Value]) -> Option<(String, String)> {
    executions.iter().find_map(|execution| {
        let trigger = &execution["trigger"];
        trigger["triggerType"].as_str().filter(|kind| *kind == "AutomatedRollback")?;
        let detail: Value = serde_json::from_str(trigger["triggerDetail"].as_str()?).ok()?;
        detail["FailedPipelineExecutionId"].as_str().filter(|id| *id == failed)?;
        let target = execution["rollbackMetadata"]["rollbackTargetPipelineExecutionId"].as_str()?;
        Some((execution["pipelineExecutionId"].as_str()?.to_owned(), target.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_is_found_by_the_execution_that_failed() {
        let execution = |id: &str, kind: &str, detail: &str| {
            json!({
                "pipelineExecutionId": id,
                "trigger": { "triggerType": kind, "triggerDetail": detail },
                "rollbackMetadata": { "rollbackTargetPipelineExecutionId": "good" },
            })
        };
        let executions = [
            execution("by-hand", "ManualRollback", "anna"),
            execution("of-another", "AutomatedRollback", r#"{"FailedPipelineExecutionId":"other"}"#),
            execution("its", "AutomatedRollback", r#"{"FailedPipelineExecutionId":"bad"}"#),
        ];
        assert_eq!(rollback_of("bad", &executions), Some(("its".into(), "good".into())));
        assert_eq!(rollback_of("by-hand", &executions), None);
    }
}
