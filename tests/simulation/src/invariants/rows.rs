//! Rows are projections: what users read is what the state says.

use engine::decide::EventKind;
use engine::execution::{Execution, PipelineExecutionId, StageStatus};

use super::{Invariants, Transition, Violation, demand};
use crate::store::{Rows, Store};

impl Invariants {
    pub(super) fn check_rows(&self, transition: Transition<'_>, store: &Store) -> Result<(), Violation> {
        for (id, execution) in &transition.after.executions {
            rows_show(&store.rows, id, execution)?;
        }
        // Who left the state left its last row: it has ended. But the history goes with a pipeline.
        if transition.event.kind == EventKind::PipelineDeleted {
            return Ok(());
        }
        for id in
            transition.before.executions.keys().filter(|id| !transition.after.executions.contains_key(*id))
        {
            let row = store.rows.executions.get(id);
            demand(row.is_some_and(|row| row.status.is_ended()), "only the ended leave the state", || {
                format!("{id}: {row:?}")
            })?;
        }
        Ok(())
    }
}

fn rows_show(rows: &Rows, id: &PipelineExecutionId, execution: &Execution) -> Result<(), Violation> {
    const NAME: &str = "rows equal the projection of the state";
    let row = rows.executions.get(id);
    let shows = row.is_some_and(|row| {
        row.status == execution.status
            && row.status_summary == execution.status_summary
            && row.version == execution.version
            && row.mode == execution.mode
            && row.sequence == execution.sequence
            && row.started_at == execution.started_at
            && row.updated_at == execution.updated_at
            && row.source_revisions == execution.source_revisions
            && row.rollback_of == execution.rollback_of
            && row.variables.is_some()
    });
    demand(shows, NAME, || format!("{row:?} and {execution:?}"))?;
    let Some(stage) = &execution.stage else { return Ok(()) };
    let row = rows.stages.get(&(id.clone(), execution.stage_index));
    let shows = row.is_some_and(|row| {
        row.attempt == stage.attempt
            && row.status == stage.status(execution.stop.is_some())
            && row.started_at == stage.started_at
            && row.retries == stage.retries
            && row.conditions.len() == stage.conditions.len()
            && row.conditions.iter().all(|shown| {
                stage.condition(shown.condition).is_some_and(|checked| checked.status == shown.status)
            })
    });
    demand(shows, NAME, || format!("{row:?} and {stage:?}"))?;
    if let Some(target) = &execution.rollback_of {
        let reached = rows.stages.get(&(target.clone(), execution.stage_index));
        let succeeded = reached.is_some_and(|row| row.status == StageStatus::Succeeded);
        let is_rollback = rows.executions.get(target).is_none_or(|row| row.rollback_of.is_some());
        demand(succeeded && !is_rollback, "a rollback repeats what succeeded", || format!("{id}: {target}"))?;
    }
    for action in stage.executions() {
        let row = rows.actions.get(&action.id);
        demand(row.is_some_and(|row| row.execution == *action), NAME, || format!("{row:?} and {action:?}"))?;
    }
    Ok(())
}
