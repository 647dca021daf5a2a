//! The record of a build that is about to begin.

use super::overrides::Started;
use crate::model::{Build, BuildStatus, LogsLocation};
use crate::plan::PhaseType;
use crate::service_state::ServiceState;

pub fn new_build(service: &ServiceState, started: &Started, number: u64) -> Build {
    let Started { project, source_version } = started;
    let (name, uuid, now) = (&project.name, service.new_uuid(), service.now());
    let account = &service.settings.account;
    let id = format!("{name}:{uuid}");
    let mut build = Build {
        arn: format!("arn:aws:codebuild:{}:{}:build/{id}", account.region, account.id),
        id,
        build_number: number,
        start_time: now,
        end_time: None,
        current_phase: PhaseType::Submitted,
        build_status: BuildStatus::InProgress,
        source_version: source_version.clone(),
        project_name: name.clone(),
        phases: Vec::new(),
        source: project.source.clone(),
        secondary_sources: project.secondary_sources.clone(),
        artifacts: project.artifacts.planned(name, &uuid),
        secondary_artifacts: project.secondary_artifacts.iter().map(|a| a.planned(name, &uuid)).collect(),
        environment: project.environment.clone(),
        service_role: project.service_role.clone(),
        logs: LogsLocation {
            group_name: format!("/aws/codebuild/{name}"),
            deep_link: service.store.log_path(name, &uuid).to_string_lossy().into_owned(),
            stream_name: uuid,
        },
        timeout_in_minutes: project.timeout_in_minutes,
        queued_timeout_in_minutes: project.queued_timeout_in_minutes,
        build_complete: false,
        initiator: service.settings.initiator.clone(),
        encryption_key: project.encryption_key.clone(),
        exported_environment_variables: Vec::new(),
        build_batch_arn: None,
        report_arns: Vec::new(),
        cache: project.cache.clone(),
    };
    build.enter(PhaseType::Submitted, now);
    build
}
