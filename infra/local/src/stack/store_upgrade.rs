//! Tables that an older version wrote, brought up to date before anybody reads them. Files are brought up to date
//! when the data directory is opened; only then there is a store.

use std::sync::Arc;

use local_service::AdjustableClock;

use super::callers::platform_of_owner;
use super::error::{StartError, part};
use crate::connector::LocalAws;
use crate::data_directory::{DataDirectory, FORMAT};
use crate::template::Stack;

/// A step may be repeated: the directory is said to have its format only when the step is done.
pub(super) async fn bring_up_to_date(
    directory: &DataDirectory,
    template: &Stack,
    aws: &Arc<LocalAws>,
    clock: &Arc<AdjustableClock>,
) -> Result<(), StartError> {
    if directory.format() >= FORMAT {
        return Ok(());
    }
    let owner = platform_of_owner(template, aws, clock)?;
    // Format 3: every pipeline is in the list of all pipelines.
    let listed = owner.store.list_unlisted_pipelines().await.map_err(part("DynamoDB"))?;
    tracing::info!(listed, "the tables are up to date");
    directory.mark_as_current().map_err(part("the data directory"))
}
