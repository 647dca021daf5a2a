//! The interpreter: pure, one execution at a time.
//!
//! [`Execution::start`] and [`Execution::step`] take what happened and the time, and give back the
//! functions to invoke. No clock, no randomness, no input or output: reading the same inputs again
//! gives the same execution, which is how executions survive a restart.

mod abort;
mod branch;
mod deadlines;
mod execution;
mod fan;
mod history;
mod outcome;
mod retry_schedule;
mod state;
mod step;
mod task;
#[cfg(test)]
mod tests;

pub use execution::Counts;
pub(crate) use execution::{Execution, Outcome, Start};
pub(crate) use step::{Command, Input};

/// AWS: input and output of states, tasks and executions, in bytes of UTF-8.
pub(crate) const DATA_LIMIT_BYTES: usize = 262_144;
