//! When lines came, as far as a file tells: it keeps only when it was written last. So whenever a log is looked at,
//! what is new in it gets that time, and keeps it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use local_service::Timestamp;

/// What was seen of every log since this process began.
#[derive(Default)]
pub(crate) struct SeenTimes(Mutex<HashMap<PathBuf, Arc<Times>>>);

/// The times of one log, which grow with its offsets.
#[derive(Clone, Default)]
pub(crate) struct Times(Vec<Seen>);

/// Everything before `end` that was not seen earlier.
#[derive(Clone, Copy)]
struct Seen {
    end: u64,
    at_ms: Timestamp,
}

impl SeenTimes {
    /// The times of a log, now that `end` bytes of it are there, the last ones since `written_at_ms`.
    pub fn see(&self, path: &Path, end: u64, written_at_ms: Timestamp) -> Arc<Times> {
        let mut logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = logs.entry(path.to_owned()).or_default();
        if times.end() != end {
            Arc::make_mut(times).see(end, written_at_ms);
        }
        times.clone()
    }
}

impl Times {
    fn see(&mut self, end: u64, written_at_ms: Timestamp) {
        if end < self.end() {
            if self.0.last().is_some_and(|last| written_at_ms <= last.at_ms) {
                // Somebody else looked later and was quicker.
                return;
            }
            // Another file has the name now.
            self.0.clear();
        }
        match self.0.last_mut() {
            Some(last) if last.at_ms >= written_at_ms => last.end = end,
            _ => self.0.push(Seen { end, at_ms: written_at_ms }),
        }
    }

    fn end(&self) -> u64 {
        self.0.last().map_or(0, |last| last.end)
    }

    /// The time of the line at an offset.
    pub fn at(&self, offset: u64) -> Timestamp {
        let index = self.0.partition_point(|seen| seen.end <= offset);
        self.0.get(index).or(self.0.last()).map_or(0, |seen| seen.at_ms)
    }

    /// Where the lines begin that came at a time or later.
    pub fn since(&self, time_ms: Timestamp) -> u64 {
        let index = self.0.partition_point(|seen| seen.at_ms < time_ms);
        index.checked_sub(1).map_or(0, |before| self.0[before].end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_the_time_at_which_it_was_seen_first() {
        let seen = SeenTimes::default();
        let log = Path::new("log");
        for (end, written_at_ms) in [(0, 5), (10, 100), (10, 100), (20, 200), (15, 190), (25, 150), (30, 300)]
        {
            seen.see(log, end, written_at_ms);
        }
        let times = seen.see(log, 30, 300);
        assert_eq!(
            [0, 9, 10, 24, 25, 29, 30].map(|offset| times.at(offset)),
            [100, 100, 200, 200, 300, 300, 300]
        );
        assert_eq!([0, 100, 101, 200, 201, 300, 301].map(|at| times.since(at)), [0, 0, 10, 10, 25, 25, 30]);
        let replaced = seen.see(log, 7, 400);
        assert_eq!((replaced.at(0), replaced.since(300)), (400, 0));
        assert_eq!(seen.see(Path::new("other"), 0, 1).since(1), 0);
    }
}
