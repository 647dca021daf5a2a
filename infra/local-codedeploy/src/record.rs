//! What is kept of applications, groups and deployments.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local_service::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::appspec::FileExistsBehavior;
use crate::lifecycle::{Progress, TargetStatus};
use crate::revision::S3Location;

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

#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// What a target has from earlier deployments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TargetState {
    /// Paths below the root that the last Install made, parents first.
    pub(crate) installed: Vec<String>,
    /// The deployment whose Install succeeded last; its archive has the scripts of ApplicationStop.
    pub(crate) last_installed_deployment: Option<String>,
}
