//! For logs, pipes and screen readers: a line an event.

use client::harmless;

use super::announce::say;
use super::display::Display;
use super::prepare::Started;
use super::text::duration;
use super::view::{ActionView, Change};

pub(super) struct Plain;

impl Plain {
    pub fn new() -> Self {
        Self
    }
}

impl Display for Plain {
    fn begin(&mut self, started: &Started) {
        say(&format!(
            "pipeline {} version {} execution {}\n",
            started.pipeline_name, started.version, started.execution_id
        ));
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::StageEntered(stage) => say(&format!("stage {stage}\n")),
            Change::StageSkipped(stage) => say(&format!("  {stage} is skipped\n")),
            Change::ActionStarted(action) => say(&format!("  {} started\n", action.place())),
            Change::ApprovalWaits(action) => {
                say(&format!("  {} / {} waits for an approval\n", action.stage, action.name));
            }
            Change::ActionEnded(action) => say(&ended(action)),
            Change::Waits(never) => match *never {},
            // That it was asked for is a note of its own; how it ended is in the summary.
            Change::Stopping | Change::Ended => {}
        }
    }

    fn log(&mut self, action: &ActionView, line: &str) {
        say(&format!("    {} | {}\n", action.name, harmless(line, false)));
    }

    fn note(&mut self, text: &str) {
        say(&format!("  {text}\n"));
    }

    fn pause(&mut self) {}
    fn resume(&mut self) {}
    fn end(&mut self) {}
}

fn ended(action: &ActionView) -> String {
    let what = action.error.as_ref().or(action.summary.as_ref());
    let what = what.map(|what| format!(": {}", harmless(what, false))).unwrap_or_default();
    let status = action.status.to_lowercase();
    format!("  {} {status} in {}{what}\n", action.place(), duration(action.seconds()))
}
