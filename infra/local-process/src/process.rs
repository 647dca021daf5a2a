//! One started program, which is waited for without giving up its number.
//!
//! The number of an ended process may be given to another one as soon as somebody has reaped it, and
//! on a machine with 32,768 numbers this happens within minutes. So an ended program is left as it is
//! until nobody will signal its group any more.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::output::{Stream, Streams};
use crate::{Command, Outcome, Output, keeper};

/// A started program and the process group that it leads.
pub struct Process {
    child: Option<Child>,
    number: Pid,
    /// Becomes readable when the program has ended; none: it was seen to have ended. A session may hold
    /// hundreds of programs, and fewer descriptors.
    descriptor: Option<AsyncFd<OwnedFd>>,
}

impl Process {
    /// Starts `command` in a process group of its own, which ends with this process in whatever way.
    pub fn start(command: &Command) -> io::Result<(Self, Streams)> {
        let (mut prepared, streams) = prepare(command)?;
        let mut child = prepared.spawn()?;
        // With it go our copies of the pipes' other ends.
        drop(prepared);
        match watch(&child) {
            Ok((number, descriptor)) => {
                keeper::add(number);
                Ok((Self { child: Some(child), number, descriptor: Some(descriptor) }, streams))
            }
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Ends when the program has ended; its number stays taken.
    pub async fn ended(&self) -> Outcome {
        loop {
            let mut guard = match &self.descriptor {
                None => None,
                Some(descriptor) => match descriptor.readable().await {
                    Ok(guard) => Some(guard),
                    // The runtime is shutting down, which ends the future, too.
                    Err(_) => return std::future::pending().await,
                },
            };
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
            match (waitid(WaitId::Pid(self.number), options), &mut guard) {
                (Ok(Some(status)), _) => {
                    let signal = status.terminating_signal().unwrap_or(0);
                    return status.exit_status().map_or(Outcome::Signaled(signal), Outcome::Exited);
                }
                (Ok(None), Some(guard)) => guard.clear_ready(),
                (Ok(None), None) | (Err(_), _) => return Outcome::Signaled(0),
            }
        }
    }

    /// Nobody will wait for it any more; its number stays taken.
    pub fn forget_descriptor(&mut self) {
        self.descriptor = None;
    }

    /// To all processes of the group.
    pub fn signal_group(&self, signal: Signal) {
        // The only expected error is that nobody is left, which is what was wanted.
        let _ = kill_process_group(self.number, signal);
    }

    /// To the program itself, in whichever group it is.
    pub fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
        }
    }

    /// Gives the number back; the group is signalled no more. The program has ended.
    pub fn release(mut self) {
        self.reap();
    }

    fn reap(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        keeper::remove(self.number);
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        // Somebody who was just killed needs a moment, and one in a system call of a broken disk an hour.
        std::thread::spawn(move || child.wait());
    }
}

impl Drop for Process {
    /// A program that nobody waits for any more is killed, with its group.
    fn drop(&mut self) {
        if self.child.is_some() {
            self.signal_group(Signal::KILL);
            self.kill();
            self.reap();
        }
    }
}

/// Needs Linux 5.3.
fn watch(child: &Child) -> io::Result<(Pid, AsyncFd<OwnedFd>)> {
    let number = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let number = number.ok_or_else(|| io::Error::other("a process has no number"))?;
    let descriptor = pidfd_open(number, PidfdFlags::empty())?;
    #[expect(
        deprecated,
        reason = "an owned descriptor cannot be closed before it is given back; its successor is unsafe"
    )]
    let descriptor = AsyncFd::with_interest(descriptor, Interest::READABLE)?;
    Ok((number, descriptor))
}

fn prepare(command: &Command) -> io::Result<(std::process::Command, Streams)> {
    #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
    let mut process = std::process::Command::new(&command.program);
    process
        .args(&command.arguments)
        .current_dir(&command.directory)
        .env_clear()
        .envs(&command.environment)
        .stdin(Stdio::null())
        .process_group(0);
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
    Ok((process, streams))
}
