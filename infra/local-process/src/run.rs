//! One command from its start to its end.

use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

use crate::output::{Stream, Streams};
use crate::{Command, Log, Output, Stop, StopReason};

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
    let finished = run_in_group(command, None, log, stop).await?;
    if let Some(mut leftover) = finished.leftover {
        // Closing the pipe would kill a daemon at its next line (SIGPIPE).
        let log = log.clone();
        tokio::spawn(async move { leftover.read_to_end(&log).await });
    }
    Ok(finished.outcome)
}

pub(crate) struct Finished {
    pub outcome: Outcome,
    /// Pipes that a child still holds open.
    pub leftover: Option<Streams>,
}

/// `group`: an existing process group to join; none: a new one.
pub(crate) async fn run_in_group(
    command: &Command,
    group: Option<Pid>,
    log: &Log,
    stop: &Stop,
) -> Result<Finished, StartError> {
    let (child, mut streams) = start(command, group).await.map_err(|cause| StartError {
        program: command.program.clone(),
        directory: command.directory.clone(),
        cause,
    })?;
    let mut running = Running { group: group.or_else(|| pid_of(&child)), child, has_ended: false };
    let outcome = tokio::select! {
        biased;
        reason = stop_or_timeout(command.timeout, stop) => {
            running.end(&mut streams, log, command.grace).await;
            match reason {
                StopReason::TimedOut => Outcome::TimedOut,
                StopReason::Cancelled => Outcome::Cancelled,
            }
        }
        status = running.child.wait() => status.map_or(Outcome::Signaled(0), outcome_of),
        never = read_for_ever(&mut streams, log) => match never {},
    };
    running.has_ended = true;
    streams.read_rest(log);
    Ok(Finished { outcome, leftover: streams.is_open().then_some(streams) })
}

async fn stop_or_timeout(timeout: Option<Duration>, stop: &Stop) -> StopReason {
    let Some(timeout) = timeout else { return stop.requested().await };
    tokio::time::timeout(timeout, stop.requested()).await.unwrap_or(StopReason::TimedOut)
}

async fn read_for_ever(streams: &mut Streams, log: &Log) -> std::convert::Infallible {
    streams.read_to_end(log).await;
    std::future::pending().await
}

fn outcome_of(status: ExitStatus) -> Outcome {
    match (status.code(), status.signal()) {
        (Some(code), _) => Outcome::Exited(code),
        (None, signal) => Outcome::Signaled(signal.unwrap_or(0)),
    }
}

/// A started command. Its process is not reaped before the group got its last signal: the number of
/// an ended process could already belong to somebody else.
struct Running {
    child: Child,
    group: Option<Pid>,
    has_ended: bool,
}

impl Running {
    /// SIGTERM to the group; SIGKILL when nobody holds the output pipes any more, or when the grace
    /// period is over.
    async fn end(&mut self, streams: &mut Streams, log: &Log, grace: Duration) {
        signal_group(self.group, Signal::TERM);
        // Whether everybody ended in time changes nothing: the rest gets SIGKILL either way.
        let _ = tokio::time::timeout(grace, streams.read_to_end(log)).await;
        signal_group(self.group, Signal::KILL);
        // For a command that left its group (`exec setsid …`); it would be waited for without end.
        let _ = self.child.start_kill();
        let _ = self.child.wait().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended {
            signal_group(self.group, Signal::KILL);
        }
    }
}

pub(crate) fn signal_group(group: Option<Pid>, signal: Signal) {
    // The only expected error is that nobody is left, which is what was wanted.
    let _ = group.map(|group| kill_process_group(group, signal));
}

pub(crate) fn pid_of(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
}

async fn start(command: &Command, group: Option<Pid>) -> io::Result<(Child, Streams)> {
    // A script that was just written is "busy" while a process that another thread is starting
    // still holds a copy of the file's descriptor: for less than a millisecond.
    const ATTEMPTS_WHILE_BUSY: u32 = 10;
    let mut attempt = 1;
    loop {
        match start_once(command, group) {
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

fn start_once(command: &Command, group: Option<Pid>) -> io::Result<(Child, Streams)> {
    #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
    let mut process = tokio::process::Command::new(&command.program);
    process
        .args(&command.arguments)
        .current_dir(&command.directory)
        .env_clear()
        .envs(&command.environment)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .process_group(group.map_or(0, |group| group.as_raw_nonzero().get()));
    let (reader, writer) = io::pipe()?;
    let streams = match &command.output {
        Output::Merged => {
            process.stdout(writer.try_clone()?).stderr(writer);
            Streams { first: Stream::new(reader, "")?, second: None }
        }
        Output::Labelled { stdout, stderr } => {
            let (error_reader, error_writer) = io::pipe()?;
            process.stdout(writer).stderr(error_writer);
            Streams { first: Stream::new(reader, stdout)?, second: Some(Stream::new(error_reader, stderr)?) }
        }
    };
    let child = process.spawn()?;
    Ok((child, streams))
}
