//! A batch of builds and how it moves through its phases. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BuildArtifacts, BuildStatus, PhaseContext, ProjectEnvironment, ProjectSource};
use crate::moment::Moment;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildBatch {
    pub id: String,
    pub arn: String,
    pub build_batch_number: u64,
    pub start_time: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    pub current_phase: BatchPhaseType,
    pub build_batch_status: BuildStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_version: Option<String>,
    pub project_name: String,
    pub phases: Vec<BatchPhase>,
    pub source: ProjectSource,
    pub secondary_sources: Vec<ProjectSource>,
    pub artifacts: BuildArtifacts,
    pub secondary_artifacts: Vec<BuildArtifacts>,
    pub environment: ProjectEnvironment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_role: Option<String>,
    pub build_timeout_in_minutes: u32,
    pub queued_timeout_in_minutes: u32,
    pub complete: bool,
    pub initiator: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_batch_config: Option<BatchConfiguration>,
    pub build_groups: Vec<BuildGroup>,
}

/// Of a project or of the start of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combine_artifacts: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restrictions: Option<BatchRestrictions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_in_mins: Option<u32>,
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRestrictions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_builds_allowed: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_types_allowed: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BatchPhaseType {
    Submitted,
    DownloadBatchspec,
    InProgress,
    CombineArtifacts,
    Succeeded,
    Failed,
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchPhase {
    pub phase_type: BatchPhaseType,
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

/// One build of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildGroup {
    pub identifier: String,
    pub depends_on: Vec<String>,
    pub ignore_failure: bool,
    /// None: the build has not begun, or never will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_build_summary: Option<BuildSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildSummary {
    pub arn: String,
    pub requested_on: Moment,
    pub build_status: BuildStatus,
}

impl BatchConfiguration {
    /// What the start of a batch says goes before what its project says, member by member.
    pub fn with_override(project: Option<Self>, start: Option<Self>) -> Option<Self> {
        let (Some(project), Some(start)) = (&project, &start) else { return start.or(project) };
        let mut other = project.other.clone();
        other.extend(start.other.clone());
        Some(Self {
            combine_artifacts: start.combine_artifacts.or(project.combine_artifacts),
            restrictions: start.restrictions.clone().or_else(|| project.restrictions.clone()),
            timeout_in_mins: start.timeout_in_mins.or(project.timeout_in_mins),
            other,
        })
    }
}

impl BuildBatch {
    /// The part of the id after the project's name.
    pub fn uuid(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or_default()
    }

    pub fn enter(&mut self, phase: BatchPhaseType, now: Moment) {
        self.current_phase = phase;
        self.phases.push(BatchPhase {
            phase_type: phase,
            phase_status: None,
            start_time: now,
            end_time: None,
            duration_in_seconds: None,
            contexts: Vec::new(),
        });
    }

    pub fn leave(&mut self, status: BuildStatus, contexts: Vec<PhaseContext>, now: Moment) {
        if let Some(phase) = self.phases.last_mut() {
            phase.phase_status = Some(status);
            phase.end_time = Some(now);
            phase.duration_in_seconds = Some(phase.start_time.seconds_until(now));
            phase.contexts = contexts;
        }
    }

    /// A batch ends in a phase that is named like its status.
    pub fn complete(&mut self, status: BuildStatus, now: Moment) {
        let phase = match status {
            BuildStatus::Succeeded => BatchPhaseType::Succeeded,
            BuildStatus::Stopped | BuildStatus::TimedOut => BatchPhaseType::Stopped,
            BuildStatus::Failed | BuildStatus::Fault | BuildStatus::InProgress => BatchPhaseType::Failed,
        };
        self.enter(phase, now);
        self.build_batch_status = status;
        self.end_time = Some(now);
        self.complete = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_overrides_what_it_names_of_the_projects_configuration() {
        let read = |json: &str| serde_json::from_str::<BatchConfiguration>(json).ok();
        let project =
            r#"{"combineArtifacts":true,"restrictions":{"maximumBuildsAllowed":2},"timeoutInMins":7}"#;
        for (project, start, expected) in [
            (project, "", project),
            ("", project, project),
            (
                project,
                r#"{"combineArtifacts":false}"#,
                r#"{"combineArtifacts":false,"restrictions":{"maximumBuildsAllowed":2},"timeoutInMins":7}"#,
            ),
            (
                r#"{"serviceRole":"a","batchReportMode":"b"}"#,
                r#"{"serviceRole":"c","timeoutInMins":9}"#,
                r#"{"serviceRole":"c","batchReportMode":"b","timeoutInMins":9}"#,
            ),
        ] {
            let merged = BatchConfiguration::with_override(read(project), read(start));
            assert_eq!(merged, read(expected), "{project} {start}");
        }
    }
}
