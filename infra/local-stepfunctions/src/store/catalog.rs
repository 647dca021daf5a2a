//! All executions, in brief: what ListExecutions answers, and which names are taken.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local_service::{DiskQueue, Timestamp};
use serde::{Deserialize, Serialize};

use super::directory::write_whole;
use super::{StoreError, lines};

/// AWS keeps an execution, and its name, for 90 days after it ended.
const KEPT_MS: i64 = 90 * 24 * 3600 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) execution_arn: String,
    pub(crate) name: String,
    pub(crate) machine_arn: String,
    pub(crate) machine_name: String,
    pub(crate) started_at: Timestamp,
    pub(crate) status: String,
    pub(crate) stopped_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Entry {
    Started(Summary),
    Ended { execution_arn: String, status: String, stopped_at: Timestamp },
    Forgotten { execution_arn: String },
    MachineDeleted { machine_arn: String },
}

#[derive(Debug)]
pub(crate) struct Catalog {
    path: PathBuf,
    disk: Option<DiskQueue>,
    executions: BTreeMap<String, Summary>,
}

impl Catalog {
    /// Reads the catalog; gives the executions that were forgotten because of their age, too.
    pub(crate) fn open(
        path: PathBuf,
        disk: Option<DiskQueue>,
        now: Timestamp,
    ) -> Result<(Self, Vec<Summary>), StoreError> {
        let mut catalog = Self { path, disk, executions: BTreeMap::new() };
        if let Some(disk) = &catalog.disk {
            disk.named(&catalog.path);
        }
        for entry in lines::read::<Entry>(&catalog.path)? {
            catalog.apply(entry);
        }
        let is_old = |summary: &Summary| summary.stopped_at.is_some_and(|at| at + KEPT_MS < now);
        let (forgotten, kept): (Vec<_>, Vec<_>) =
            catalog.executions.into_values().partition(|summary| is_old(summary));
        catalog.executions =
            kept.into_iter().map(|summary| (summary.execution_arn.clone(), summary)).collect();
        if !forgotten.is_empty() {
            catalog.rewrite()?;
        }
        Ok((catalog, forgotten))
    }

    fn rewrite(&self) -> Result<(), StoreError> {
        let mut content = Vec::new();
        for summary in self.executions.values() {
            let line = serde_json::to_vec(&Entry::Started(summary.clone()));
            content.extend(line.unwrap_or_default());
            content.push(b'\n');
        }
        write_whole(&self.path, &content)
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Started(summary) => drop(self.executions.insert(summary.execution_arn.clone(), summary)),
            Entry::Ended { execution_arn, status, stopped_at } => {
                if let Some(summary) = self.executions.get_mut(&execution_arn) {
                    summary.status = status;
                    summary.stopped_at = Some(stopped_at);
                }
            }
            Entry::Forgotten { execution_arn } => drop(self.executions.remove(&execution_arn)),
            Entry::MachineDeleted { machine_arn } => {
                self.executions.retain(|_, summary| summary.machine_arn != machine_arn);
            }
        }
    }

    fn record(&mut self, entry: Entry) -> Result<(), StoreError> {
        lines::append(&self.path, &entry)?;
        match (&self.disk, &entry) {
            (None, _) => {}
            // The journal says so, too.
            (Some(disk), Entry::Ended { .. }) => disk.wrote_later(&self.path),
            (Some(disk), _) => disk.wrote(&self.path),
        }
        self.apply(entry);
        Ok(())
    }

    pub(crate) fn started(&mut self, summary: Summary) -> Result<(), StoreError> {
        self.record(Entry::Started(summary))
    }

    pub(crate) fn ended(
        &mut self,
        execution_arn: &str,
        status: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (execution_arn, status) = (execution_arn.to_owned(), status.to_owned());
        self.record(Entry::Ended { execution_arn, status, stopped_at: at })
    }

    pub(crate) fn forgotten(&mut self, execution_arn: &str) -> Result<(), StoreError> {
        self.record(Entry::Forgotten { execution_arn: execution_arn.to_owned() })
    }

    pub(crate) fn machine_deleted(&mut self, machine_arn: &str) -> Result<(), StoreError> {
        self.record(Entry::MachineDeleted { machine_arn: machine_arn.to_owned() })
    }

    pub(crate) fn get(&self, execution_arn: &str) -> Option<&Summary> {
        self.executions.get(execution_arn)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Summary> {
        self.executions.values()
    }
}
