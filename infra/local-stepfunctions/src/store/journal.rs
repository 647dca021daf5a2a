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

    /// Runs the interpreter over the journal again; `None` when somebody took the file away.
    /// `machine` compiles a kept definition.
    pub(crate) fn replay(
        &self,
        machine: impl FnOnce(&str) -> Result<Arc<Machine>, StoreError>,
    ) -> Result<Option<Execution>, StoreError> {
        if !self.path.exists() {
            return Ok(None);
        }
        let mut records = lines::read::<Record>(&self.path)?.into_iter();
        let Some(Record::Started { version: VERSION, definition, start }) = records.next() else {
            let message = format!("it does not begin with the start of an execution, version {VERSION}");
            return Err(StoreError::Damaged { path: self.path.clone(), line: 1, message });
        };
        let (mut execution, _) = Execution::start(machine(&definition)?, *start);
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
