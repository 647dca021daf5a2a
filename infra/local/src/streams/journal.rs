//! The file of a stream: a line for each record before its transaction, one that takes it back if the transaction was
//! refused, and one for what was delivered.
//!
//! Whether the last record's transaction took place is not known to a process that comes after one that was killed: it
//! looks at the item. Of all earlier ones the file says so. The file is not brought to the disk by itself: a sync for
//! each execution would cost more than what a power cut can take, which is what was not delivered yet.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The new image of an item: its key and some of its attributes, as DynamoDB's JSON has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Image {
    pub key: Map<String, Value>,
    pub attributes: Map<String, Value>,
}

/// A record of the stream; the number counts from the oldest that was not delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub number: u64,
    pub image: Image,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    /// About to be written in one transaction.
    Writing(Vec<Record>),
    /// The transaction was refused.
    Refused(u64),
    /// Everything up to this number was delivered.
    Delivered(u64),
}

/// What is kept of a file whose records are all delivered.
const KEPT_BYTES_MAX: u64 = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    last: u64,
    delivered: u64,
}

/// A journal, and what is still to be delivered.
pub(super) struct Opened {
    pub journal: Journal,
    pub waiting: Vec<Record>,
}

impl Journal {
    /// `was_written` says of the image that is last in the file whether the item has it.
    pub fn open(path: &Path, was_written: impl Fn(&Image) -> bool) -> io::Result<Opened> {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (waiting, last) = waiting(&text[..whole], was_written);
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        // What a power cut has left of a line would spoil the next one.
        file.set_len(whole as u64)?;
        let delivered = waiting.first().map_or(last, |record| record.number - 1);
        Ok(Opened { journal: Self { file, last, delivered }, waiting })
    }

    /// Before the transaction.
    pub fn writing(&mut self, images: Vec<Image>) -> io::Result<Vec<Record>> {
        let records = images.into_iter().zip(self.last + 1..);
        let records: Vec<_> = records.map(|(image, number)| Record { number, image }).collect();
        self.append(&Line::Writing(records.clone()))?;
        self.last += records.len() as u64;
        Ok(records)
    }

    pub fn refused(&mut self, from: u64) -> io::Result<()> {
        self.append(&Line::Refused(from))
    }

    pub fn delivered(&mut self, up_to: u64) -> io::Result<()> {
        self.delivered = up_to;
        self.append(&Line::Delivered(up_to))?;
        if self.delivered >= self.last && self.file.metadata()?.len() > KEPT_BYTES_MAX {
            self.file.set_len(0)?;
        }
        Ok(())
    }

    fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        // At once: a line that is cut off could not be told from one that was never written.
        self.file.write_all(&text)
    }
}

/// What the file says is still to be delivered, and the last number. A line that cannot be read holds up no other.
fn waiting(text: &[u8], was_written: impl Fn(&Image) -> bool) -> (Vec<Record>, u64) {
    let mut waiting: Vec<Record> = Vec::new();
    let (mut last, mut is_known) = (0, true);
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Line::Writing(records)) => {
                last = records.last().map_or(last, |record| record.number);
                waiting.extend(records);
                is_known = false;
            }
            Ok(Line::Refused(from)) => {
                waiting.retain(|record| record.number < from);
                is_known = true;
            }
            Ok(Line::Delivered(up_to)) => {
                last = last.max(up_to);
                waiting.retain(|record| record.number > up_to);
            }
            Err(error) => tracing::error!(%error, "a line of a stream cannot be read"),
        }
    }
    if !is_known && waiting.last().is_some_and(|record| record.number == last && !was_written(&record.image))
    {
        waiting.pop();
    }
    (waiting, last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(text: &str) -> Image {
        let object = |value: Value| value.as_object().expect("an object").clone();
        Image {
            key: object(json!({ "pk": { "S": "a" } })),
            attributes: object(json!({ "changes": { "S": text } })),
        }
    }

    fn texts(opened: &Opened) -> Vec<&str> {
        let texts = opened.waiting.iter().map(|record| record.image.attributes["changes"]["S"].as_str());
        texts.map(|text| text.expect("a text")).collect()
    }

    #[test]
    fn what_was_written_and_not_delivered_is_there_after_the_process_was_killed() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("streams/table.jsonl");
        let open = |last_was_written: bool| Journal::open(&path, |_| last_was_written).expect("it opens");
        let Opened { mut journal, waiting } = open(true);
        assert!(waiting.is_empty());
        for text in ["one", "two", "three"] {
            journal.writing(vec![image(text)]).expect("it is written");
        }
        journal.delivered(1).expect("it is written");
        assert_eq!(texts(&open(true)), ["two", "three"]);
        assert_eq!(texts(&open(false)), ["two"], "the last transaction did not take place");

        let Opened { mut journal, .. } = open(true);
        let [four] = &journal.writing(vec![image("four")]).expect("it is written")[..] else { panic!("one") };
        assert_eq!(four.number, 4);
        journal.refused(4).expect("it is written");
        assert_eq!(texts(&open(false)), ["two", "three"], "it is known of all that are left");
        // A power cut leaves half a line.
        OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"{\"wri"))
            .expect("torn");
        let Opened { mut journal, .. } = open(true);
        journal.writing(vec![image("five")]).expect("it is written");
        assert_eq!(texts(&open(true)), ["two", "three", "five"]);
    }

    #[test]
    fn a_file_whose_records_are_delivered_does_not_grow_for_ever() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("table.jsonl");
        let mut journal = Journal::open(&path, |_| true).expect("it opens").journal;
        let long = "x".repeat(100_000);
        let size = || fs::metadata(&path).expect("it is there").len();
        for number in 1..=30 {
            journal.writing(vec![image(&long)]).expect("it is written");
            journal.delivered(number).expect("it is written");
            assert!(size() < KEPT_BYTES_MAX + 200_000, "{} bytes", size());
        }
        assert!(Journal::open(&path, |_| true).expect("it opens").waiting.is_empty());
    }
}
