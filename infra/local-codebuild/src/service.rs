//! The service: operations by name, opening and shutting down.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_process::Follower;
use local_service::{ApiError, BoxFuture, Clock, EventSink, ObjectStore, Service};
use serde_json::Value;

use crate::error;
use crate::names::parse_build_id;
use crate::operations as op;
use crate::recovery::recover;
use crate::service_state::ServiceState;
use crate::settings::Settings;
use crate::store::StoreError;

/// A miniature CodeBuild whose builds run on this host. Clones are the same service.
///
/// It needs a tokio runtime, and one process at a time per directory.
#[derive(Clone)]
pub struct LocalCodeBuild {
    service: Arc<ServiceState>,
}

impl LocalCodeBuild {
    /// Opens the data directory. Builds that a former process left unfinished end as FAULT, with
    /// their event.
    pub fn open(
        directory: &Path,
        objects: Arc<dyn ObjectStore>,
        events: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, StoreError> {
        let service = ServiceState::open(directory, objects, events, clock, settings)?;
        recover(&service)?;
        Ok(Self { service: Arc::new(service) })
    }

    /// The log of a build (id or ARN), from its first line to its end, while it is written.
    pub fn follow_log(&self, build_id: &str) -> Result<Follower, ApiError> {
        let unknown = || error::not_found(format!("There is no build {build_id}"));
        let (project, uuid) = parse_build_id(build_id).ok_or_else(unknown)?;
        let active = {
            let records = self.service.records();
            records.active.get(&format!("{project}:{uuid}")).map(|active| active.log.clone())
        };
        if let Some(log) = active {
            return log.follow().map_err(|error| error::broken(&error));
        }
        self.service.find_build(project, uuid)?.ok_or_else(unknown)?;
        Follower::of_finished(&self.service.store.log_path(project, uuid))
            .map_err(|error| error::broken(&error))
    }

    /// The builds that a batch (id or ARN) has begun, each with its identifier in the batch and its ARN; none for
    /// what is no batch.
    pub fn builds_of_batch(&self, batch_id: &str) -> Vec<(String, String)> {
        let Some((project, uuid)) = parse_build_id(batch_id) else { return Vec::new() };
        let records = self.service.records();
        let Some(batch) = records.batches.get(&format!("{project}:{uuid}")) else { return Vec::new() };
        let begun = batch.stored.batch.build_groups.iter().filter_map(|group| {
            let arn = group.current_build_summary.as_ref().map(|summary| summary.arn.clone())?;
            (!arn.is_empty()).then(|| (group.identifier.clone(), arn))
        });
        begun.collect()
    }

    /// Where the log of a build (id or ARN) is.
    pub fn log_path(&self, build_id: &str) -> Option<PathBuf> {
        let (project, uuid) = parse_build_id(build_id)?;
        Some(self.service.store.log_path(project, uuid))
    }

    /// Stops all builds and returns when they have ended. No build can be started afterwards.
    pub async fn shutdown(&self) {
        self.service.shut_down().await;
    }

    fn dispatch(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let service = &self.service;
        match operation {
            "CreateProject" => op::create_project::run(service, input),
            "UpdateProject" => op::update_project::run(service, &input),
            "DeleteProject" => op::delete_project::run(service, input),
            "BatchGetProjects" => op::batch_get_projects::run(service, input),
            "ListProjects" => op::list_projects::run(service, input),
            "StartBuild" => op::start_build::run(service, input),
            "StopBuild" => op::stop_build::run(service, input),
            "BatchGetBuilds" => op::batch_get_builds::run(service, input),
            "StartBuildBatch" => op::start_build_batch::run(service, input),
            "StopBuildBatch" => op::stop_build_batch::run(service, input),
            "BatchGetBuildBatches" => op::batch_get_build_batches::run(service, input),
            "ListBuildBatchesForProject" => op::list_build_batches_for_project::run(service, input),
            "BatchGetReports" => op::batch_get_reports::run(service, input),
            "ListBuildsForProject" => op::list_builds_for_project::run(service, input),
            _ => Err(ApiError::unsupported("CodeBuild", operation)),
        }
    }
}

impl Service for LocalCodeBuild {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move { self.dispatch(operation, input) })
    }
}
