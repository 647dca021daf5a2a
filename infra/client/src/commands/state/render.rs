//! The stages of a pipeline from top to bottom, each with the way into it.

use std::collections::BTreeMap;
use std::fmt::Write;

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ActionState, RuleExecution, StageExecution, StageState, TransitionState};
use jiff::Timestamp;

use crate::execution::{Checked, When, said, short};
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

/// `targets` are what rollbacks go back to.
pub(super) fn stages(
    state: &GetPipelineStateOutput,
    targets: &BTreeMap<String, String>,
    look: Look,
    now: Timestamp,
) -> String {
    let name = state.pipeline_name().unwrap_or_default();
    let mut text = format!("{} version {}\n", look.bold(name), state.pipeline_version().unwrap_or_default());
    for stage in state.stage_states() {
        text.push('\n');
        inbound(&mut text, stage, look, now);
        let execution = stage.latest_execution();
        let mark = Mark::of(execution.map_or("", |execution| execution.status().as_str()));
        let who = execution.map(|execution| who(execution, targets, look)).unwrap_or_default();
        let stage_name = look.bold(stage.stage_name().unwrap_or_default());
        let _ = writeln!(text, "{stage_name}  {}{who}{}", mark.painted(look), retries(stage));
        write_conditions(&mut text, stage, |when| when == When::BeforeEntry, look, now);
        let width =
            stage.action_states().iter().filter_map(|action| action.action_name()).map(str::len).max();
        for action in stage.action_states() {
            write_action(&mut text, action, width.unwrap_or(0), look, now);
        }
        write_conditions(&mut text, stage, |when| when != When::BeforeEntry, look, now);
    }
    text
}

/// Which execution is in a stage.
fn who(execution: &StageExecution, targets: &BTreeMap<String, String>, look: Look) -> String {
    let id = execution.pipeline_execution_id();
    let target = targets.get(id).map(|to| format!(", a rollback to {}", short(to))).unwrap_or_default();
    format!("  {}{target}", look.dim(short(id)))
}

/// How often the stage was tried again.
fn retries(stage: &StageState) -> String {
    let Some(retries) = stage.retry_stage_metadata() else { return String::new() };
    let by_itself = retries.auto_stage_retry_attempt().unwrap_or_default();
    let by_hand = retries.manual_stage_retry_attempt().unwrap_or_default();
    let times = [(by_itself, "tried again by itself"), (by_hand, "tried again by hand")];
    let told = times.into_iter().filter(|(times, _)| *times > 0).map(|(times, what)| match times {
        1 => format!(", {what}"),
        _ => format!(", {what} {times} times"),
    });
    told.collect()
}

/// The conditions that were checked, each with its rules.
fn write_conditions(
    text: &mut String,
    stage: &StageState,
    are_wanted: impl Fn(When) -> bool,
    look: Look,
    now: Timestamp,
) {
    for checked in Checked::all(stage).filter(|checked| are_wanted(checked.when)) {
        let mark = Mark::of(checked.status()).painted(look);
        // What has failed is said by its rules.
        let said = checked.summary().filter(|_| !checked.holds_up());
        let said = said.map(|text| format!("  {}", first_line(text))).unwrap_or_default();
        let _ = writeln!(text, "    {}  {mark}{said}", checked.when.name());
        for rule in checked.rules() {
            let Some(latest) = rule.latest_execution() else { continue };
            let mark = Mark::of(latest.status().map_or("", |status| status.as_str())).painted(look);
            let since = latest.last_status_change().map(|at| format!("  {}", ago(at, now)));
            let said = said_by(latest);
            let name = rule.rule_name().unwrap_or_default();
            let _ = writeln!(text, "        {name}  {mark}{}{said}", since.unwrap_or_default());
        }
    }
}

fn said_by(rule: &RuleExecution) -> String {
    said(rule).map(|text| format!("  {}", first_line(text))).unwrap_or_default()
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
