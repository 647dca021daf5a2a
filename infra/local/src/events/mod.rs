//! EventBridge as far as the template uses it: event patterns, schedules and a bus.
//!
//! Patterns and schedules are pure and are read when the template is, so that one that is not
//! understood stops the start, not a release.

mod pattern;
mod schedule;

pub use pattern::Pattern;
pub use schedule::Schedule;
