//! What a former process left behind.

use local_process::Log;

use crate::events;
use crate::model::{BuildStatus, PhaseContext};
use crate::settings::KeptWorkDirectories;
use crate::shared::{Shared, StartedBefore};
use crate::store::{StoreError, StoredBuild};

/// Reads all records, and ends the builds that were running when the process ended. Their commands
/// are gone already: they ended with the process.
pub fn recover(shared: &Shared) -> Result<(), StoreError> {
    let mut unfinished = Vec::new();
    {
        let mut state = shared.state();
        for project in shared.store.load_projects()? {
            state.projects.insert(project.settings.name.clone(), project);
        }
        for stored in shared.store.load_builds()? {
            let build = &stored.build;
            let number = (build.build_number, build.uuid().to_owned());
            state.builds.entry(build.project_name.clone()).or_default().push(number);
            if let (Some(token), Some(request)) = (&stored.idempotency_token, &stored.request) {
                let before = StartedBefore { build_id: build.id.clone(), request: request.clone() };
                state.tokens.insert(token.clone(), before);
            }
            if !build.build_complete {
                unfinished.push(stored);
            }
        }
        state.builds.values_mut().for_each(|builds| builds.sort());
    }
    for stored in unfinished {
        end_interrupted(shared, stored)?;
    }
    if shared.settings.kept_work_directories == KeptWorkDirectories::None {
        shared.store.remove_work_directories();
    }
    Ok(())
}

fn end_interrupted(shared: &Shared, mut stored: StoredBuild) -> Result<(), StoreError> {
    let now = shared.now();
    let message = "The local service ended while the build was running; start the build again";
    let build = &mut stored.build;
    build.leave(BuildStatus::Fault, vec![PhaseContext::new("INTERNAL_ERROR", message)], now);
    build.complete(now);
    shared.store.save_build(&stored)?;
    let build = &stored.build;
    if let Ok(log) = Log::open(shared.store.log_path(&build.project_name, build.uuid()), u64::MAX) {
        log.note(&format!("[Container] {} {message}", now.in_log()));
    }
    let event = events::state_change(build, &shared.settings.account, &shared.new_uuid(), now);
    shared.events.put_event(event);
    Ok(())
}
