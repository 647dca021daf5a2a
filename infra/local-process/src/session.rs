//! Several commands that live and die together.

use std::time::Duration;

use rustix::process::Signal;
use tokio::task::JoinSet;

use crate::process::Process;
use crate::run::run_to_end;
use crate::{Command, Log, Outcome, StartError, Stop};

/// How long the output of children is awaited that were killed or, having left their group, were not.
const LAST_OUTPUT: Duration = Duration::from_millis(200);

/// Commands that run one after the other. What a command leaves behind (a database for the tests)
/// keeps running, with its output logged, until the session ends.
///
/// A process that puts itself into a session of its own (`setsid`) leaves its group and survives; if
/// its environment is still that of the command, [`crate::marked_processes`] finds it.
#[derive(Default)]
pub struct Session {
    /// All commands so far; those that have ended hold the numbers of their groups.
    processes: Vec<Process>,
    leftovers: JoinSet<()>,
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`run`](crate::run()). A stop ends all processes of the session.
    pub async fn run(&mut self, command: &Command, log: &Log, stop: &Stop) -> Result<Outcome, StartError> {
        let mut finished = run_to_end(command, log, stop, &self.processes).await?;
        finished.process.forget_descriptor();
        self.processes.push(finished.process);
        if let Some(mut leftover) = finished.leftover {
            let log = log.clone();
            self.leftovers.spawn(async move { leftover.read_to_end(&log).await });
        }
        Ok(finished.outcome)
    }

    /// Kills what is left, and returns when its last output is in the log; `true`: somebody who left
    /// the groups still holds the output open.
    pub async fn end(mut self) -> bool {
        for process in self.processes.drain(..) {
            process.signal_group(Signal::KILL);
            process.release();
        }
        let leftovers = std::mem::take(&mut self.leftovers);
        if leftovers.is_empty() {
            return false;
        }
        // A process that left its group keeps its pipe open; it is not waited for.
        tokio::time::timeout(LAST_OUTPUT, leftovers.join_all()).await.is_err()
    }
}
