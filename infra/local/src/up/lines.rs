//! A line for each change that matters to whoever looks at the service's terminal, or at its journal.

use std::collections::HashMap;

use engine::decide::ExecutionRecord;
use engine::execution::{ActionExecution, ActionStatus, ExecutionStatus};
use jiff::Timestamp;

use super::changes::Change;

/// What was told of executions that have not ended.
#[derive(Default)]
pub(super) struct Lines {
    executions: HashMap<String, Told>,
}

struct Told {
    pipeline_name: String,
    status: ExecutionStatus,
    /// With whether it waits for an approval.
    actions: HashMap<String, (ActionStatus, bool)>,
}

impl Lines {
    /// `None` where nothing is new.
    pub fn of(&mut self, change: &Change) -> Option<String> {
        match change {
            Change::Execution(record) => self.of_execution(record),
            Change::Action { execution_id, action } => self.of_action(execution_id, action),
            Change::Version(_) => None,
        }
    }

    fn of_execution(&mut self, record: &ExecutionRecord) -> Option<String> {
        let id = &record.execution_id.0;
        let before = self.executions.get(id).map(|told| told.status);
        if before == Some(record.status) {
            return None;
        }
        let seconds = (record.updated_at.0 - record.started_at.0) as f64 / 1000.0;
        let what = match record.status {
            ExecutionStatus::InProgress => format!("started, version {}", record.version),
            ExecutionStatus::Stopping => "stopping".to_owned(),
            ExecutionStatus::Succeeded => format!("succeeded in {seconds:.1} s"),
            ExecutionStatus::Failed => format!("failed after {seconds:.1} s"),
            ExecutionStatus::Stopped => format!("stopped after {seconds:.1} s"),
            ExecutionStatus::Superseded => "superseded by a newer execution".to_owned(),
            ExecutionStatus::Cancelled => "cancelled".to_owned(),
        };
        let what = match &record.status_summary {
            Some(summary) if !summary.is_empty() => format!("{what}: {}", one_line(summary)),
            _ => what,
        };
        if matches!(record.status, ExecutionStatus::InProgress | ExecutionStatus::Stopping) {
            let told = self.executions.entry(id.clone()).or_insert_with(|| Told {
                pipeline_name: record.pipeline_name.clone(),
                status: record.status,
                actions: HashMap::new(),
            });
            told.status = record.status;
        } else {
            self.executions.remove(id);
        }
        Some(line(record.updated_at.0, &record.pipeline_name, id, &what))
    }

    fn of_action(&mut self, execution_id: &str, action: &ActionExecution) -> Option<String> {
        let waits = action.status == ActionStatus::InProgress && action.approval_token.is_some();
        // One that began before this process is known by its id only.
        let mut pipeline_name = String::new();
        if let Some(told) = self.executions.get_mut(execution_id) {
            let now = (action.status, waits);
            if told.actions.insert(action.id.clone(), now) == Some(now) {
                return None;
            }
            pipeline_name.clone_from(&told.pipeline_name);
        }
        let what = match action.status {
            ActionStatus::InProgress if waits => format!("{} waits for an approval", action.name),
            ActionStatus::Failed => {
                let why = action.error.as_ref().map(|error| one_line(&error.message)).unwrap_or_default();
                format!("{} failed: {why}", action.name)
            }
            ActionStatus::InProgress | ActionStatus::Succeeded | ActionStatus::Abandoned => return None,
        };
        Some(line(action.updated_at.0, &pipeline_name, execution_id, &what))
    }
}

/// `2026-11-22T06:00:00Z  shop 6eff6cdd  started, version 1`
fn line(at_ms: i64, pipeline: &str, execution_id: &str, what: &str) -> String {
    let short: String = execution_id.chars().take(8).collect();
    let subject = if pipeline.is_empty() { short } else { format!("{pipeline} {short}") };
    format!("{}  {subject}  {what}\n", time(at_ms))
}

pub(super) fn time(at_ms: i64) -> String {
    let seconds = Timestamp::from_second(at_ms.div_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
    seconds.to_string()
}

const CHARACTERS_MAX: usize = 300;

/// A message of a build may hold anything; here it is one line and no terminal's command.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "6eff6cdd-2ef5-42d4-bfe0-222216636e0a";

    fn execution(status: &str, updated_at: i64, summary: Option<&str>) -> Change {
        let record = json!({
            "pipelineName": "shop", "executionId": ID, "version": 3, "mode": "QUEUED", "sequence": 1,
            "status": status, "statusSummary": summary,
            "trigger": { "triggerType": "StartPipelineExecution", "triggerDetail": "somebody" },
            "startedAt": 1000, "updatedAt": updated_at,
        });
        Change::Execution(serde_json::from_value(record).expect("a record of the engine"))
    }

    fn action(status: &str, token: Option<&str>, error: Option<&str>) -> Change {
        let error = error.map(|message| json!({ "code": "JobFailed", "message": message }));
        let action = json!({
            "id": "a-1", "name": "Compile", "runOrder": 1, "attempt": 1, "workflowAttempt": 1, "status": status,
            "startedAt": 1000, "updatedAt": 2000, "approvalToken": token, "error": error,
        });
        let action = serde_json::from_value(action).expect("an action of the engine");
        Change::Action { execution_id: ID.to_owned(), action }
    }

    #[test]
    fn each_change_that_matters_is_told_once() {
        let mut lines = Lines::default();
        for (change, expected) in [
            (
                execution("InProgress", 1000, None),
                Some("1970-01-01T00:00:01Z  shop 6eff6cdd  started, version 3\n"),
            ),
            (execution("InProgress", 1500, None), None),
            (action("InProgress", None, None), None),
            (
                action("InProgress", Some("t"), None),
                Some("1970-01-01T00:00:02Z  shop 6eff6cdd  Compile waits for an approval\n"),
            ),
            (action("InProgress", Some("t"), None), None),
            (action("Succeeded", Some("t"), None), None),
            (
                action("Failed", None, Some("exit\n\u{1b}[2J")),
                Some("1970-01-01T00:00:02Z  shop 6eff6cdd  Compile failed: exit  [2J\n"),
            ),
            (
                execution("Failed", 3500, Some("no")),
                Some("1970-01-01T00:00:03Z  shop 6eff6cdd  failed after 2.5 s: no\n"),
            ),
        ] {
            assert_eq!(lines.of(&change).as_deref(), expected, "{change:?}");
        }
        assert!(lines.executions.is_empty(), "nothing is kept of an execution that has ended");
    }

    #[test]
    fn what_began_before_the_service_did_is_told_by_its_id() {
        let told = Lines::default().of(&action("Failed", None, Some("it was interrupted")));
        assert_eq!(
            told.as_deref(),
            Some("1970-01-01T00:00:02Z  6eff6cdd  Compile failed: it was interrupted\n")
        );
    }
}
