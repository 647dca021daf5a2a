//! Several commands that live and die together.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::process::Child;
use tokio::task::JoinSet;

use crate::run::{pid_of, run_in_group, signal_group};
use crate::{Command, Log, Outcome, StartError, Stop};

/// The keeper of the process group: it waits for the end of its input, which comes when we close
/// it or when we die in whatever way, and then kills everybody in the group, itself included.
const KEEPER: &str = "trap '' TERM INT HUP; read -r line; kill -s KILL 0";

/// How long the output of children is awaited that were killed or, having left the group, were not.
const LAST_OUTPUT: Duration = Duration::from_millis(200);

/// A process group for commands that run one after the other. What a command leaves behind (a
/// database for the tests) keeps running, with its output logged, until the session ends.
///
/// A process that puts itself into a session of its own (`setsid`) leaves the group and survives.
pub struct Session {
    group: Option<Pid>,
    /// Holds the group's number for us until it is reaped.
    keeper: Child,
    leftovers: JoinSet<()>,
}

impl Session {
    pub fn start() -> io::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
        let mut keeper = tokio::process::Command::new("/bin/sh");
        keeper
            .args(["-c", KEEPER])
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let keeper = keeper.spawn()?;
        Ok(Self { group: pid_of(&keeper), keeper, leftovers: JoinSet::new() })
    }

    /// As [`run`](crate::run), in the session's group. A stop ends all processes of the session.
    pub async fn run(&mut self, command: &Command, log: &Log, stop: &Stop) -> Result<Outcome, StartError> {
        let finished = run_in_group(command, self.group, log, stop).await?;
        if let Some(mut leftover) = finished.leftover {
            let log = log.clone();
            self.leftovers.spawn(async move { leftover.read_to_end(&log).await });
        }
        Ok(finished.outcome)
    }

    /// Kills what is left, and returns when its last output is in the log.
    pub async fn end(mut self) {
        signal_group(self.group, Signal::KILL);
        let leftovers = std::mem::take(&mut self.leftovers);
        // A process that left the group keeps its pipe open; it is not waited for.
        let _ = tokio::time::timeout(LAST_OUTPUT, leftovers.join_all()).await;
        let _ = self.keeper.wait().await;
        self.group = None;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        signal_group(self.group, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_group_ends_when_this_process_ends_in_whatever_way() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path().join("log"), 1000).unwrap();
        let mut session = Session::start().unwrap();
        let command = Command::shell_script("echo started; sleep 60", directory.path());
        let command = command.variable("PATH", "/usr/bin:/bin");
        let descriptor = session.keeper.stdin.take();
        let mut follower = log.follow().unwrap();
        let stop = Stop::new();
        let (outcome, ()) = tokio::join!(session.run(&command, &log, &stop), async {
            follower.next().await.unwrap();
            // What the kernel does for a process that is gone.
            drop(descriptor);
        });
        assert_eq!(outcome.unwrap(), Outcome::Signaled(9));
    }
}
