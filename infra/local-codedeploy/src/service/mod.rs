//! The CodeDeploy API: a name and JSON in, JSON or an exception of the model out.

mod applications;
mod configurations;
mod create_deployment;
mod deployments;
mod groups;
mod input;
mod state;
mod targets;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use local_process::{Follower, LogError, Stop, StopReason};
use local_service::{ApiError, BoxFuture, Clock, Service};
use serde_json::Value;

use crate::deploy::end_interrupted;
use crate::record::Target;
use crate::revision::RevisionStore;
use crate::{OpenError, Settings};

pub(crate) use create_deployment::roll_back;
pub(crate) use state::{Inner, Keep, State};

/// A cheap handle; clones share one service.
#[derive(Clone)]
pub struct LocalCodeDeploy(pub(crate) Arc<Inner>);

impl LocalCodeDeploy {
    /// Opens the records in `directory`, which is made when it does not exist. Deployments that were in
    /// progress when the process before ended are ended as failed, with their event; rolling them back needs a
    /// tokio runtime on this thread.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process has it open.
    pub fn open(
        directory: &Path,
        clock: Arc<dyn Clock>,
        revisions: Arc<dyn RevisionStore>,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        let inner = Arc::new(Inner::open(directory, clock, revisions, settings)?);
        end_interrupted(&inner);
        Ok(Self(inner))
    }

    /// Gives a deployment group its target directories; application and group are made when they do
    /// not exist. A deployment that runs keeps the targets that it started with.
    ///
    /// # Errors
    /// `InvalidTargetException` (a name of this service's own) for a name that cannot be a file's, or
    /// that comes twice, and for a root that is not absolute.
    pub fn define_group(&self, application: &str, group: &str, targets: Vec<Target>) -> Result<(), ApiError> {
        groups::define(&self.0, application, group, targets)
    }

    /// Where the log of a deployment is, or will be.
    pub fn log_path(&self, deployment_id: &str) -> std::path::PathBuf {
        self.0.log_path(deployment_id)
    }

    /// The log of a deployment, from its first line to its end, while it is written.
    ///
    /// # Errors
    /// There is no such log yet, or it cannot be read.
    pub fn follow_log(&self, deployment_id: &str) -> Result<Follower, LogError> {
        let log = self.0.state().logs.get(deployment_id).cloned();
        match log {
            Some(log) => log.follow(),
            None => Follower::of_finished(&self.log_path(deployment_id)),
        }
    }

    /// Stops the deployments that are in progress and returns when they have ended.
    pub async fn shutdown(&self) {
        loop {
            let running: Vec<Stop> = self.0.state().running.values().cloned().collect();
            if running.is_empty() {
                return;
            }
            for stop in running {
                stop.request(StopReason::ServiceEnded);
            }
            tokio::time::sleep(STOP_POLL).await;
        }
    }
}

/// Between two looks at whether stopped deployments have ended; scripts get a grace of seconds.
const STOP_POLL: Duration = Duration::from_millis(20);

impl Service for LocalCodeDeploy {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            let inner = &self.0;
            match operation {
                "CreateApplication" => applications::create_application(inner, &input),
                "GetApplication" => applications::get_application(inner, &input),
                "ListApplications" => applications::list_applications(inner, &input),
                "DeleteApplication" => applications::delete_application(inner, &input),
                "CreateDeploymentGroup" => groups::create_deployment_group(inner, &input),
                "GetDeploymentGroup" => groups::get_deployment_group(inner, &input),
                "UpdateDeploymentGroup" => groups::update_deployment_group(inner, &input),
                "DeleteDeploymentGroup" => groups::delete_deployment_group(inner, &input),
                "ListDeploymentGroups" => groups::list_deployment_groups(inner, &input),
                "CreateDeployment" => create_deployment::create_deployment(inner, &input),
                "CreateDeploymentConfig" => configurations::create_deployment_config(inner, &input),
                "GetDeploymentConfig" => configurations::get_deployment_config(inner, &input),
                "ListDeploymentConfigs" => configurations::list_deployment_configs(inner, &input),
                "DeleteDeploymentConfig" => configurations::delete_deployment_config(inner, &input),
                "GetDeployment" => deployments::get_deployment(inner, &input),
                "BatchGetDeployments" => deployments::batch_get_deployments(inner, &input),
                "ListDeployments" => deployments::list_deployments(inner, &input),
                "StopDeployment" => deployments::stop_deployment(inner, &input),
                "GetDeploymentTarget" => targets::get_deployment_target(inner, &input),
                "ListDeploymentTargets" => targets::list_deployment_targets(inner, &input),
                "BatchGetDeploymentTargets" => targets::batch_get_deployment_targets(inner, &input),
                other => Err(ApiError::unsupported("CodeDeploy", other)),
            }
        })
    }
}
