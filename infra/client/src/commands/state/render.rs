//! The stages of a pipeline from top to bottom, each with the way into it.

use std::fmt::Write;

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ActionState, StageState, TransitionState};
use jiff::Timestamp;

use crate::execution::short;
use crate::terminal::{Look, YELLOW};
use crate::text::{Mark, ago, first_line};

/// A stage and its status a line, separated by a tabulator.
pub(super) fn statuses(state: &GetPipelineStateOutput) -> String {
    let lines = state.stage_states().iter().map(|stage| {
        let status = stage.latest_execution().map_or("", |execution| execution.status().as_str());
        format!("{}\t{status}\n", stage.stage_name().unwrap_or_default())
    });
    lines.collect()
}

pub(super) fn stages(state: &GetPipelineStateOutput, look: Look, now: Timestamp) -> String {
    let name = state.pipeline_name().unwrap_or_default();
    let mut text = format!("{} version {}\n", look.bold(name), state.pipeline_version().unwrap_or_default());
    for stage in state.stage_states() {
        text.push('\n');
        inbound(&mut text, stage, look, now);
        let execution = stage.latest_execution();
        let mark = Mark::of(execution.map_or("", |execution| execution.status().as_str()));
        let id =
            execution.map(|execution| format!("  {}", look.dim(short(execution.pipeline_execution_id()))));
        let stage_name = look.bold(stage.stage_name().unwrap_or_default());
        let _ = writeln!(text, "{stage_name}  {}{}", mark.painted(look), id.unwrap_or_default());
        let width =
            stage.action_states().iter().filter_map(|action| action.action_name()).map(str::len).max();
        for action in stage.action_states() {
            write_action(&mut text, action, width.unwrap_or(0), look, now);
        }
        let conditions = [
            ("before entry", stage.before_entry_condition_state()),
            ("on success", stage.on_success_condition_state()),
            ("on failure", stage.on_failure_condition_state()),
        ];
        for (when, condition) in conditions {
            let Some(latest) = condition.and_then(|condition| condition.latest_execution()) else { continue };
            let mark = Mark::of(latest.status().map_or("", |status| status.as_str()));
            let said = latest.summary().map(|text| format!("  {}", first_line(text))).unwrap_or_default();
            let _ = writeln!(text, "    conditions {when}: {}{said}", mark.painted(look));
        }
    }
    text
}

/// Who waits before the stage, and whether the way is open. An open way with nobody on it needs no line.
fn inbound(text: &mut String, stage: &StageState, look: Look, now: Timestamp) {
    let listed = stage.inbound_executions().iter().map(|one| one.pipeline_execution_id());
    let mut waiting: Vec<_> = listed.collect();
    if let Some(one) = stage.inbound_execution().filter(|one| !waiting.contains(&one.pipeline_execution_id()))
    {
        waiting.push(one.pipeline_execution_id());
    }
    if let Some(transition) = stage.inbound_transition_state().filter(|transition| !transition.enabled()) {
        let _ = writeln!(text, "{}", look.paint(YELLOW, &disabled(transition, now)));
    }
    if !waiting.is_empty() {
        let waiting: Vec<_> = waiting.into_iter().map(short).collect();
        let _ = writeln!(text, "▼ waits: {}", waiting.join(", "));
    }
}

fn disabled(transition: &TransitionState, now: Timestamp) -> String {
    let by = transition.last_changed_by().map(|by| format!(" by {}", first_line(by))).unwrap_or_default();
    let since = transition.last_changed_at().map(|at| format!(" {}", ago(at, now))).unwrap_or_default();
    let why = transition.disabled_reason().map(|why| format!(": {}", first_line(why))).unwrap_or_default();
    format!("■ transition disabled{by}{since}{why}")
}

fn write_action(text: &mut String, action: &ActionState, width: usize, look: Look, now: Timestamp) {
    let name = action.action_name().unwrap_or_default();
    let latest = action.latest_execution();
    let mark = Mark::of(latest.and_then(|latest| latest.status()).map_or("", |status| status.as_str()));
    let mut line = format!("    {name:width$}  {}", mark.painted(look));
    let Some(latest) = latest else {
        let _ = writeln!(text, "{line}");
        return;
    };
    if let Some(changed) = latest.last_status_change() {
        let _ = write!(line, "  {}", ago(changed, now));
    }
    if let Some(percent) = latest.percent_complete().filter(|_| mark.word == "in progress") {
        let _ = write!(line, "  {percent} %");
    }
    if latest.token().is_some() && mark.word == "in progress" {
        line.push_str("  waits for an approval");
    }
    let error = latest.error_details().and_then(|error| error.message());
    let said = error.or(latest.summary()).map(first_line).unwrap_or_default();
    if let Some(revision) = action.current_revision() {
        let id = first_line(revision.revision_id());
        // A summary often begins with the revision.
        if !said.contains(short(&id)) {
            let _ = write!(line, "  {}", short(&id));
        }
    }
    if !said.is_empty() {
        let _ = write!(line, "  {said}");
    }
    let _ = writeln!(text, "{line}");
}
