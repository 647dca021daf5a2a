//! A build project.

use local_service::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BatchConfiguration, ProjectArtifacts, ProjectCache, ProjectEnvironment, ProjectSource};
use crate::error::invalid;
use crate::moment::Moment;
use crate::names::check_project_name;

/// CodeBuild's limits of both timeouts.
const TIMEOUT_MINUTES: std::ops::RangeInclusive<u32> = 5..=2160;
const QUEUED_TIMEOUT_MINUTES: std::ops::RangeInclusive<u32> = 5..=480;

/// A stored project: what its creator chose and what CodeBuild adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub arn: String,
    pub created: Moment,
    pub last_modified: Moment,
    #[serde(flatten)]
    pub settings: ProjectSettings,
}

/// The input of CreateProject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSettings {
    pub name: String,
    pub source: ProjectSource,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary_sources: Vec<ProjectSource>,
    pub artifacts: ProjectArtifacts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary_artifacts: Vec<ProjectArtifacts>,
    pub environment: ProjectEnvironment,
    #[serde(default = "default_timeout_in_minutes")]
    pub timeout_in_minutes: u32,
    #[serde(default = "default_queued_timeout_in_minutes")]
    pub queued_timeout_in_minutes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<ProjectCache>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_batch_config: Option<BatchConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent_build_limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    /// Kept for the answers: description, tags, and what has no meaning on a host.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

fn default_timeout_in_minutes() -> u32 {
    60
}

fn default_queued_timeout_in_minutes() -> u32 {
    480
}

/// Members of a project that would change what a build does, and that a host cannot give.
const REFUSED: [(&str, &str); 1] = [("fileSystemLocations", "mount the file system on this host instead")];

impl ProjectSettings {
    pub fn check(&self) -> Result<(), ApiError> {
        check_project_name(&self.name)?;
        self.source.check()?;
        self.secondary_sources.iter().try_for_each(ProjectSource::check_secondary)?;
        self.artifacts.check()?;
        self.secondary_artifacts.iter().try_for_each(ProjectArtifacts::check_secondary)?;
        self.environment.check()?;
        check_timeout(self.timeout_in_minutes)?;
        check_queued_timeout(self.queued_timeout_in_minutes)?;
        let is_set = |name: &&(&str, &str)| {
            self.other
                .get(name.0)
                .is_some_and(|value| !matches!(value, Value::Null) && *value != Value::Array(vec![]))
        };
        if let Some((name, instead)) = REFUSED.iter().find(is_set) {
            return Err(invalid(format!("Project {}: {name} is not supported here; {instead}", self.name)));
        }
        Ok(())
    }
}

pub fn check_timeout(minutes: u32) -> Result<(), ApiError> {
    check_minutes("Timeout", minutes, &TIMEOUT_MINUTES)
}

pub fn check_queued_timeout(minutes: u32) -> Result<(), ApiError> {
    check_minutes("Queued timeout", minutes, &QUEUED_TIMEOUT_MINUTES)
}

fn check_minutes(what: &str, minutes: u32, range: &std::ops::RangeInclusive<u32>) -> Result<(), ApiError> {
    if range.contains(&minutes) {
        return Ok(());
    }
    Err(invalid(format!(
        "{what} must be between {} and {} minutes, not {minutes}",
        range.start(),
        range.end()
    )))
}
