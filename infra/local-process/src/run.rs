//! One command from its start to its end.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;

use crate::output::Streams;
use crate::process::Process;
use crate::{Command, Log, Stop, StopReason};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal that did not come from here.
    Signaled(i32),
    /// Stopped: its [`Command::timeout`] was over, or a [`Stop`] said that time was over.
    TimedOut,
    /// Stopped on request.
    Cancelled,
}

impl Outcome {
    pub fn is_success(self) -> bool {
        self == Self::Exited(0)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit status {code}"),
            Self::Signaled(signal) => write!(f, "signal {signal}"),
            Self::TimedOut => write!(f, "timed out"),
            Self::Cancelled => write!(f, "cancelled"),
        }
    }
}

/// A command could not be started.
#[derive(Debug)]
pub struct StartError {
    pub program: PathBuf,
    pub directory: PathBuf,
    pub cause: io::Error,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.directory.is_dir() {
            let program = self.program.display();
            return write!(f, "cannot start {program}: there is no directory {}", self.directory.display());
        }
        write!(f, "cannot start {}: {}", self.program.display(), self.cause)
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Runs `command` in a process group of its own and returns when it has ended; all that it printed
/// is in `log` by then. Children that it leaves behind keep running, with their output read and
/// logged as long as the log is open. Dropping the future kills the group.
pub async fn run(command: &Command, log: &Log, stop: &Stop) -> Result<Outcome, StartError> {
    let finished = run_to_end(command, log, stop, &[]).await?;
    finished.process.release();
    if let Some(mut leftover) = finished.leftover {
        // Closing the pipe would kill a daemon at its next line (SIGPIPE).
        let log = log.clone();
        tokio::spawn(async move { leftover.read_to_end(&log).await });
    }
    Ok(finished.outcome)
}

pub(crate) struct Finished {
    pub outcome: Outcome,
    /// Has ended; its group may have members.
    pub process: Process,
    /// Pipes that a child still holds open.
    pub leftover: Option<Streams>,
}

/// `earlier`: processes whose groups are stopped together with the command's own.
pub(crate) async fn run_to_end(
    command: &Command,
    log: &Log,
    stop: &Stop,
    earlier: &[Process],
) -> Result<Finished, StartError> {
    let (process, mut streams) = start(command).await.map_err(|cause| StartError {
        program: command.program.clone(),
        directory: command.directory.clone(),
        cause,
    })?;
    let mut running = Running { process, earlier };
    let outcome = tokio::select! {
        biased;
        reason = stop_or_timeout(command.timeout, stop) => {
            running.end(&mut streams, log, command.grace).await;
            match reason {
                StopReason::TimedOut => Outcome::TimedOut,
                StopReason::Cancelled | StopReason::ServiceEnded => Outcome::Cancelled,
            }
        }
        outcome = running.process.ended() => outcome,
        never = read_for_ever(&mut streams, log) => match never {},
    };
    streams.read_rest(log);
    Ok(Finished { outcome, process: running.process, leftover: streams.is_open().then_some(streams) })
}

async fn stop_or_timeout(timeout: Option<Duration>, stop: &Stop) -> StopReason {
    let Some(timeout) = timeout else { return stop.requested().await };
    tokio::time::timeout(timeout, stop.requested()).await.unwrap_or(StopReason::TimedOut)
}

async fn read_for_ever(streams: &mut Streams, log: &Log) -> std::convert::Infallible {
    streams.read_to_end(log).await;
    std::future::pending().await
}

/// A started command and whoever has to end with it.
struct Running<'a> {
    process: Process,
    earlier: &'a [Process],
}

impl Running<'_> {
    /// SIGTERM to the groups; SIGKILL when nobody holds the output pipes any more, or when the grace
    /// period is over.
    async fn end(&mut self, streams: &mut Streams, log: &Log, grace: Duration) {
        self.signal(Signal::TERM);
        // Whether everybody ended in time changes nothing: the rest gets SIGKILL either way.
        let _ = tokio::time::timeout(grace, streams.read_to_end(log)).await;
        self.signal(Signal::KILL);
        // For a command that joined another group; it would be waited for without end.
        self.process.kill();
        self.process.ended().await;
    }

    fn signal(&self, signal: Signal) {
        self.process.signal_group(signal);
        self.earlier.iter().for_each(|process| process.signal_group(signal));
    }
}

async fn start(command: &Command) -> io::Result<(Process, Streams)> {
    // A script that was just written is "busy" while a process that another thread is starting
    // still holds a copy of the file's descriptor: for less than a millisecond.
    const ATTEMPTS_WHILE_BUSY: u32 = 10;
    let mut attempt = 1;
    loop {
        match Process::start(command) {
            Err(error)
                if error.kind() == io::ErrorKind::ExecutableFileBusy && attempt < ATTEMPTS_WHILE_BUSY =>
            {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            started => return started,
        }
    }
}
