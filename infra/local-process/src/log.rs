//! A log file of bounded size that can be followed while it grows.
//!
//! Followers learn from a counter how far the file is complete; so they never see half a line, and
//! nobody polls the file system.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use crate::{Follower, Mask};

/// What a log takes of the processes' output. More is read by nobody, and a loop that prints must
/// not fill the disk.
pub const DEFAULT_LIMIT_BYTES: u64 = 20 * 1024 * 1024;

/// What [`Log::note`] may add after the output was cut: the end of the story has to be in the log.
const NOTES_RESERVE_BYTES: u64 = 1024 * 1024;

/// Clones are the same log.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    path: PathBuf,
    limit_bytes: u64,
    mask: OnceLock<Mask>,
    writer: Mutex<Writer>,
    progress: watch::Sender<Progress>,
}

struct Writer {
    file: File,
    is_cut: bool,
    failure: Option<LogError>,
}

/// How much of the file is complete, and whether more may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    pub written_bytes: u64,
    pub is_closed: bool,
}

impl Log {
    /// Opens `path` for appending, with the folders above it. A new file is for the current user only:
    /// programs print what they should not.
    pub fn open(path: impl Into<PathBuf>, limit_bytes: u64) -> Result<Self, LogError> {
        let path = path.into();
        let failed = |error: io::Error| LogError::new(&path, "open", &error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::options().create(true).append(true).mode(0o600).open(&path).map_err(failed)?;
        let written_bytes = file.metadata().map_err(failed)?.len();
        let writer = Writer { file, is_cut: false, failure: None };
        let progress = watch::Sender::new(Progress { written_bytes, is_closed: false });
        let mask = OnceLock::new();
        Ok(Self(Arc::new(Shared { path, limit_bytes, mask, writer: Mutex::new(writer), progress })))
    }

    /// From now on no secret of `mask` gets into the log, neither in output nor in notes. A log has one mask:
    /// `false`, it has one already.
    pub fn hide(&self, mask: Mask) -> bool {
        self.0.mask.set(mask).is_ok()
    }

    /// `text` as the log would show it.
    pub fn masked(&self, text: &str) -> String {
        self.mask().map_or_else(|| text.to_owned(), |mask| mask.apply(text).into_owned())
    }

    pub(crate) fn mask(&self) -> Option<&Mask> {
        self.0.mask.get()
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Adds lines that a process printed; `lines` is empty or ends with `\n`. Past the limit they
    /// are dropped, and a line in the log says so.
    pub(crate) fn output(&self, lines: &str) {
        let mut writer = self.writer();
        if lines.is_empty() || writer.is_cut {
            return;
        }
        let room = self.0.limit_bytes.saturating_sub(self.written_bytes());
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        if lines.len() <= room {
            return self.append(&mut writer, lines);
        }
        writer.is_cut = true;
        let fitting = lines.as_bytes()[..room].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let marker = format!("[The log was cut here: its limit is {} bytes]\n", self.0.limit_bytes);
        self.append(&mut writer, &(lines[..fitting].to_owned() + &marker));
    }

    /// Whether more output would be kept: if not, it need not be looked at.
    pub(crate) fn takes_output(&self) -> bool {
        let writer = self.writer();
        !writer.is_cut && writer.failure.is_none()
    }

    /// Adds a line of our own, also when the output was cut. It is dropped only when the notes
    /// themselves have become too many.
    pub fn note(&self, line: &str) {
        let line = self.masked(line) + "\n";
        let mut writer = self.writer();
        let limit_bytes = self.0.limit_bytes.saturating_add(NOTES_RESERVE_BYTES);
        if self.written_bytes() + line.len() as u64 <= limit_bytes {
            self.append(&mut writer, &line);
        }
    }

    /// The first error of writing, from which on nothing was written.
    pub fn failure(&self) -> Option<LogError> {
        self.writer().failure.clone()
    }

    /// No more lines: followers reach their end. Returns the first error of writing.
    pub fn close(&self) -> Result<(), LogError> {
        let writer = self.writer();
        self.0.progress.send_modify(|progress| progress.is_closed = true);
        writer.failure.clone().map_or(Ok(()), Err)
    }

    /// Reads from the first line on, waits for more, and ends when the log is closed.
    pub fn follow(&self) -> Result<Follower, LogError> {
        Follower::new(&self.0.path, self.0.progress.subscribe())
    }

    fn append(&self, writer: &mut Writer, text: &str) {
        if writer.failure.is_some() || self.0.progress.borrow().is_closed {
            return;
        }
        match writer.file.write_all(text.as_bytes()) {
            Ok(()) => self.0.progress.send_modify(|progress| progress.written_bytes += text.len() as u64),
            Err(error) => writer.failure = Some(LogError::new(&self.0.path, "write", &error)),
        }
    }

    /// How long the log is.
    pub fn written_bytes(&self) -> u64 {
        self.0.progress.borrow().written_bytes
    }

    /// The log from `beginning` on; of more than `limit_bytes` the end. Nothing, if it cannot be read.
    pub fn read_since(&self, beginning: u64, limit_bytes: u64) -> String {
        let end = self.written_bytes();
        let start = beginning.max(end.saturating_sub(limit_bytes));
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
        let read = File::open(&self.0.path).and_then(|file| file.read_exact_at(&mut bytes, start));
        read.map_or_else(|_| String::new(), |()| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log could not be opened, written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogError {
    path: PathBuf,
    verb: &'static str,
    cause: String,
}

impl LogError {
    pub(crate) fn new(path: &Path, verb: &'static str, error: &io::Error) -> Self {
        Self { path: path.to_owned(), verb, cause: error.to_string() }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} the log {}: {}", self.verb, self.path.display(), self.cause)
    }
}

impl std::error::Error for LogError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_past_the_limit_is_cut_with_a_marker_and_notes_still_come_through() {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path().join("a/b.log"), 20).unwrap();
        log.output("0123456789\n");
        log.output("abc\nthis does not fit\n");
        log.output("x\n");
        log.note("the end");
        log.close().unwrap();
        let text = std::fs::read_to_string(log.path()).unwrap();
        assert_eq!(text, "0123456789\nabc\n[The log was cut here: its limit is 20 bytes]\nthe end\n");
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let log = Log::open("/dev/full", 1000).unwrap();
        log.output("lost\n");
        log.note("lost too");
        let error = log.close().unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot write the log /dev/full: No space left on device (os error 28)"
        );
        assert_eq!(log.failure(), Some(error));
    }
}
