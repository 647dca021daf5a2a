//! A build and how it moves through its phases. Pure.

use serde::{Deserialize, Serialize};

use super::{BuildArtifacts, ExportedVariable, ProjectCache, ProjectEnvironment, ProjectSource};
use crate::moment::Moment;
use crate::plan::PhaseType;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Build {
    pub id: String,
    pub arn: String,
    pub build_number: u64,
    pub start_time: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    pub current_phase: PhaseType,
    pub build_status: BuildStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_version: Option<String>,
    pub project_name: String,
    pub phases: Vec<BuildPhase>,
    pub source: ProjectSource,
    pub secondary_sources: Vec<ProjectSource>,
    pub artifacts: BuildArtifacts,
    pub secondary_artifacts: Vec<BuildArtifacts>,
    pub environment: ProjectEnvironment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_role: Option<String>,
    pub logs: LogsLocation,
    pub timeout_in_minutes: u32,
    pub queued_timeout_in_minutes: u32,
    pub build_complete: bool,
    pub initiator: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    pub exported_environment_variables: Vec<ExportedVariable>,
    /// Of the batch that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_batch_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub report_arns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<ProjectCache>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BuildStatus {
    InProgress,
    Succeeded,
    Failed,
    /// The service broke, not the build.
    Fault,
    TimedOut,
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildPhase {
    pub phase_type: PhaseType,
    /// None while the phase runs, and for COMPLETED.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase_status: Option<BuildStatus>,
    pub start_time: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_in_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<PhaseContext>,
}

/// Why a phase ended as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PhaseContext {
    pub status_code: String,
    pub message: String,
}

impl PhaseContext {
    pub fn new(status_code: &str, message: impl Into<String>) -> Self {
        Self { status_code: status_code.to_owned(), message: message.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogsLocation {
    pub group_name: String,
    pub stream_name: String,
    /// The path of the log file.
    pub deep_link: String,
}

impl Build {
    /// The part of the id after the project's name.
    pub fn uuid(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or_default()
    }

    /// Enters `phase`; the one before has ended.
    pub fn enter(&mut self, phase: PhaseType, now: Moment) {
        self.current_phase = phase;
        self.phases.push(BuildPhase {
            phase_type: phase,
            phase_status: None,
            start_time: now,
            end_time: None,
            duration_in_seconds: None,
            contexts: Vec::new(),
        });
    }

    /// Ends the current phase.
    pub fn leave(&mut self, status: BuildStatus, contexts: Vec<PhaseContext>, now: Moment) {
        if let Some(phase) = self.phases.last_mut() {
            phase.phase_status = Some(status);
            phase.end_time = Some(now);
            phase.duration_in_seconds = Some(phase.start_time.seconds_until(now));
            phase.contexts = contexts;
        }
    }

    /// Ends the build: its status is that of the first phase that did not succeed, also when that
    /// phase's `on-failure: CONTINUE` let the others run.
    pub fn complete(&mut self, now: Moment) {
        let statuses = self.phases.iter().filter_map(|phase| phase.phase_status);
        let failure = statuses.into_iter().find(|status| *status != BuildStatus::Succeeded);
        self.enter(PhaseType::Completed, now);
        self.build_status = failure.unwrap_or(BuildStatus::Succeeded);
        self.end_time = Some(now);
        self.build_complete = true;
    }

    /// Whether no phase has failed so far: `CODEBUILD_BUILD_SUCCEEDING`.
    pub fn is_succeeding(&self) -> bool {
        let is_good = |status| status == BuildStatus::Succeeded;
        self.phases.iter().filter_map(|phase| phase.phase_status).all(is_good)
    }
}

impl BuildStatus {
    /// CodeBuild's name of the status.
    pub fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Fault => "FAULT",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }
}
