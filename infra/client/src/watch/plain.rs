//! For logs, pipes and screen readers: a line for every change.

use super::display::Display;
use super::view::{Change, View};
use crate::execution::{ActionView, Reason, sentence, short};
use crate::resolve::Execution;
use crate::session::Session;
use crate::text::{Mark, duration, first_line, harmless, told};

pub(super) struct Plain<'a> {
    pub execution: &'a Execution,
    pub session: &'a Session,
}

impl Plain<'_> {
    fn say(&self, line: &str) {
        self.session.terminal.say(&format!("{line}\n"));
    }

    fn say_with_commands(&self, line: &str) {
        self.session.terminal.say_with_commands(&format!("  {line}\n"));
    }
}

impl Display for Plain<'_> {
    fn begin(&mut self, view: &View, _stages: &[String]) {
        let Execution { pipeline, id } = self.execution;
        let version = view.version.unwrap_or_default();
        self.say(&format!("pipeline {pipeline} version {version} execution {id}{}", rollback(view)));
    }

    fn change(&mut self, change: &Change, view: &View) {
        match change {
            Change::StageEntered(stage) => self.say(&format!("stage {stage}")),
            Change::StageSkipped(stage) => self.say(&format!("  {stage} is skipped")),
            Change::ActionStarted(action) => {
                let again = if view.is_again(action) { " again" } else { "" };
                self.say(&format!("  {} started{again}", action.place()));
            }
            Change::ApprovalWaits(action) => {
                self.say_with_commands(&waits_for_approval(self.execution, action, view));
            }
            Change::ActionEnded(action) => self.say(&format!("  {}", ended(action))),
            Change::Waits(reason) => self.say_with_commands(&waits(self.execution, reason, self.session)),
            Change::Stopping => self.say("  stopping"),
            Change::Ended => {
                self.say(&headline(self.execution, view));
                if let Some(step) = next_step(self.execution, view) {
                    self.note(&step);
                }
            }
        }
    }

    fn log(&mut self, action: &ActionView, line: &str) {
        if let Some(line) = told(line) {
            let line = harmless(&line, self.session.terminal.look.colour);
            self.say(&format!("    {} | {line}", action.name));
        }
    }

    fn note(&mut self, text: &str) {
        self.session.terminal.note(&format!("  {text}\n"));
    }

    fn end(&mut self) {}
}

fn ended(action: &ActionView) -> String {
    let what = action.said().map(|what| format!(": {}", first_line(what))).unwrap_or_default();
    format!("{} {} in {}{what}", action.place(), Mark::of(&action.status).word, duration(action.seconds()))
}

/// Of a rollback, what it goes back to.
pub(super) fn rollback(view: &View) -> String {
    view.rollback_target.as_deref().map(|to| format!(", a rollback to {}", short(to))).unwrap_or_default()
}

/// How an execution ended, in one line.
pub(super) fn headline(execution: &Execution, view: &View) -> String {
    let mark = Mark::of(&view.status);
    let why = view.summary.as_deref().map(|text| format!(": {}", first_line(text))).unwrap_or_default();
    let took = duration(view.seconds());
    let Execution { pipeline, id } = execution;
    format!("{} execution {} of {pipeline} {} in {took}{why}", mark.symbol, short(id), mark.word)
}

/// Where to look after a failure.
pub(super) fn next_step(execution: &Execution, view: &View) -> Option<String> {
    if view.status != "Failed" {
        return None;
    }
    if let Some(by) = &view.rolled_back_by {
        let stage = view.actions.last().map_or("its stage", |action| &action.stage);
        return Some(format!("{stage} is rolled back by execution {}: pipewright watch {by}", short(by)));
    }
    let failed =
        view.actions.iter().rev().find(|action| action.status == "Failed" && action.log.is_some())?;
    let ActionView { stage, name, .. } = failed;
    let Execution { pipeline, id } = execution;
    Some(format!("its log: pipewright logs {pipeline} {stage}/{name} --execution {}", short(id)))
}

pub(super) fn waits_for_approval(execution: &Execution, action: &ActionView, view: &View) -> String {
    let Execution { pipeline, id } = execution;
    let ActionView { stage, name, .. } = action;
    let which = if view.is_parallel { format!(" --execution {}", short(id)) } else { String::new() };
    format!("{} waits for an approval: pipewright approve {pipeline} {stage}/{name}{which}", action.place())
}

pub(super) fn waits(execution: &Execution, reason: &Reason, session: &Session) -> String {
    let whole = sentence(&execution.pipeline, &execution.id, reason, session.clock.now());
    // Which execution it is has been said.
    let begin = format!("Execution {} of {} ", short(&execution.id), execution.pipeline);
    whole.strip_prefix(&begin).unwrap_or(&whole).to_owned()
}
