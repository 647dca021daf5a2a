//! The deployment's log as one of its targets writes and reads it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};

use local_process::{Log, Output};

/// The agent sends this much of the output along (`remaining_buffer`).
const TAIL_BYTES: usize = 2048;

#[derive(Clone)]
pub(super) struct TargetLog {
    log: Log,
    /// Begins each line, so that targets that are deployed to at once can be told apart; empty when there is
    /// only one.
    label: String,
}

impl TargetLog {
    pub(super) fn new(log: Log, target: &str, targets: usize) -> Self {
        let label = if targets > 1 { format!("[{target}]") } else { String::new() };
        Self { log, label }
    }

    pub(super) fn note(&self, line: &str) {
        self.log.note(&format!("{}{line}", self.label));
    }

    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    pub(super) fn output(&self) -> Output {
        Output::Labelled {
            stdout: format!("{}[stdout]", self.label),
            stderr: format!("{}[stderr]", self.label),
        }
    }

    /// Where the log ends now.
    pub(super) fn position(&self) -> u64 {
        fs::metadata(self.log.path()).map_or(0, |metadata| metadata.len())
    }

    /// Whole lines of this target, from the end of what was logged since `begin`.
    pub(super) fn tail(&self, begin: u64) -> String {
        let logged = self.read_from(begin).unwrap_or_default();
        tail(&lines_of(&String::from_utf8_lossy(&logged), &self.label))
    }

    fn read_from(&self, begin: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.log.path())?;
        file.seek(SeekFrom::Start(begin))?;
        let mut logged = Vec::new();
        file.read_to_end(&mut logged)?;
        Ok(logged)
    }
}

fn lines_of(text: &str, label: &str) -> String {
    if label.is_empty() {
        return text.into();
    }
    let ours = text.split_inclusive('\n').filter_map(|line| line.strip_prefix(label));
    ours.collect()
}

fn tail(text: &str) -> String {
    if text.len() <= TAIL_BYTES {
        return text.into();
    }
    let from = text.len() - TAIL_BYTES;
    let after_line = text.bytes().enumerate().skip(from.saturating_sub(1)).find(|(_, byte)| *byte == b'\n');
    after_line.map(|(index, _)| text[index + 1..].into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_whole_lines_that_fit() {
        assert_eq!(tail("short\n"), "short\n");
        let long: String = (0..1000).map(|line| format!("line {line}\n")).collect();
        let cut = tail(&long);
        assert!(cut.len() <= TAIL_BYTES && cut.len() > TAIL_BYTES - 20, "{}", cut.len());
        assert!(cut.starts_with("line ") && cut.ends_with("line 999\n"));
    }

    #[test]
    fn a_target_reads_its_own_lines() {
        let text = "[a]one\n[b]two\n[a][stdout]three\n";
        assert_eq!(lines_of(text, "[a]"), "one\n[stdout]three\n");
        assert_eq!(lines_of(text, ""), text);
    }
}
