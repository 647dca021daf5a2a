//! The end of a run: how it went, what was made, and what to do next.

use std::fmt::Write;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use client::harmless;
use client::progress::WatchedAction;

use super::prepare::Started;
use super::rollback::Rollback;
use super::text::{self, duration};
use super::view::{ActionView, View};
use crate::LocalStack;
use crate::cli::Exit;

/// Of a failed action's log so many lines are shown again.
const LAST_LINES: usize = 15;

/// What the exit status tells.
pub(super) fn exit_of(view: &View) -> Exit {
    match view.status.as_str() {
        "Succeeded" => Exit::Succeeded,
        "Stopped" | "Superseded" | "Cancelled" => Exit::Stopped,
        _ => Exit::Failed,
    }
}

pub(super) fn render(stack: &LocalStack, started: &Started, view: &View, colour: bool) -> String {
    let mut into = String::new();
    headline(&mut into, started, view, colour);
    actions(&mut into, started, view);
    artifacts(&mut into, view);
    variables(&mut into, view);
    logs(&mut into, stack, view);
    let _ = writeln!(into, "\nData: {}", text::path(&started.data));
    failures(&mut into, stack, view);
    into
}

/// How the stage was brought back after the run had failed.
pub(super) fn render_rollback(stack: &LocalStack, rollback: &Rollback, view: &View, colour: bool) -> String {
    let mut into = String::new();
    headline(&mut into, &rollback.started, view, colour);
    let _ = writeln!(into, "It is a rollback to the execution {}.", rollback.target);
    failures(&mut into, stack, view);
    into
}

/// Nothing has to be done about what failed and then went well, or about a rule that made a stage be skipped.
fn failures(into: &mut String, stack: &LocalStack, view: &View) {
    let failed = view.actions.iter().filter(|action| action.status == "Failed" && view.status != "Succeeded");
    for action in failed.filter(|action| !view.skipped.contains(&action.stage)) {
        failure(into, stack, action);
    }
}

fn headline(into: &mut String, started: &Started, view: &View, colour: bool) {
    let style = match view.status.as_str() {
        "Succeeded" => AnsiColor::Green.on_default().bold(),
        "Failed" => AnsiColor::Red.on_default().bold(),
        _ => AnsiColor::Yellow.on_default().bold(),
    };
    let style = if colour { style } else { Style::new() };
    let first = view.actions.iter().map(|action| action.started).fold(f64::INFINITY, f64::min);
    let last = view.actions.iter().map(|action| action.updated).fold(first, f64::max);
    let took = if first.is_finite() { duration(last - first) } else { duration(0.0) };
    let (name, version, id) = (&started.pipeline_name, started.version, &started.execution_id);
    let _ = writeln!(
        into,
        "\n{style}{}{style:#} in {took}: {name} version {version}, execution {id}",
        view.status
    );
    if let Some(summary) = &view.status_summary {
        let _ = writeln!(into, "{}", harmless(summary, false));
    }
}

fn actions(into: &mut String, started: &Started, view: &View) {
    let ran = view.actions.iter().map(|action| (action.place(), Ok(action)));
    let has_run = |stage: &str, name: &str| {
        view.actions.iter().any(|a| !a.is_rule() && (a.stage.as_str(), a.name.as_str()) == (stage, name))
    };
    let not_started = started.stages.iter().flat_map(|(stage, actions)| {
        let why = if view.skipped.contains(stage) { "skipped" } else { "not started" };
        let missing = actions.iter().filter(move |name| !has_run(stage, name));
        missing.map(move |name| (format!("{stage} / {name}"), Err(why)))
    });
    let lines: Vec<_> = ran.chain(not_started).collect();
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let _ = writeln!(into);
    for (name, action) in lines {
        let _ = match action {
            Ok(action) => {
                writeln!(into, "  {name:width$}  {:10} {:>10}", action.status, duration(action.seconds()))
            }
            Err(why) => writeln!(into, "  {name:width$}  {why}"),
        };
    }
}

fn artifacts(into: &mut String, view: &View) {
    let artifacts: Vec<_> = view.actions.iter().flat_map(|action| &action.artifacts).collect();
    if artifacts.is_empty() {
        return;
    }
    let _ = writeln!(into, "\nArtifacts");
    let width = artifacts.iter().map(|artifact| artifact.name.len()).max().unwrap_or(0);
    for artifact in artifacts {
        let _ = writeln!(into, "  {:width$}  {}", artifact.name, artifact.location);
        if !artifact.sha256.is_empty() {
            let _ = writeln!(into, "  {:width$}  sha256:{}", "", artifact.sha256);
        }
    }
}

fn variables(into: &mut String, view: &View) {
    let named: Vec<_> = view
        .actions
        .iter()
        .filter_map(|action| Some((action.namespace.as_ref()?, &action.variables)))
        .flat_map(|(namespace, variables)| {
            variables.iter().map(move |(name, value)| (namespace, name, value))
        })
        .collect();
    if named.is_empty() {
        return;
    }
    let _ = writeln!(into, "\nVariables");
    for (namespace, name, value) in named {
        let value = harmless(value.lines().next().unwrap_or_default(), false);
        let _ = writeln!(into, "  {namespace}.{name} = {value}");
    }
}

fn logs(into: &mut String, stack: &LocalStack, view: &View) {
    let logs: Vec<_> = view.actions.iter().flat_map(|action| logs_of(stack, action)).collect();
    if logs.is_empty() {
        return;
    }
    let _ = writeln!(into, "\nLogs");
    let width = logs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, path) in logs {
        let _ = writeln!(into, "  {name:width$}  {}", text::path(&path));
    }
}

/// Each log of an action, with the name that its lines were shown under.
fn logs_of(stack: &LocalStack, action: &ActionView) -> Vec<(String, PathBuf)> {
    let external_id = action.external_id.as_deref();
    let logs = external_id.map(|id| stack.logs_of(id, action.url.as_deref())).unwrap_or_default();
    let named =
        logs.into_iter().filter_map(|log| Some((action.build_of(log.build.as_deref()).name, log.path?)));
    named.collect()
}

/// The failing command's last lines, and where to look next.
fn failure(into: &mut String, stack: &LocalStack, action: &ActionView) {
    let message = harmless(action.error.as_deref().unwrap_or("no reason was given"), false);
    let _ = writeln!(into, "\n{} failed: {message}", action.place());
    // Of a batch, the build that the message is about.
    let named = |name: &str| message.contains(&format!("Build {}:", name.rsplit(' ').next().unwrap_or(name)));
    let logs = logs_of(stack, action);
    let Some((_, path)) = logs.iter().find(|(name, _)| named(name)).or(logs.first()) else { return };
    let log =
        std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<_> = log.lines().filter_map(client::told).collect();
    for line in lines.iter().skip(lines.len().saturating_sub(LAST_LINES)) {
        let _ = writeln!(into, "    | {}", harmless(line, false));
    }
    let _ = writeln!(
        into,
        "What to do: read the whole log in {}, mend what failed, and run the pipeline again; with --source \
         ACTION=DIR it takes your working tree as it is.",
        text::path(path)
    );
}
