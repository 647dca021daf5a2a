//! EventBridge as far as the template uses it: event patterns, schedules, a bus and PutEvents.
//!
//! Patterns and schedules are pure and are read when the template is, so that one that is not
//! understood stops the start, not a release. Events are delivered in memory: one that a crash loses
//! is made up for as on AWS, by asking the provider about work whose event is overdue. Where nobody can be
//! asked, as about an object, they are kept.

mod bus;
mod delivery;
mod kept;
mod log;
mod pattern;
mod put_events;
mod rules;
mod schedule;
mod timer;

#[cfg(test)]
mod tests;

pub use bus::LocalEventBus;
pub use delivery::Delivery;
pub use kept::KeptEvents;
pub use log::{EVENT_LOG_GROUP, EventLog};
pub use pattern::Pattern;
pub use put_events::LocalEventBridge;
pub use rules::{RuleState, RuleTarget, ScheduleRule, ScheduleRules};
pub use schedule::Schedule;
pub use timer::run_schedules;
