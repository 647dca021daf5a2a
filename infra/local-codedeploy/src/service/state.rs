//! What the service knows, in memory and on the disk.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use local_process::{Log, Stop};
use local_service::{ApiError, Clock, LockedDirectory, Timestamp, read_record, write_declared, write_record};
use uuid::Uuid;

use crate::record::{Application, Configuration, Deployment};
use crate::revision::RevisionStore;
use crate::{OpenError, Settings, event};

pub(crate) struct Inner {
    directory: LockedDirectory,
    clock: Arc<dyn Clock>,
    revisions: Arc<dyn RevisionStore>,
    settings: Settings,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) applications: BTreeMap<String, Application>,
    /// Deployment configurations besides the predefined ones.
    pub(crate) configurations: BTreeMap<String, Configuration>,
    pub(crate) deployments: HashMap<String, Deployment>,
    /// How to stop the deployments that are in progress.
    pub(crate) running: HashMap<String, Stop>,
    /// The logs that are being written.
    pub(crate) logs: HashMap<String, Log>,
}

/// Whether a change has to be on the disk at once, or with the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Now,
    Later,
}

impl Inner {
    pub(super) fn open(
        directory: &Path,
        clock: Arc<dyn Clock>,
        revisions: Arc<dyn RevisionStore>,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        let directory = LockedDirectory::open(directory)?;
        let deployments = directory.join("deployments");
        let io = |source| OpenError::Io { path: deployments.clone(), source };
        fs::create_dir_all(&deployments).map_err(io)?;
        let applications = read_record(&directory.join("applications.json"))?.unwrap_or_default();
        let configurations = read_record(&directory.join("configurations.json"))?.unwrap_or_default();
        let mut state = State { applications, configurations, ..State::default() };
        for listed in fs::read_dir(&deployments).map_err(io)? {
            let path = listed.map_err(io)?.path();
            let is_record = path.extension().is_some_and(|extension| extension == "json");
            if let Some(deployment) =
                is_record.then(|| read_record::<Deployment>(&path)).transpose()?.flatten()
            {
                state.deployments.insert(deployment.id.clone(), deployment);
            }
        }
        let state = Mutex::new(state);
        Ok(Self { directory, clock, revisions, settings, state })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Records are replaced whole, so a panic elsewhere leaves none half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn revisions(&self) -> &dyn RevisionStore {
        self.revisions.as_ref()
    }

    pub(crate) fn log_path(&self, deployment_id: &str) -> PathBuf {
        self.directory.join("logs").join(format!("{deployment_id}.log"))
    }

    pub(crate) fn target_directory(&self, group_id: &str, target: &str) -> PathBuf {
        self.directory.join("targets").join(group_id).join(target)
    }

    pub(crate) fn announce(&self, deployment: &Deployment) {
        let event = event::state_change(&self.settings, deployment, self.now());
        if let (Some(events), Some(event)) = (&self.settings.events, event) {
            events.put_event(event);
        }
    }

    /// Changes a deployment in memory and on the disk.
    pub(crate) fn update(&self, id: &str, change: impl FnOnce(&mut Deployment)) -> Option<Deployment> {
        self.change(id, Keep::Now, change);
        self.state().deployments.get(id).cloned()
    }

    /// A disk that fails does not hold a deployment up: what is in memory is true as long as the process
    /// lives.
    pub(crate) fn change(&self, id: &str, keep: Keep, change: impl FnOnce(&mut Deployment)) {
        let mut state = self.state();
        let Some(deployment) = state.deployments.get_mut(id) else { return };
        change(deployment);
        if keep == Keep::Now
            && let Err(error) = self.write_deployment(deployment)
        {
            tracing::error!(deployment_id = id, %error, "a deployment could not be written down");
        }
    }

    pub(crate) fn write_deployment(&self, deployment: &Deployment) -> Result<(), ApiError> {
        let path = self.directory.join("deployments").join(format!("{}.json", deployment.id));
        write_record(&path, deployment).map_err(|error| disk(&path, &error))
    }

    /// Somebody has declared one, or changed it.
    pub(super) fn write_applications(&self, state: &State) -> Result<(), ApiError> {
        let path = self.directory.join("applications.json");
        write_declared(&path, &state.applications).map_err(|error| disk(&path, &error))
    }

    /// A group has another last deployment.
    pub(crate) fn write_last_deployments(&self, state: &State) -> Result<(), ApiError> {
        let path = self.directory.join("applications.json");
        write_record(&path, &state.applications).map_err(|error| disk(&path, &error))
    }

    pub(super) fn write_configurations(&self, state: &State) -> Result<(), ApiError> {
        let path = self.directory.join("configurations.json");
        write_declared(&path, &state.configurations).map_err(|error| disk(&path, &error))
    }

    /// An id that the parts, the time and nothing else determine.
    pub(super) fn new_id(&self, parts: &[&str]) -> Uuid {
        let name = format!("{} {}", parts.join(" "), self.now());
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
    }
}

fn disk(path: &Path, error: &std::io::Error) -> ApiError {
    ApiError::internal(format!("{}: {error}", path.display()))
}
