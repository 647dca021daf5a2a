//! For a terminal: what has happened scrolls by, what is running stays below with its time.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::display::Display;
use super::plain::{headline, next_step, rollback, waits, waits_for_approval};
use super::view::{Change, View};
use crate::execution::{ActionView, Reason};
use crate::progress::WatchedAction;
use crate::resolve::Execution;
use crate::session::Session;
use crate::terminal::{BOLD, Look};
use crate::text::{Mark, duration, first_line, harmless, seconds_between, told};

/// Fast enough to look alive, slow enough to cost nothing.
const TICK: Duration = Duration::from_millis(120);

pub(super) struct Live<'a> {
    execution: &'a Execution,
    session: &'a Session,
    look: Look,
    bars: MultiProgress,
    /// By action execution.
    running: BTreeMap<String, ProgressBar>,
    /// What the execution waits for outside of its actions.
    waiting: Option<ProgressBar>,
}

impl<'a> Live<'a> {
    pub fn new(execution: &'a Execution, session: &'a Session) -> Self {
        Self {
            execution,
            session,
            look: session.terminal.look,
            bars: MultiProgress::new(),
            running: BTreeMap::new(),
            waiting: None,
        }
    }

    fn line(&self, text: &str) {
        // The terminal may be gone; the execution goes on.
        let _ = self.bars.println(text);
    }

    fn line_with_commands(&self, text: &str) {
        self.line(&format!("  {}", self.session.terminal.addressed.complete(text)));
    }

    fn spinner(&self) -> ProgressBar {
        let style = ProgressStyle::with_template("  {spinner} {prefix}  {elapsed:>4}  {wide_msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        bar.enable_steady_tick(TICK);
        bar
    }

    fn start(&mut self, action: &ActionView) {
        let started = action.started.as_ref().and_then(crate::text::moment);
        let ran = started.map_or(0.0, |started| seconds_between(started, self.session.clock.now()));
        let bar = self.spinner().with_elapsed(Duration::from_secs_f64(ran));
        bar.set_prefix(harmless(&action.place(), false));
        self.running.insert(action.id.clone(), bar);
    }

    fn ended(&mut self, action: &ActionView) {
        if let Some(bar) = self.running.remove(&action.id) {
            self.remove(&bar);
        }
        let mark = Mark::of(&action.status).painted(self.look);
        let what = action.said().map(|what| format!("  {}", first_line(what))).unwrap_or_default();
        self.line(&format!("  {mark}  {}  {}{what}", action.place(), duration(action.seconds())));
    }

    fn wait(&mut self, reason: &Reason) {
        self.no_longer_waits();
        let text = waits(self.execution, reason, self.session);
        // The whole sentence stays readable above; the spinner shows that it still holds.
        self.line_with_commands(&text);
        let bar = self.spinner();
        bar.set_prefix("waits");
        self.waiting = Some(bar);
    }

    fn no_longer_waits(&mut self) {
        if let Some(bar) = self.waiting.take() {
            self.remove(&bar);
        }
    }

    fn remove(&self, bar: &ProgressBar) {
        bar.finish_and_clear();
        self.bars.remove(bar);
    }
}

impl Display for Live<'_> {
    fn begin(&mut self, view: &View, stages: &[String]) {
        let Execution { pipeline, id } = self.execution;
        let version = view.version.unwrap_or_default();
        let stages = if stages.is_empty() { String::new() } else { format!(": {}", stages.join(" → ")) };
        self.line(&format!("{} version {version}{stages}", self.look.paint(BOLD, pipeline)));
        self.line(&format!("execution {id}{}", rollback(view)));
    }

    fn change(&mut self, change: &Change, view: &View) {
        if view.waits.is_none() {
            self.no_longer_waits();
        }
        match change {
            Change::StageEntered(stage) => self.line(&self.look.bold(stage)),
            Change::StageSkipped(stage) => {
                let mark = Mark::of("Skipped").painted(self.look);
                self.line(&format!("  {mark}  {stage}"));
            }
            Change::ActionStarted(action) if action.is_in_progress() => self.start(action),
            Change::ActionStarted(_) => {}
            Change::ApprovalWaits(action) => {
                self.line_with_commands(&waits_for_approval(self.execution, action, view));
                if let Some(bar) = self.running.get(&action.id) {
                    bar.set_message("waits for an approval");
                }
            }
            Change::ActionEnded(action) => self.ended(action),
            Change::Waits(reason) => self.wait(reason),
            Change::Stopping => self.line("  stopping: what runs is waited for"),
            Change::Ended => {
                let style = Mark::of(&view.status).style;
                self.line(&self.look.paint(style, &headline(self.execution, view)));
                if let Some(step) = next_step(self.execution, view) {
                    self.line_with_commands(&step);
                }
            }
        }
    }

    fn log(&mut self, action: &ActionView, line: &str) {
        let Some(line) = told(line) else { return };
        let line = harmless(&line, self.look.colour);
        self.line(&format!("    {} {line}", self.look.dim(&format!("{} │", action.name))));
        if let Some(bar) = self.running.get(&action.id) {
            bar.set_message(harmless(&line, false));
        }
    }

    fn note(&mut self, text: &str) {
        self.line(&format!("  {text}"));
    }

    fn end(&mut self) {
        self.no_longer_waits();
        for (_, bar) in std::mem::take(&mut self.running) {
            bar.finish_and_clear();
        }
        let _ = self.bars.clear();
    }
}
