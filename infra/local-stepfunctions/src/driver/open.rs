//! The service: opening it, and what it holds while it is open.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use local_service::{ApiError, BoxFuture, Clock, DiskQueue, EventSink, Service};
use serde_json::Value;
use tokio::runtime::{Handle, TryCurrentError};
use tokio::task::{AbortHandle, JoinSet};

use super::executions::Live;
use super::invoker::LambdaInvoker;
use super::timers::Timers;
use crate::definition::Machine;
use crate::interpreter::Counts;
use crate::store::{Catalog, Directory, Journal, MachineRecord, StoreError};

/// Step Functions over one directory. Dropping it ends its tasks; nothing is lost by that, or by
/// killing the process: [`LocalStepFunctions::open`] continues where it was.
pub struct LocalStepFunctions {
    pub(crate) inner: Arc<Inner>,
    timer: AbortHandle,
}

/// The region and the account in the ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub region: String,
    pub account_id: String,
}

impl Default for Place {
    fn default() -> Self {
        Self { region: "us-east-1".to_owned(), account_id: "123456789012".to_owned() }
    }
}

#[derive(Debug)]
pub enum OpenError {
    Store(StoreError),
    /// There is no tokio runtime on this thread to run timers and functions on.
    NoRuntime(TryCurrentError),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::NoRuntime(error) => write!(f, "open the service inside a tokio runtime: {error}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(crate) struct Inner {
    pub(crate) place: Place,
    pub(crate) clock: Arc<dyn Clock>,
    pub(super) directory: Directory,
    pub(super) invoker: Arc<dyn LambdaInvoker>,
    pub(super) events: Option<Arc<dyn EventSink>>,
    pub(super) disk: Option<DiskQueue>,
    pub(super) runtime: Handle,
    /// By ARN.
    pub(super) machines: Mutex<BTreeMap<String, MachineRecord>>,
    /// Compiled definitions, by the names of the kept ones.
    pub(super) compiled: Mutex<HashMap<String, Arc<Machine>>>,
    pub(super) catalog: Mutex<Catalog>,
    /// The running executions, by ARN.
    pub(super) live: Mutex<HashMap<String, Arc<Mutex<Live>>>>,
    /// Held over a whole start, so that of two starts with one name the second sees the first.
    pub(super) starting: Mutex<()>,
    pub(super) timers: Arc<Timers>,
    pub(super) invocations: Mutex<JoinSet<()>>,
    /// Read over every change; closed once and for all when the service is dropped.
    pub(super) gate: RwLock<Gate>,
}

/// EventBridge tries to deliver for a day.
const ANNOUNCED_AGAIN_MS: i64 = 24 * 3600 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    Closed,
}

/// A panic elsewhere does not make what is behind the lock wrong: it is replaced in whole steps.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the service may be connected to.
#[derive(Default)]
pub struct Surroundings {
    /// Gets an event for every execution that ends. Executions that did not succeed within the last day are
    /// announced once more at every start: a crash may have come between their end and its event, and
    /// EventBridge delivers at least once.
    pub events: Option<Arc<dyn EventSink>>,
    /// Where journals are named that are to be brought to the disk. They survive the end of the process
    /// without it, but no power cut.
    pub disk: Option<DiskQueue>,
}

impl LocalStepFunctions {
    /// Opens the service on `directory`, which is made when it does not exist, and continues the
    /// executions that were running. Needs a tokio runtime on this thread.
    ///
    /// # Errors
    /// The directory is in use or damaged, or there is no runtime.
    pub fn open(
        directory: &Path,
        place: Place,
        invoker: Arc<dyn LambdaInvoker>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        Self::open_in(directory, place, invoker, clock, Surroundings::default())
    }

    /// The same, with what the service is connected to.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_in(
        directory: &Path,
        place: Place,
        invoker: Arc<dyn LambdaInvoker>,
        clock: Arc<dyn Clock>,
        surroundings: Surroundings,
    ) -> Result<Self, OpenError> {
        let Surroundings { events, disk } = surroundings;
        let runtime = Handle::try_current().map_err(OpenError::NoRuntime)?;
        let directory = Directory::open(directory)?;
        let machines = MachineRecord::all(&directory)?;
        let (catalog, forgotten) = Catalog::open(directory.catalog(), disk.clone(), clock.now())?;
        for old in forgotten {
            let journal = Journal::at(directory.journal(&old.machine_name, &old.name));
            if let Err(error) = journal.remove() {
                tracing::warn!(%error, execution = old.execution_arn, "an old journal could not be removed");
            }
        }
        let timers = Arc::new(Timers::default());
        let inner = Arc::new(Inner {
            place,
            directory,
            invoker,
            events,
            disk,
            machines: Mutex::new(
                machines.into_iter().map(|machine| (machine.arn.clone(), machine)).collect(),
            ),
            compiled: Mutex::default(),
            catalog: Mutex::new(catalog),
            live: Mutex::default(),
            starting: Mutex::default(),
            timers: timers.clone(),
            invocations: Mutex::new(JoinSet::new()),
            gate: RwLock::new(Gate::Open),
            clock: clock.clone(),
            runtime: runtime.clone(),
        });
        if inner.events.is_some() {
            inner.announce_again(clock.now() - ANNOUNCED_AGAIN_MS)?;
        }
        inner.resume()?;
        let timer = runtime.spawn(timers.run(clock, Arc::downgrade(&inner))).abort_handle();
        Ok(Self { inner, timer })
    }

    /// Runs `look` while nothing changes: no input is recorded, and no deadline is reached. The API is not
    /// called meanwhile; the caller sees to that.
    pub fn while_still<T>(&self, look: impl FnOnce() -> T) -> T {
        let _still = self.inner.gate.write().unwrap_or_else(PoisonError::into_inner);
        look()
    }

    /// What the execution has cost so far; `None` when there is no such execution.
    ///
    /// # Errors
    /// Its journal cannot be read.
    pub fn counts(&self, execution_arn: &str) -> Result<Option<Counts>, StoreError> {
        self.inner.look(execution_arn, |execution| execution.counts())
    }
}

impl Drop for LocalStepFunctions {
    fn drop(&mut self) {
        self.timer.abort();
        lock(&self.inner.invocations).abort_all();
        // A function that answers just now may hold the service a moment longer. Changes under way
        // are waited for, later ones are refused, and then the directory is free for the next one.
        *self.inner.gate.write().unwrap_or_else(PoisonError::into_inner) = Gate::Closed;
        self.inner.directory.unlock();
    }
}

impl Service for LocalStepFunctions {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move { crate::operations::call(&self.inner, operation, input) })
    }
}
