//! Reading a log from its first line to its end, while it is written or afterwards.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use tokio::sync::watch;

use crate::log::{LogError, Progress};

/// What is read at once; bounds the memory of a follower.
const CHUNK_BYTES: u64 = 64 * 1024;

/// One step of a [`Follower`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEntry {
    /// Without its newline.
    Line(String),
    /// The log is complete. Comes once, as the last entry.
    End,
}

/// A reader of one log, at its own pace. A slow one holds nobody up.
pub struct Follower {
    path: PathBuf,
    file: File,
    progress: watch::Receiver<Progress>,
    position: u64,
    partial: Vec<u8>,
    ready: VecDeque<String>,
    has_ended: bool,
}

impl Follower {
    pub(crate) fn new(path: &Path, progress: watch::Receiver<Progress>) -> Result<Self, LogError> {
        let file = File::open(path).map_err(|error| LogError::new(path, "open", &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            progress,
            position: 0,
            partial: Vec::new(),
            ready: VecDeque::new(),
            has_ended: false,
        })
    }

    /// For a log that nobody writes any more, as after a restart.
    pub fn of_finished(path: &Path) -> Result<Self, LogError> {
        let metadata = std::fs::metadata(path).map_err(|error| LogError::new(path, "open", &error))?;
        let progress = Progress { written_bytes: metadata.len(), is_closed: true };
        Self::new(path, watch::channel(progress).1)
    }

    /// The next line, then [`LogEntry::End`] once, then `None`. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Option<LogEntry>, LogError> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some(LogEntry::Line(line)));
            }
            if self.has_ended {
                return Ok(None);
            }
            let Progress { written_bytes, is_closed } = *self.progress.borrow_and_update();
            if self.position < written_bytes {
                self.read(written_bytes)?;
            } else if is_closed || self.progress.changed().await.is_err() {
                return Ok(Some(self.end()));
            }
        }
    }

    fn read(&mut self, written_bytes: u64) -> Result<(), LogError> {
        let size = usize::try_from((written_bytes - self.position).min(CHUNK_BYTES)).unwrap_or(usize::MAX);
        let mut chunk = vec![0; size];
        self.file
            .read_exact_at(&mut chunk, self.position)
            .map_err(|error| LogError::new(&self.path, "read", &error))?;
        self.position += size as u64;
        let mut rest = chunk.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(&rest[..end]);
            self.ready.push_back(String::from_utf8_lossy(&self.partial).into_owned());
            self.partial.clear();
            rest = &rest[end + 1..];
        }
        self.partial.extend_from_slice(rest);
        Ok(())
    }

    fn end(&mut self) -> LogEntry {
        if self.partial.is_empty() {
            self.has_ended = true;
            return LogEntry::End;
        }
        // Only a log that a crash cut short ends without a newline.
        let line = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial.clear();
        LogEntry::Line(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Log;

    async fn read_all(mut follower: Follower) -> Vec<LogEntry> {
        let mut entries = Vec::new();
        while let Some(entry) = follower.next().await.unwrap() {
            entries.push(entry);
        }
        entries
    }

    fn entries(lines: &[&str]) -> Vec<LogEntry> {
        let lines = lines.iter().map(|line| LogEntry::Line((*line).to_owned()));
        lines.chain([LogEntry::End]).collect()
    }

    #[tokio::test]
    async fn every_follower_sees_all_lines_and_one_end_whenever_it_starts() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path().join("log"), 1000).unwrap();
        let early = tokio::spawn(read_all(log.follow().unwrap()));
        log.note("one");
        tokio::task::yield_now().await;
        let middle = tokio::spawn(read_all(log.follow().unwrap()));
        log.note("two");
        log.close().unwrap();
        log.note("after the end");
        let late = read_all(log.follow().unwrap()).await;
        let again = read_all(Follower::of_finished(log.path()).unwrap()).await;
        for seen in [early.await.unwrap(), middle.await.unwrap(), late, again] {
            assert_eq!(seen, entries(&["one", "two"]));
        }
    }

    #[tokio::test]
    async fn a_follower_ends_when_the_writer_is_gone_without_closing() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path().join("log"), 1000).unwrap();
        log.note("one");
        let follower = log.follow().unwrap();
        drop(log);
        assert_eq!(read_all(follower).await, entries(&["one"]));
    }

    #[tokio::test]
    async fn a_log_larger_than_a_chunk_is_read_whole() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path().join("log"), 10_000_000).unwrap();
        let lines: Vec<String> = (0..20_000).map(|number| format!("line {number}")).collect();
        lines.iter().for_each(|line| log.note(line));
        log.close().unwrap();
        let expected: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(read_all(log.follow().unwrap()).await, entries(&expected));
    }
}
