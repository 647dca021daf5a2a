//! Copies of a data directory: of one that nobody uses, and of one whose service runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use platform::ids;

use super::copy::{Copy, remove};
use super::error::BackupError;
use crate::LocalStack;

/// Below the data directory: copies that a service made and that nobody has taken away yet.
const SNAPSHOTS: &str = "snapshots";
/// What changes by itself while calls are held: builds put artifacts there.
const OBJECTS: &str = "s3";
/// Each look takes milliseconds, and few builds end within one.
const LOOKS_MAX: usize = 20;

/// Calls take milliseconds. One that does not end must not keep all others waiting behind a backup.
const HOLD_TIME_MAX: Duration = Duration::from_secs(10);

/// Copies the directory of a service that runs, and says where the copy is.
pub(crate) async fn snapshot_of_running(stack: &Arc<LocalStack>) -> Result<PathBuf, BackupError> {
    let target = stack.directory.join(SNAPSHOTS).join(ids::uuid());
    let copied = copy_running(stack, &target).await;
    if copied.is_err() {
        // The first error is the one that counts.
        let _ = remove(&target);
    }
    copied.map(|()| target)
}

async fn copy_running(stack: &Arc<LocalStack>, target: &Path) -> Result<(), BackupError> {
    let mut copy = Copy::new(stack.directory.path(), target);
    let mut copy = blocking(move || copy.pass(OBJECTS).map(|_| copy)).await?;
    let held = tokio::time::timeout(HOLD_TIME_MAX, stack.aws().hold()).await;
    let held = held.map_err(|_| BackupError::Busy)?;
    let still = stack.clone();
    let copied = blocking(move || still.stepfunctions.while_still(|| settle(&mut copy))).await;
    drop(held);
    copied
}

/// Copies until a look finds no object that was not there at the look before.
fn settle(copy: &mut Copy) -> Result<(), BackupError> {
    for _ in 0..LOOKS_MAX {
        if copy.pass(OBJECTS)? == 0 {
            return Ok(());
        }
    }
    Err(BackupError::Restless)
}

/// The caller holds the directory's lock.
pub(super) fn snapshot_of_stopped(data: &Path, target: &Path) -> Result<(), BackupError> {
    Copy::new(data, target).pass(OBJECTS).map(|_| ())
}

/// Copies that a command did not take away, because it was killed.
pub(crate) fn remove_leftovers(data: &Path) -> Result<(), BackupError> {
    remove(&data.join(SNAPSHOTS))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(BackupError::Service(error.to_string())))
}
