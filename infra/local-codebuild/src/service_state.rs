//! What the operations and the running builds share.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use local_process::{Log, Stop, StopReason};
use local_service::{ApiError, Clock, EventSink, ObjectStore};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

use crate::error;
use crate::model::{Build, Project};
use crate::moment::Moment;
use crate::settings::Settings;
use crate::store::{Store, StoreError, StoredBuild};

pub struct ServiceState {
    pub settings: Settings,
    pub store: Store,
    pub objects: Arc<dyn ObjectStore>,
    pub events: Arc<dyn EventSink>,
    pub clock: Arc<dyn Clock>,
    /// One permit for each build that may run.
    pub slots: Arc<Semaphore>,
    records: Mutex<Records>,
    active_builds: watch::Sender<usize>,
}

#[derive(Default)]
pub struct Records {
    pub projects: BTreeMap<String, Project>,
    /// The builds that have not ended, by id. The others are read from the disk.
    pub active: HashMap<String, ActiveBuild>,
    /// All builds of a project, ended or not: number and uuid, oldest first.
    pub builds: HashMap<String, Vec<(u64, String)>>,
    pub tokens: HashMap<String, StartedBefore>,
    pub is_shut_down: bool,
}

/// A build that has not ended.
pub struct ActiveBuild {
    pub build: Build,
    pub stop: Stop,
    pub log: Log,
}

/// What a start with a token was, and which build it made.
pub struct StartedBefore {
    pub build_id: String,
    pub request: Value,
}

impl ServiceState {
    pub fn open(
        directory: &Path,
        objects: Arc<dyn ObjectStore>,
        events: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, StoreError> {
        let slots = Arc::new(Semaphore::new(settings.max_concurrent_builds));
        Ok(Self {
            settings,
            store: Store::open(directory)?,
            objects,
            events,
            clock,
            slots,
            records: Mutex::default(),
            active_builds: watch::Sender::new(0),
        })
    }

    pub fn now(&self) -> Moment {
        Moment(self.clock.now())
    }

    pub fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The build with that id, ended or not.
    pub fn find_build(&self, project: &str, uuid: &str) -> Result<Option<Build>, ApiError> {
        if let Some(active) = self.records().active.get(&format!("{project}:{uuid}")) {
            return Ok(Some(active.build.clone()));
        }
        let stored = self.store.load_build(project, uuid).map_err(|error| error::broken(&error))?;
        Ok(stored.map(|stored| stored.build))
    }

    /// Stores `stored` and shows its build to callers; once it is complete, from the disk only.
    pub fn publish(&self, stored: &StoredBuild) {
        if let Err(error) = self.store.save_build(stored) {
            tracing::error!(build = stored.build.id, %error, "the build's record was not written");
        }
        let mut records = self.records();
        if stored.build.build_complete {
            records.active.remove(&stored.build.id);
        } else if let Some(active) = records.active.get_mut(&stored.build.id) {
            active.build = stored.build.clone();
        }
        let count = records.active.len();
        drop(records);
        self.active_builds.send_replace(count);
    }

    /// Stops all builds, takes no new ones, and returns when all have ended.
    pub async fn shut_down(&self) {
        let mut active_builds = self.active_builds.subscribe();
        {
            let mut records = self.records();
            records.is_shut_down = true;
            records.active.values().for_each(|active| active.stop.request(StopReason::Cancelled));
            self.active_builds.send_replace(records.active.len());
        }
        // An error means that `self` is gone, which it is not.
        let _ = active_builds.wait_for(|count| *count == 0).await;
    }

    /// A new random id, for builds and events.
    pub fn new_uuid(&self) -> String {
        #[expect(clippy::disallowed_methods, reason = "ids of builds and events are made here only")]
        let uuid = uuid::Uuid::new_v4();
        uuid.to_string()
    }
}
