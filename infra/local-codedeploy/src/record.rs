//! What is kept of applications, groups and deployments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local_service::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::appspec::FileExistsBehavior;
use crate::configuration::MinimumHealthyHosts;
use crate::lifecycle::{Progress, TargetStatus};
use crate::revision::S3Location;
use crate::rollback::{AutoRollback, RollbackInfo};

/// A directory that stands for an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The target's id in the API: letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// Absolute destinations of an appspec lie below it. It is made when it does not exist.
    pub root: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) groups: BTreeMap<String, Group>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What CreateDeploymentGroup and UpdateDeploymentGroup said, given back as it was.
    pub(crate) settings: Map<String, Value>,
    pub(crate) targets: Vec<Target>,
    pub(crate) last_successful: Option<LastDeployment>,
    pub(crate) last_attempted: Option<LastDeployment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastDeployment {
    pub(crate) deployment_id: String,
    pub(crate) revision: S3Location,
    pub(crate) status: DeploymentStatus,
    pub(crate) created: Timestamp,
    pub(crate) completed: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeploymentStatus {
    Created,
    InProgress,
    Succeeded,
    Failed,
    Stopped,
}

impl DeploymentStatus {
    pub(crate) fn is_final(self) -> bool {
        match self {
            Self::Created | Self::InProgress => false,
            Self::Succeeded | Self::Failed | Self::Stopped => true,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

impl LastDeployment {
    pub(crate) fn of(deployment: &Deployment) -> Self {
        Self {
            deployment_id: deployment.id.clone(),
            revision: deployment.revision.clone(),
            status: deployment.status,
            created: deployment.created,
            completed: deployment.completed.unwrap_or_default(),
        }
    }
}

/// Who began a deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Creator {
    #[default]
    User,
    CodeDeployRollback,
}

/// `errorInformation` of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ErrorInformation {
    /// Of the API's `ErrorCode`.
    pub(crate) code: String,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) application: String,
    pub(crate) group: String,
    pub(crate) group_id: String,
    pub(crate) config: String,
    /// What the configuration said when the deployment was created.
    #[serde(default)]
    pub(crate) minimum_healthy_hosts: MinimumHealthyHosts,
    #[serde(default)]
    pub(crate) creator: Creator,
    #[serde(default)]
    pub(crate) auto_rollback: AutoRollback,
    /// What whoever stopped it said.
    #[serde(default)]
    pub(crate) rollback_on_stop: Option<bool>,
    #[serde(default)]
    pub(crate) rollback: Option<RollbackInfo>,
    /// It ended with the service: whether it is rolled back is decided at the next start.
    #[serde(default)]
    pub(crate) ended_with_service: bool,
    pub(crate) revision: S3Location,
    pub(crate) previous_revision: Option<S3Location>,
    pub(crate) description: Option<String>,
    pub(crate) file_exists_behavior: FileExistsBehavior,
    pub(crate) ignore_application_stop_failures: bool,
    pub(crate) status: DeploymentStatus,
    pub(crate) error: Option<ErrorInformation>,
    pub(crate) created: Timestamp,
    pub(crate) started: Option<Timestamp>,
    pub(crate) completed: Option<Timestamp>,
    pub(crate) targets: Vec<TargetRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetRecord {
    pub(crate) target: Target,
    pub(crate) updated: Timestamp,
    pub(crate) events: Progress,
}

impl Deployment {
    pub(crate) fn targets_that(&self, status: TargetStatus) -> usize {
        self.targets.iter().filter(|target| target.events.status() == status).count()
    }

    /// The words in which AWS reports that a target failed, and what happened.
    pub(crate) fn error_of_targets(&self) -> Option<ErrorInformation> {
        let failed = self.targets.iter().find(|target| target.events.status() == TargetStatus::Failed)?;
        let (record, diagnostics) = failed.events.failure()?;
        let message = format!(
            "The overall deployment failed because too many individual instances failed deployment, too few \
             healthy instances are available for deployment, or some instances in your deployment group are \
             experiencing problems. {}: {}: {}",
            failed.target.name,
            record.event.name(),
            diagnostics.message,
        );
        Some(ErrorInformation { code: "HEALTH_CONSTRAINTS".into(), message })
    }
}

/// A deployment configuration that somebody made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Configuration {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) minimum_healthy_hosts: MinimumHealthyHosts,
}

/// What a target has from earlier deployments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TargetState {
    /// Paths below the root that the last Install made, parents first.
    pub(crate) installed: Vec<String>,
    /// The deployment whose Install succeeded last; its archive has the scripts of ApplicationStop.
    pub(crate) last_installed_deployment: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn deployment() -> Deployment {
        Deployment {
            id: "d-ABCDEFGHI".into(),
            application: "shop".into(),
            group: "production".into(),
            group_id: "group".into(),
            config: "CodeDeployDefault.OneAtATime".into(),
            minimum_healthy_hosts: MinimumHealthyHosts::default(),
            creator: Creator::User,
            auto_rollback: AutoRollback::default(),
            rollback_on_stop: None,
            rollback: None,
            ended_with_service: false,
            revision: S3Location {
                bucket: "b".into(),
                key: "k".into(),
                bundle_type: None,
                version: None,
                e_tag: None,
            },
            previous_revision: None,
            description: None,
            file_exists_behavior: FileExistsBehavior::Disallow,
            ignore_application_stop_failures: false,
            status: DeploymentStatus::Created,
            error: None,
            created: 0,
            started: None,
            completed: None,
            targets: vec![],
        }
    }
}
