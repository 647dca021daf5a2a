//! Files of one JSON record per line, to which lines are only added.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::directory::create_folder;

/// Adds a line with one write, so that a killed process leaves a part of it at most.
pub(super) fn append(path: &Path, record: &impl Serialize) -> Result<(), StoreError> {
    write(path, OpenOptions::new().create(true).append(true), record)
}

/// Begins a file with a line, whatever was in it. Makes the folder when there is none.
pub(super) fn begin(path: &Path, record: &impl Serialize) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    match (write(path, &options, record), path.parent()) {
        (Err(StoreError::Io { source, .. }), Some(folder)) if source.kind() == io::ErrorKind::NotFound => {
            create_folder(folder)?;
            write(path, &options, record)
        }
        (written, _) => written,
    }
}

fn write(path: &Path, options: &OpenOptions, record: &impl Serialize) -> Result<(), StoreError> {
    let failed = |source| StoreError::Io { path: path.to_owned(), source };
    let mut line = serde_json::to_vec(record).map_err(|error| failed(io::Error::other(error)))?;
    line.push(b'\n');
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(&line).map_err(|error| {
        // A full disk may have taken a part of it, to which the next line would be added.
        if let Ok(content) = fs::read(path) {
            let _ = cut_torn_line(path, &content);
        }
        failed(error)
    })
}

/// Cuts off what follows the last whole line, and tells how long the file is then.
fn cut_torn_line(path: &Path, content: &[u8]) -> io::Result<usize> {
    let whole = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    if whole < content.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok(whole)
}

/// Every line; none when there is no file. A torn last line is cut off the file, because the next
/// line would be added to it.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, StoreError> {
    let failed = |source| StoreError::Io { path: path.to_owned(), source };
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let whole = cut_torn_line(path, &content).map_err(failed)?;
    let lines = content[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let records = lines.enumerate().map(|(index, line)| {
        serde_json::from_slice(line).map_err(|error| StoreError::Damaged {
            path: path.to_owned(),
            line: index + 1,
            message: error.to_string(),
        })
    });
    records.collect()
}
