//! The tables of `history`.

use aws_sdk_codepipeline::types::PipelineExecutionSummary;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::execution::{ActionView, failed_execution, short, target_of_summary};
use crate::exit::Exit;
use crate::progress::WatchedAction;
use crate::terminal::Look;
use crate::text::{Cell, Column, Mark, Table, ago, duration, first_line, moment, seconds_between, stamp};

pub(super) fn executions(executions: &[PipelineExecutionSummary], look: Look, now: Timestamp) -> String {
    let mut table = Table::new(&[
        ("STATUS", Column::Whole),
        ("EXECUTION", Column::Id),
        ("STARTED", Column::Whole),
        ("TOOK", Column::Whole),
        ("REVISIONS", Column::Text(10)),
        ("STARTED BY", Column::Text(10)),
    ]);
    for execution in executions {
        let status = execution.status().map_or("", |status| status.as_str());
        let end = match Exit::of_status(status) {
            Some(_) => execution.last_update_time().and_then(moment),
            None => Some(now),
        };
        table.row(vec![
            mark(status),
            Cell::new(execution.pipeline_execution_id().unwrap_or_default()),
            Cell::new(started(execution.start_time(), look, now)),
            Cell::new(took(execution.start_time(), end)),
            Cell::new(revisions(execution)),
            Cell::new(trigger(execution)),
        ]);
    }
    table.render(look)
}

/// Actions, or rules, whose places are under the heading `kind`.
pub(super) fn actions(actions: &[ActionView], kind: &'static str, look: Look, now: Timestamp) -> String {
    let mut table = Table::new(&[
        ("STATUS", Column::Whole),
        (kind, Column::Text(16)),
        ("EXECUTION", Column::Id),
        ("STARTED", Column::Whole),
        ("TOOK", Column::Whole),
        ("SAID", Column::Text(10)),
    ]);
    for action in actions {
        let end = if action.is_in_progress() { Some(now) } else { action.updated.as_ref().and_then(moment) };
        table.row(vec![
            mark(&action.status),
            Cell::new(action.place()),
            Cell::new(&action.execution_id),
            Cell::new(started(action.started.as_ref(), look, now)),
            Cell::new(took(action.started.as_ref(), end)),
            Cell::new(action.said().map(first_line).unwrap_or_default()),
        ]);
    }
    table.render(look)
}

fn mark(status: &str) -> Cell {
    let mark = Mark::of(status);
    Cell::styled(mark.plain(), mark.style)
}

/// For a person at a terminal how long ago it was; for a file the time itself.
fn started(time: Option<&DateTime>, look: Look, now: Timestamp) -> String {
    match look.width {
        Some(_) => time.map(|time| ago(time, now)).unwrap_or_default(),
        None => time.map(stamp).unwrap_or_default(),
    }
}

fn took(start: Option<&DateTime>, end: Option<Timestamp>) -> String {
    match (start.and_then(moment), end) {
        (Some(start), Some(end)) => duration(seconds_between(start, end)),
        _ => String::new(),
    }
}

fn revisions(execution: &PipelineExecutionSummary) -> String {
    let revisions = execution.source_revisions().iter().map(|revision| {
        let id = revision.revision_id().unwrap_or_default();
        // A commit is known by its first characters; other revisions may be short words.
        let is_commit = id.len() >= 40 && id.chars().all(|c| c.is_ascii_hexdigit());
        let id = if is_commit { &id[..7] } else { id };
        let summary =
            revision.revision_summary().map(|text| format!(" {}", first_line(text))).unwrap_or_default();
        format!("{}{summary}", first_line(id))
    });
    revisions.collect::<Vec<_>>().join(", ")
}

fn trigger(execution: &PipelineExecutionSummary) -> String {
    let Some(trigger) = execution.trigger() else { return String::new() };
    let rollback = target_of_summary(execution).map(|to| format!("rollback to {}", short(to)));
    if let (Some(rollback), Some(failed)) = (&rollback, failed_execution(Some(trigger))) {
        return format!("{rollback}, because {} failed", short(&failed));
    }
    let kind = trigger.trigger_type().map_or("", |kind| kind.as_str());
    // Of an ARN the last part says who or what it was.
    let detail = trigger.trigger_detail().unwrap_or_default();
    let detail = detail.rsplit('/').next().unwrap_or_default();
    if let Some(rollback) = rollback {
        return first_line(&format!("{rollback} by {detail}"));
    }
    // A person who started it says enough.
    let kind = if kind == "StartPipelineExecution" && !detail.is_empty() { "" } else { kind };
    first_line(format!("{kind} {detail}").trim())
}
