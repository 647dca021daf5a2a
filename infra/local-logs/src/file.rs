//! Lines of a file from an offset on, or back from one, without reading the rest.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use local_service::Timestamp;

use crate::LogStream;
use crate::times::{SeenTimes, Times};

/// What is read at once, and so what a page may hold of text: CloudWatch Logs answers with up to a megabyte.
pub(crate) const PAGE_BYTES: usize = 1024 * 1024;

/// A longer line is several events, as it would be on AWS.
const EVENT_BYTES_MAX: usize = 256 * 1024;

/// An open log, of which only whole lines are seen.
pub(crate) struct LogFile {
    file: Option<File>,
    /// Up to where lines are whole.
    end: u64,
    times: Arc<Times>,
    pub written_at_ms: Timestamp,
}

/// A line, without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub offset: u64,
    pub text: String,
}

/// Lines that follow each other, and the place before the first and after the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub lines: Vec<Line>,
    pub begin: u64,
    pub end: u64,
}

impl LogFile {
    pub fn open(stream: &LogStream, seen: &SeenTimes) -> io::Result<Self> {
        let mut log = Self { file: None, end: 0, times: Arc::default(), written_at_ms: stream.created_at_ms };
        let file = match File::open(&stream.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(log),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        let written = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let written_at_ms = Timestamp::try_from(written.as_millis()).unwrap_or_default();
        log.written_at_ms = written_at_ms.max(stream.created_at_ms);
        log.file = Some(file);
        log.end = metadata.len();
        if !stream.is_complete {
            let begin = log.end.saturating_sub(PAGE_BYTES as u64);
            let tail = log.read(begin, log.end)?;
            let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            log.end = begin + whole as u64;
        }
        log.times = seen.see(&stream.path, log.end, log.written_at_ms);
        Ok(log)
    }

    /// After it there are no lines, or none yet.
    pub fn end(&self) -> u64 {
        self.end
    }

    pub fn time_of(&self, line: &Line) -> Timestamp {
        self.times.at(line.offset)
    }

    /// Where lines are that came at `start` or later, and before `end`.
    pub fn within(&self, start: Option<Timestamp>, end: Option<Timestamp>) -> Range<u64> {
        let begin = start.map_or(0, |start| self.times.since(start).min(self.end));
        let end = end.map_or(self.end, |end| self.times.since(end).min(self.end));
        begin..end.max(begin)
    }

    /// The first lines of a range, at most `limit`.
    pub fn first(&self, Range { start: begin, end }: Range<u64>, limit: usize) -> io::Result<Page> {
        let window_end = end.min(begin.saturating_add(PAGE_BYTES as u64));
        let window = self.read(begin, window_end)?;
        let lines = lines(&window, begin, window_end == end, limit);
        let end = lines.last().map_or(begin, |(_, end)| *end);
        Ok(Page { lines: lines.into_iter().map(|(line, _)| line).collect(), begin, end })
    }

    /// The last lines of a range, at most `limit`.
    pub fn last(&self, Range { start, end }: Range<u64>, limit: usize) -> io::Result<Page> {
        let window_begin = end.saturating_sub(PAGE_BYTES as u64).max(start);
        let window = self.read(window_begin, end)?;
        // The first line may have begun before the window; it is then left for the page before.
        let cut = match window.iter().position(|byte| *byte == b'\n') {
            Some(newline) if window_begin > start && newline + 1 < window.len() => newline + 1,
            _ => 0,
        };
        let begin = window_begin + cut as u64;
        let mut lines = lines(&window[cut..], begin, true, usize::MAX);
        lines.drain(..lines.len().saturating_sub(limit));
        let begin = lines.first().map_or(end, |(line, _)| line.offset);
        Ok(Page { lines: lines.into_iter().map(|(line, _)| line).collect(), begin, end })
    }

    fn read(&self, begin: u64, end: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(end.saturating_sub(begin)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        if let Some(file) = &self.file {
            file.read_exact_at(&mut bytes, begin)?;
        }
        Ok(bytes)
    }
}

/// The first lines of a window with where each ends. What has no newline at the window's end is a line if nothing
/// comes after it, or if the whole window is a part of one line.
fn lines(window: &[u8], begin: u64, is_last: bool, limit: usize) -> Vec<(Line, u64)> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < window.len() && lines.len() < limit {
        let rest = &window[at..];
        let newline = rest.iter().position(|byte| *byte == b'\n');
        let (length, used) = match newline {
            Some(length) if length <= EVENT_BYTES_MAX => (length, length + 1),
            None if rest.len() <= EVENT_BYTES_MAX && (is_last || at == 0) => (rest.len(), rest.len()),
            None if rest.len() <= EVENT_BYTES_MAX => break,
            _ => (EVENT_BYTES_MAX, EVENT_BYTES_MAX),
        };
        let text = String::from_utf8_lossy(&rest[..length]).into_owned();
        let offset = begin + at as u64;
        at += used;
        lines.push((Line { offset, text }, begin + at as u64));
    }
    lines
}
