//! The named place where the local stack starts processes of the host.
//!
//! A build's commands and a deployment's hooks are other people's programs: they print without end,
//! ignore signals, leave children behind, and die with the pipe still open. This crate holds what is
//! needed to live with that, and knows nothing of builds or deployments:
//!
//! - [`run`] runs one [`Command`] in a process group of its own; what it leaves behind keeps running.
//! - [`Session`] runs several commands that share a process group, and ends all of it at once; the
//!   group also ends when this process dies.
//! - [`Log`] takes the output line by line into a bounded file that others can follow.
//! - [`Stop`] asks for an end: SIGTERM to the whole group, a grace period, SIGKILL.

mod command;
mod follow;
mod lines;
mod log;
mod output;
mod run;
mod session;
mod stop;

pub use command::{Command, Output};
pub use follow::{Follower, LogEntry};
pub use log::{DEFAULT_LIMIT_BYTES, Log, LogError};
pub use run::{Outcome, StartError, run};
pub use session::Session;
pub use stop::{Stop, StopReason};

#[cfg(test)]
mod tests;
