//! What a watcher sees: the same events on a terminal and in a plain log.

use super::prepare::Started;
use super::view::{ActionView, Change};

pub(super) trait Display: Send {
    fn begin(&mut self, started: &Started);
    fn change(&mut self, change: &Change);
    /// A line of an action's log, made harmless.
    fn log(&mut self, action: &ActionView, line: &str);
    /// Something to be known that is no change: an answer, a request to stop.
    fn note(&mut self, text: &str);
    /// Leaves the terminal to somebody who asks a question.
    fn pause(&mut self);
    fn resume(&mut self);
    fn end(&mut self);
}
