//! State machines, and their definitions compiled once.

use std::io;
use std::sync::Arc;

use super::open::{Inner, lock};
use crate::definition::Machine;
use crate::interpreter::Input;
use crate::store::{MachineRecord, StoreError};

impl Inner {
    pub(crate) fn machine(&self, arn: &str) -> Option<MachineRecord> {
        lock(&self.machines).get(arn).cloned()
    }

    /// All machines, in the order of their ARNs.
    pub(crate) fn machines(&self) -> Vec<MachineRecord> {
        lock(&self.machines).values().cloned().collect()
    }

    pub(crate) fn keep_definition(&self, definition: &str) -> Result<String, StoreError> {
        self.directory.keep_definition(definition)
    }

    pub(crate) fn definition_text(&self, machine: &MachineRecord) -> Result<String, StoreError> {
        self.directory.definition(&machine.definition)?.ok_or_else(|| self.no_definition(&machine.definition))
    }

    pub(crate) fn save_machine(&self, machine: MachineRecord) -> Result<(), StoreError> {
        machine.save(&self.directory)?;
        lock(&self.machines).insert(machine.arn.clone(), machine);
        Ok(())
    }

    /// Deletes the machine, after its running executions were aborted, and all that it had run.
    pub(crate) fn delete_machine(self: &Arc<Self>, arn: &str) -> Result<(), StoreError> {
        let _starting = lock(&self.starting);
        let Some(machine) = lock(&self.machines).remove(arn) else { return Ok(()) };
        for execution in self.summaries().into_iter().filter(|summary| summary.machine_arn == arn) {
            if execution.stopped_at.is_none() {
                let stop = Input::Stopped { error: None, cause: None };
                self.happened(&execution.execution_arn, |_| Some(stop)).ok();
            }
        }
        lock(&self.catalog).machine_deleted(arn)?;
        machine.delete(&self.directory)
    }

    pub(super) fn no_definition(&self, definition: &str) -> StoreError {
        let path = self.directory.definition_path(definition);
        StoreError::Io { path, source: io::ErrorKind::NotFound.into() }
    }

    /// `None` when somebody took the definition away.
    pub(super) fn compiled(&self, definition: &str) -> Result<Option<Arc<Machine>>, StoreError> {
        if let Some(machine) = lock(&self.compiled).get(definition) {
            return Ok(Some(machine.clone()));
        }
        let Some(text) = self.directory.definition(definition)? else { return Ok(None) };
        let machine = Machine::parse(&text).map_err(|error| StoreError::Damaged {
            path: self.directory.definition_path(definition),
            line: 1,
            message: error.to_string(),
        })?;
        let machine = Arc::new(machine);
        lock(&self.compiled).insert(definition.to_owned(), machine.clone());
        Ok(Some(machine))
    }
}
