//! For a terminal: what has happened scrolls by, what is running stays below with its time.

use std::collections::BTreeMap;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use client::harmless;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::display::Display;
use super::prepare::Started;
use super::text::duration;
use super::view::{ActionView, Change};

pub(super) struct Live {
    colour: bool,
    bars: MultiProgress,
    /// By action execution.
    running: BTreeMap<String, ProgressBar>,
}

/// Fast enough to look alive, slow enough to cost nothing.
const TICK: Duration = Duration::from_millis(120);

impl Live {
    pub fn new(colour: bool) -> Self {
        Self { colour, bars: MultiProgress::new(), running: BTreeMap::new() }
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn line(&self, text: &str) {
        // The terminal may be gone; the run goes on.
        let _ = self.bars.println(text);
    }

    fn start(&mut self, action: &ActionView) {
        let style = ProgressStyle::with_template("  {spinner} {prefix}  {elapsed:>4}  {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        bar.set_prefix(action.place());
        bar.enable_steady_tick(TICK);
        self.running.insert(action.id.clone(), bar);
    }

    fn ended(&mut self, action: &ActionView) {
        if let Some(bar) = self.running.remove(&action.id) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        let (mark, style) = match action.status.as_str() {
            "Succeeded" => ("✔ succeeded", AnsiColor::Green.on_default()),
            "Abandoned" => ("■ abandoned", AnsiColor::Yellow.on_default()),
            _ => ("✘ failed", AnsiColor::Red.on_default().bold()),
        };
        let what = action.error.as_ref().or(action.summary.as_ref());
        let what = what.map(|what| format!("  {}", harmless(what, false))).unwrap_or_default();
        let name = action.place();
        self.line(&format!("  {}  {name}  {}{what}", self.styled(style, mark), duration(action.seconds())));
    }
}

impl Display for Live {
    fn begin(&mut self, started: &Started) {
        let bold = Style::new().bold();
        let stages: Vec<_> = started.stages.iter().map(|(stage, _)| stage.as_str()).collect();
        self.line(&format!(
            "{} version {}: {}",
            self.styled(bold, &started.pipeline_name),
            started.version,
            stages.join(" → ")
        ));
        self.line(&format!("execution {}", started.execution_id));
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::StageEntered(stage) => self.line(&self.styled(Style::new().bold(), stage)),
            Change::StageSkipped(stage) => {
                let mark = self.styled(Style::new().dimmed(), "○ skipped");
                self.line(&format!("  {mark}    {stage}"));
            }
            Change::ActionStarted(action) => self.start(action),
            Change::ApprovalWaits(action) => {
                if let Some(bar) = self.running.get(&action.id) {
                    bar.set_message("waits for an approval");
                }
            }
            Change::ActionEnded(action) => self.ended(action),
            Change::Waits(never) => match *never {},
            // That it was asked for is a note of its own; how it ended is in the summary.
            Change::Stopping | Change::Ended => {}
        }
    }

    fn log(&mut self, action: &ActionView, line: &str) {
        let dim = Style::new().dimmed();
        let line = harmless(line, self.colour);
        self.line(&format!("    {} {line}", self.styled(dim, &format!("{} │", action.name))));
        if let Some(bar) = self.running.get(&action.id) {
            bar.set_message(harmless(&line, false));
        }
    }

    fn note(&mut self, text: &str) {
        self.line(&format!("  {text}"));
    }

    fn pause(&mut self) {
        for bar in self.running.values() {
            bar.disable_steady_tick();
        }
        let _ = self.bars.clear();
        self.bars.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }

    fn resume(&mut self) {
        self.bars.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        for bar in self.running.values() {
            bar.enable_steady_tick(TICK);
        }
    }

    fn end(&mut self) {
        for (_, bar) in std::mem::take(&mut self.running) {
            bar.finish_and_clear();
        }
        let _ = self.bars.clear();
    }
}
