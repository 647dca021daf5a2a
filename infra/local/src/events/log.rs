//! What was put to the bus, line by line, for whoever wants to read it: files of a megabyte, of which the newest are
//! kept. CloudWatch Logs shows them as the streams of one log group.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// The log group, as EventBridge's rules would name one that they write to.
pub const EVENT_LOG_GROUP: &str = "/aws/events/pipewright";

const FILE_BYTES_MAX: u64 = 1024 * 1024;
const FILES_MAX: u64 = 16;
const EXTENSION: &str = "jsonl";

/// Clones share the log.
#[derive(Clone)]
pub struct EventLog {
    directory: PathBuf,
    newest: Arc<Mutex<Newest>>,
}

struct Newest {
    number: u64,
    file: File,
    size: u64,
}

impl EventLog {
    /// # Errors
    /// The disk's.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let number = numbers(directory)?.last().copied().unwrap_or(1);
        let newest = Newest::open(directory, number)?;
        Ok(Self { directory: directory.to_owned(), newest: Arc::new(Mutex::new(newest)) })
    }

    /// # Errors
    /// The disk's: then the event was not put.
    pub(super) fn append(&self, event: &Value) -> io::Result<()> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.size >= FILE_BYTES_MAX {
            *newest = Newest::open(&self.directory, newest.number + 1)?;
            if let Some(old) = newest.number.checked_sub(FILES_MAX) {
                // Files that stay cost space and nothing else.
                let _ = fs::remove_file(path(&self.directory, old));
            }
        }
        let line = format!("{event}\n");
        newest.file.write_all(line.as_bytes())?;
        newest.size += line.len() as u64;
        Ok(())
    }

    /// The files from the oldest on, each with its name as a stream.
    pub fn files(&self) -> Vec<(String, PathBuf)> {
        let numbers = numbers(&self.directory).unwrap_or_default().into_iter();
        numbers.map(|number| (format!("{number:08}"), path(&self.directory, number))).collect()
    }
}

impl Newest {
    fn open(directory: &Path, number: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).append(true).open(path(directory, number))?;
        let mut size = file.metadata()?.len();
        // What a power cut has left of a line gets an end, so that the next one is whole.
        if size > 0 && fs::read(path(directory, number))?.last() != Some(&b'\n') {
            file.write_all(b"\n")?;
            size += 1;
        }
        Ok(Self { number, file, size })
    }
}

fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:08}.{EXTENSION}"))
}

/// Those of the files, in their order.
fn numbers(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        numbers.extend(stem.and_then(|stem| stem.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_events_are_kept_in_files_of_some_size() {
        let place = tempfile::tempdir().expect("a directory");
        let long = "x".repeat(300_000);
        for start in 0..2 {
            // The second process goes on where the first has stopped.
            let log = EventLog::open(place.path()).expect("it opens");
            for number in 0..40 {
                log.append(&json!({ "number": start * 40 + number, "text": long })).expect("it is written");
            }
        }
        let log = EventLog::open(place.path()).expect("it opens");
        let files = log.files();
        assert_eq!(files.len() as u64, FILES_MAX);
        let text: String =
            files.iter().map(|(_, path)| fs::read_to_string(path).expect("it is there")).collect();
        let numbers: Vec<_> = text
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).expect("a whole line")["number"]
                    .as_u64()
                    .expect("a number")
            })
            .collect();
        let first = numbers[0];
        assert!(first > 0 && numbers == (first..80).collect::<Vec<_>>(), "{numbers:?}");
    }
}
