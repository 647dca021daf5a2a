//! What a former process left behind.

use local_process::{Log, Stop};

use crate::events;
use crate::leftovers::end_marked;
use crate::model::{BuildStatus, PhaseContext};
use crate::run::SERVICE_ENDED;
use crate::service_state::{ActiveBatch, ServiceState, StartedBefore};
use crate::settings::KeptWorkDirectories;
use crate::store::{StoreError, StoredBuild};

/// Reads all records, and ends the builds that were running when the process ended. Their commands
/// ended with the process, unless they went to some lengths not to; then they are ended here.
pub fn recover(service: &ServiceState) -> Result<(), StoreError> {
    let mut unfinished = Vec::new();
    {
        let mut records = service.records();
        for project in service.store.load_projects()? {
            records.projects.insert(project.settings.name.clone(), project);
        }
        let (builds, lost) = service.store.load_builds()?;
        lost.iter().for_each(|error| tracing::error!(%error, "the record of a build cannot be read"));
        for stored in builds {
            let build = &stored.build;
            let number = (build.build_number, build.uuid().to_owned());
            records.builds.entry(build.project_name.clone()).or_default().push(number);
            if let (Some(token), Some(request)) = (&stored.idempotency_token, &stored.request) {
                let before = StartedBefore { build_id: build.id.clone(), request: request.clone() };
                records.tokens.insert(token.clone(), before);
            }
            if !build.build_complete {
                unfinished.push(stored);
            }
        }
        records.builds.values_mut().for_each(|builds| builds.sort());
    }
    for stored in unfinished {
        end_interrupted(service, stored)?;
    }
    for mut stored in service.store.load_batches()? {
        if !stored.batch.complete {
            let now = service.now();
            let groups = stored.batch.build_groups.iter_mut();
            let summaries = groups.filter_map(|group| group.current_build_summary.as_mut());
            let running = summaries.filter(|summary| summary.build_status == BuildStatus::InProgress);
            running.for_each(|summary| summary.build_status = BuildStatus::Fault);
            stored.batch.leave(BuildStatus::Fault, vec![interrupted()], now);
            stored.batch.complete(BuildStatus::Fault, now);
            service.store.save_batch(&stored)?;
        }
        let active = ActiveBatch { stored, stop: Stop::new() };
        service.records().batches.insert(active.stored.batch.id.clone(), active);
    }
    service.store.remove_sessions();
    if service.settings.kept_work_directories == KeptWorkDirectories::None {
        service.store.remove_work_directories();
    }
    Ok(())
}

fn interrupted() -> PhaseContext {
    let message = SERVICE_ENDED;
    PhaseContext::new("INTERNAL_ERROR", message)
}

fn end_interrupted(service: &ServiceState, mut stored: StoredBuild) -> Result<(), StoreError> {
    let ended_processes = end_marked(&[stored.build.arn.clone()]);
    let now = service.now();
    let context = interrupted();
    let message = context.message.clone();
    let build = &mut stored.build;
    build.leave(BuildStatus::Fault, vec![context], now);
    build.complete(now);
    service.store.end_build(&stored)?;
    let build = &stored.build;
    if let Ok(log) = Log::open(service.store.log_path(&build.project_name, build.uuid()), u64::MAX) {
        for line in ended_processes.iter().map(String::as_str).chain([message.as_str()]) {
            log.note(&format!("[Container] {} {line}", now.in_log()));
        }
    }
    let event = events::state_change(build, &service.settings.account, &service.new_uuid(), now);
    service.events.put_event(event);
    Ok(())
}
