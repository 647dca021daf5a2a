//! The state machines.

use std::fs;
use std::path::Path;

use local_service::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::directory::{Directory, bring_to_disk, file_stem, write_whole};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MachineRecord {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) role_arn: String,
    /// The name of the definition among the kept ones; also the revision's id.
    pub(crate) definition: String,
    pub(crate) created_at: Timestamp,
}

impl MachineRecord {
    pub(crate) fn save(&self, directory: &Directory) -> Result<(), StoreError> {
        let path = directory.machines().join(format!("{}.json", file_stem(&self.name)));
        let content = serde_json::to_vec_pretty(self).unwrap_or_default();
        // Every start of a service saves its machines.
        if fs::read(&path).is_ok_and(|saved| saved == content) {
            return Ok(());
        }
        write_whole(&path, &content)?;
        bring_to_disk(&path)
    }

    pub(crate) fn delete(&self, directory: &Directory) -> Result<(), StoreError> {
        let path = directory.machines().join(format!("{}.json", file_stem(&self.name)));
        fs::remove_file(&path).map_err(|source| StoreError::Io { path, source })?;
        let executions = directory.machine_executions(&self.name);
        match fs::remove_dir_all(&executions) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::Io { path: executions, source })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn all(directory: &Directory) -> Result<Vec<Self>, StoreError> {
        let folder = directory.machines();
        let failed = |path: &Path, source| StoreError::Io { path: path.to_owned(), source };
        let mut machines = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|source| failed(&folder, source))? {
            let path = entry.map_err(|source| failed(&folder, source))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let content = fs::read(&path).map_err(|source| failed(&path, source))?;
            let machine = serde_json::from_slice(&content).map_err(|error| StoreError::Damaged {
                path: path.clone(),
                line: error.line(),
                message: error.to_string(),
            })?;
            machines.push(machine);
        }
        Ok(machines)
    }
}
