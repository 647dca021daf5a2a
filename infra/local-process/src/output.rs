//! From a process's pipes into the log.

use std::io;

use rustix::io::Errno;
use tokio::io::AsyncReadExt;
use tokio::process::ChildStdout;

use crate::Log;
use crate::lines::LineSplitter;

/// What is read at once: the capacity of a Linux pipe.
const CHUNK_BYTES: usize = 64 * 1024;

/// The most that is read after a process has ended. A pipe holds 64 KiB unless somebody enlarged
/// it (to 1 MiB at most); whatever comes on top is of a child that is still alive.
const FINAL_READ_BYTES: usize = 1024 * 1024;

/// The read end of one pipe.
pub struct Stream {
    pipe: ChildStdout,
    splitter: LineSplitter,
    is_open: bool,
}

impl Stream {
    pub fn new(pipe: io::PipeReader, label: &str) -> io::Result<Self> {
        let pipe = std::process::ChildStdout::from(std::os::fd::OwnedFd::from(pipe));
        Ok(Self { pipe: ChildStdout::from_std(pipe)?, splitter: LineSplitter::new(label), is_open: true })
    }

    /// Reads until nobody holds the other end any more. Dropping the future loses nothing.
    pub async fn read_to_end(&mut self, log: &Log) {
        if !self.is_open {
            return;
        }
        let mut chunk = vec![0; CHUNK_BYTES];
        // An error of reading a pipe cannot be cured; it ends the stream like its end.
        while let Ok(size @ 1..) = self.pipe.read(&mut chunk).await {
            self.push(&chunk[..size], log);
        }
        self.close(log);
    }

    /// Takes what is in the pipe now, without waiting, and ends a line that was left open. All that
    /// a process wrote before its end is in the pipe at its end.
    pub fn read_rest(&mut self, log: &Log) {
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut left = FINAL_READ_BYTES;
        while self.is_open && left > 0 {
            match rustix::io::read(&self.pipe, &mut chunk) {
                Ok(size @ 1..) => {
                    self.push(&chunk[..size], log);
                    left = left.saturating_sub(size);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Ok(_) | Err(_) => self.close(log),
            }
        }
        self.finish_line(log);
    }

    pub fn is_open(&self) -> bool {
        self.is_open
    }

    fn push(&mut self, bytes: &[u8], log: &Log) {
        if !log.takes_output() {
            return;
        }
        let mut lines = String::new();
        self.splitter.push(bytes, log.mask(), &mut lines);
        log.output(&lines);
    }

    fn finish_line(&mut self, log: &Log) {
        let mut line = String::new();
        self.splitter.finish(log.mask(), &mut line);
        log.output(&line);
    }

    fn close(&mut self, log: &Log) {
        self.is_open = false;
        self.finish_line(log);
    }
}

/// All pipes of one command: one when its streams are merged, else two.
pub struct Streams {
    pub first: Stream,
    pub second: Option<Stream>,
}

impl Streams {
    pub async fn read_to_end(&mut self, log: &Log) {
        match &mut self.second {
            None => self.first.read_to_end(log).await,
            Some(second) => {
                tokio::join!(self.first.read_to_end(log), second.read_to_end(log));
            }
        }
    }

    pub fn read_rest(&mut self, log: &Log) {
        self.first.read_rest(log);
        if let Some(second) = &mut self.second {
            second.read_rest(log);
        }
    }

    pub fn is_open(&self) -> bool {
        self.first.is_open() || self.second.as_ref().is_some_and(Stream::is_open)
    }
}
