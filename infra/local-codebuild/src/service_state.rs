//! What the operations and the running builds share.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use local_process::{Log, SandboxError, Stop, StopReason};
use local_service::{ApiError, Clock, EventSink, ObjectStore};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

use crate::error;
use crate::leftovers::end_marked;
use crate::model::{Build, Project};
use crate::moment::Moment;
use crate::run::Workspace;
use crate::settings::Settings;
use crate::store::{Store, StoreError, StoredBatch};

/// After so long it is looked whether builds run, whose files would have to wait for those that are removed; and
/// so often.
const REMOVAL_DELAY: Duration = Duration::from_millis(200);
const REMOVAL_DELAYS_MAX: usize = 10;
/// How long after a build's end its processes are looked for.
const LEFTOVER_DELAY: Duration = Duration::from_secs(1);

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
    /// The ARNs of builds that have ended, whose processes were not looked for yet.
    unswept: Mutex<Vec<String>>,
    /// The work directories of builds that have ended, not removed yet.
    unremoved: Mutex<Vec<Workspace>>,
    /// How many there are, with those that are being removed.
    removals: watch::Sender<usize>,
    sandbox_check: OnceLock<Option<Result<(), SandboxError>>>,
}

#[derive(Default)]
pub struct Records {
    pub projects: BTreeMap<String, Project>,
    /// The builds that have not ended, by id. The others are read from the disk.
    pub active: HashMap<String, ActiveBuild>,
    /// All builds of a project, ended or not: number and uuid, oldest first.
    pub builds: HashMap<String, Vec<(u64, String)>>,
    pub tokens: HashMap<String, StartedBefore>,
    /// All batches, ended or not, by id.
    pub batches: HashMap<String, ActiveBatch>,
    pub is_shut_down: bool,
}

/// A build that has not ended.
pub struct ActiveBuild {
    pub build: Build,
    pub stop: Stop,
    pub log: Log,
}

/// A batch, and how it is ended.
pub struct ActiveBatch {
    pub stored: StoredBatch,
    pub stop: Stop,
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
            unswept: Mutex::default(),
            unremoved: Mutex::default(),
            removals: watch::Sender::new(0),
            sandbox_check: OnceLock::new(),
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

    /// Shows `build` to callers.
    pub fn show(&self, build: &Build) {
        if let Some(active) = self.records().active.get_mut(&build.id) {
            active.build = build.clone();
        }
    }

    /// The build has ended, and callers read it from the disk.
    pub fn forget(&self, build_id: &str) {
        let mut records = self.records();
        records.active.remove(build_id);
        let count = records.active.len();
        drop(records);
        self.active_builds.send_replace(count);
    }

    /// Stores a batch and shows it to callers.
    pub fn publish_batch(&self, stored: &StoredBatch) {
        if let Err(error) = self.store.save_batch(stored) {
            tracing::error!(batch = stored.batch.id, %error, "the batch's record was not written");
        }
        if let Some(active) = self.records().batches.get_mut(&stored.batch.id) {
            active.stored.clone_from(stored);
        }
    }

    /// Changes whenever a build has ended.
    pub fn build_ends(&self) -> watch::Receiver<usize> {
        self.active_builds.subscribe()
    }

    /// Whether builds can be kept in their sandbox; `None`: there is none.
    pub fn sandbox_check(&self) -> Option<&Result<(), SandboxError>> {
        let check = || {
            let sandbox = self.settings.sandbox.as_ref()?;
            let workspace = Workspace::new(PathBuf::new(), PathBuf::new());
            Some(sandbox.for_build(&self.settings.variables, &workspace).check())
        };
        self.sandbox_check.get_or_init(check).as_ref()
    }

    /// Removes the work directory of a build that has ended, once no build runs or some seconds later: on a busy
    /// disk that takes longer than a small build, and holds up those that create files meanwhile.
    pub fn remove_behind(self: &Arc<Self>, workspace: Workspace) {
        self.removals.send_modify(|count| *count += 1);
        let mut unremoved = self.unremoved.lock().unwrap_or_else(PoisonError::into_inner);
        unremoved.push(workspace);
        if unremoved.len() > 1 {
            return;
        }
        let service = self.clone();
        tokio::spawn(async move {
            for _ in 0..REMOVAL_DELAYS_MAX {
                tokio::time::sleep(REMOVAL_DELAY).await;
                if service.records().active.is_empty() {
                    break;
                }
            }
            let _ = tokio::task::spawn_blocking(move || service.remove_work()).await;
        });
    }

    fn remove_work(&self) {
        let unremoved = std::mem::take(&mut *self.unremoved.lock().unwrap_or_else(PoisonError::into_inner));
        for workspace in unremoved {
            if let Err(error) = workspace.remove() {
                let path = workspace.root().display();
                tracing::warn!(%path, %error, "a build's work directory was not removed");
            }
            self.removals.send_modify(|count| *count -= 1);
        }
    }

    /// Ends, a moment later, what processes of the build may be left. One search serves all builds of
    /// that moment, because it takes as long as a small build.
    pub fn look_for_leftovers(self: &Arc<Self>, arn: String) {
        let mut unswept = self.unswept.lock().unwrap_or_else(PoisonError::into_inner);
        unswept.push(arn);
        if unswept.len() > 1 {
            return;
        }
        let service = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LEFTOVER_DELAY).await;
            let swept = tokio::task::spawn_blocking(move || service.end_leftovers());
            let _ = swept.await;
        });
    }

    /// Ends what processes are left of builds that have ended.
    pub fn end_leftovers(&self) {
        let arns = std::mem::take(&mut *self.unswept.lock().unwrap_or_else(PoisonError::into_inner));
        if !arns.is_empty() {
            end_marked(&arns).iter().for_each(|line| tracing::info!("{line}"));
        }
    }

    /// Stops all builds, takes no new ones, and returns when all have ended.
    pub async fn shut_down(&self) {
        let mut active_builds = self.active_builds.subscribe();
        {
            let mut records = self.records();
            records.is_shut_down = true;
            records.batches.values().for_each(|batch| batch.stop.request(StopReason::ServiceEnded));
            records.active.values().for_each(|active| active.stop.request(StopReason::ServiceEnded));
            self.active_builds.send_replace(records.active.len());
        }
        // An error means that `self` is gone, which it is not.
        let _ = active_builds.wait_for(|count| *count == 0).await;
        self.remove_work();
        let _ = self.removals.subscribe().wait_for(|count| *count == 0).await;
        self.end_leftovers();
    }

    /// A new random id, for builds and events.
    pub fn new_uuid(&self) -> String {
        #[expect(clippy::disallowed_methods, reason = "ids of builds and events are made here only")]
        let uuid = uuid::Uuid::new_v4();
        uuid.to_string()
    }
}
