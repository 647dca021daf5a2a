//! What a watcher sees: the same changes on a terminal, in a plain log and as JSON.

use super::json_lines::JsonLines;
use super::live::Live;
use super::plain::Plain;
use super::view::{Change, View};
use crate::execution::ActionView;
use crate::resolve::Execution;
use crate::session::Session;
use crate::terminal::Form;

pub(super) trait Display: Send {
    /// The first look, and the stages that the execution goes through.
    fn begin(&mut self, view: &View, stages: &[String]);
    fn change(&mut self, change: &Change, view: &View);
    /// A line of an action's log, as the log has it.
    fn log(&mut self, action: &ActionView, line: &str);
    /// Something to be known that is no change of the execution.
    fn note(&mut self, text: &str);
    /// The terminal is left to whoever writes next.
    fn end(&mut self);
}

/// The display that fits the terminal.
pub(super) fn display<'a>(execution: &'a Execution, session: &'a Session) -> Box<dyn Display + 'a> {
    match session.terminal.form {
        Form::Json => Box::new(JsonLines { execution, session }),
        Form::Quiet => Box::new(Silent),
        Form::Text if session.terminal.is_live => Box::new(Live::new(execution, session)),
        Form::Text => Box::new(Plain { execution, session }),
    }
}

/// For a script that only wants the exit status.
struct Silent;

impl Display for Silent {
    fn begin(&mut self, _view: &View, _stages: &[String]) {}
    fn change(&mut self, _change: &Change, _view: &View) {}
    fn log(&mut self, _action: &ActionView, _line: &str) {}
    fn note(&mut self, _text: &str) {}
    fn end(&mut self) {}
}
