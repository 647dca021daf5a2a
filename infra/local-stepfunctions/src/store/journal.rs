//! One execution's journal: its start, then every input that was fed to the interpreter.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_service::Timestamp;
use serde::{Deserialize, Serialize};

use super::{StoreError, lines};
use crate::definition::Machine;
use crate::interpreter::{Execution, Input, Start};

/// Raised when the interpreter would read old journals differently.
const VERSION: u32 = 1;

#[derive(Debug, Clone)]
pub(crate) struct Journal {
    path: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Record {
    Started { version: u32, definition: String, start: Box<Start> },
    Happened { at: Timestamp, input: Input },
}

impl Journal {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Begins the journal. What an unanswered start of the same name left behind is replaced.
    pub(crate) fn create(&self, definition: &str, start: &Start) -> Result<(), StoreError> {
        let start = Box::new(start.clone());
        lines::begin(
            &self.path,
            &Record::Started { version: VERSION, definition: definition.to_owned(), start },
        )
    }

    pub(crate) fn append(&self, at: Timestamp, input: &Input) -> Result<(), StoreError> {
        lines::append(&self.path, &Record::Happened { at, input: input.clone() })
    }

    /// Runs the interpreter over the journal again; `None` when there is nothing in the file, or when it or the
    /// definition is gone.
    /// `machine` compiles a kept definition.
    pub(crate) fn replay(
        &self,
        machine: impl FnOnce(&str) -> Result<Option<Arc<Machine>>, StoreError>,
    ) -> Result<Option<Execution>, StoreError> {
        let mut records = lines::read::<Record>(&self.path)?.into_iter();
        // A power cut may leave the catalog's line of a start, and of the journal not even the first one; nobody was
        // told of that start.
        let Some(first) = records.next() else { return Ok(None) };
        let Record::Started { version: VERSION, definition, start } = first else {
            let message = format!("it does not begin with the start of an execution, version {VERSION}");
            return Err(StoreError::Damaged { path: self.path.clone(), line: 1, message });
        };
        let Some(machine) = machine(&definition)? else { return Ok(None) };
        let (mut execution, _) = Execution::start(machine, *start);
        for record in records {
            if let Record::Happened { at, input } = record {
                execution.step(input, at);
            }
        }
        Ok(Some(execution))
    }

    pub(crate) fn remove(&self) -> Result<(), StoreError> {
        fs::remove_file(&self.path).map_err(|source| StoreError::Io { path: self.path.clone(), source })
    }
}
