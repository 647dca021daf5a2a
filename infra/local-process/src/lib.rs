//! The named place where the local stack starts processes of the host.
//!
//! A build's commands and a deployment's hooks are other people's programs: they print without end,
//! ignore signals, leave children behind, and die with the pipe still open. This crate holds what is
//! needed to live with that, and knows nothing of builds or deployments:
//!
//! - [`run`] runs one [`Command`] in a process group of its own; what it leaves behind keeps running.
//! - [`Session`] runs several commands, and ends all that they left behind at once.
//! - What runs ends with this process, in whatever way that dies; [`marked_processes`] finds what
//!   escaped all the same.
//! - [`Log`] takes the output line by line into a bounded file that others can follow, without what its
//!   [`Mask`] hides.
//! - [`Sandbox`] keeps a command away from the rest of the machine.
//! - [`Stop`] asks for an end: SIGTERM to the whole group, a grace period, SIGKILL.

mod command;
mod follow;
mod keeper;
mod lines;
mod log;
mod marked;
mod mask;
mod output;
mod process;
mod renderings;
mod run;
mod sandbox;
mod session;
mod stop;

pub use command::{Command, Output};
pub use follow::{Follower, LogEntry};
pub use log::{DEFAULT_LIMIT_BYTES, Log, LogError};
pub use marked::{MarkedProcess, marked_processes};
pub use mask::{Mask, SHORTEST_MASKED_BYTES};
pub use run::{Outcome, StartError, run};
pub use sandbox::{Network, Sandbox, SandboxError, enter_sandbox};
pub use session::Session;
pub use stop::{Stop, StopReason};

#[cfg(test)]
mod tests;
