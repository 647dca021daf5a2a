//! What the outside learns about a running build: its record, its events, the lines of its log. Secrets
//! are in none of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use local_process::Log;

use super::phase_end::PhaseEnd;
use crate::events;
use crate::model::{Build, BuildArtifacts, BuildStatus, ExportedVariable, PhaseContext};
use crate::plan::PhaseType;
use crate::service_state::ServiceState;
use crate::store::{BuildRecord, StoredBuild};

/// Between two attempts to record the end of a build.
const UNTIL_THERE_IS_SPACE: Duration = Duration::from_secs(1);

/// Clones are the same recorder. The record is stored before an event tells of it.
#[derive(Clone)]
pub struct Recorder {
    service: Arc<ServiceState>,
    kept: Arc<Mutex<Kept>>,
    log: Log,
}

struct Kept {
    stored: StoredBuild,
    record: BuildRecord,
    /// Lines that get into the log with the next one, because each write costs.
    held_lines: Vec<String>,
}

impl Recorder {
    pub fn new(service: Arc<ServiceState>, stored: StoredBuild, record: BuildRecord, log: Log) -> Self {
        let kept = Kept { stored, record, held_lines: Vec::new() };
        Self { service, kept: Arc::new(Mutex::new(kept)), log }
    }

    pub fn build(&self) -> Build {
        self.kept().stored.build.clone()
    }

    pub fn started(&self) {
        self.put_state_change();
    }

    /// `may_be_long`: a crash in this phase should find it in the record.
    pub fn enter(&self, phase: PhaseType, may_be_long: bool) {
        let now = self.service.now();
        self.show(|build| build.enter(phase, now));
        if may_be_long {
            self.save();
        }
        if phase.has_log_lines() {
            self.note(&format!("Entering phase {}", phase.name()));
        }
    }

    pub fn leave(&self, end: &PhaseEnd) {
        let now = self.service.now();
        let contexts = end.contexts().into_iter().map(|context| self.masked(context)).collect::<Vec<_>>();
        let phase = self.build().current_phase;
        if phase.has_log_lines() || !matches!(end, PhaseEnd::Succeeded) {
            let none = PhaseContext::new("", "");
            let context = contexts.first().unwrap_or(&none);
            self.hold(&format!("Phase complete: {} State: {}", phase.name(), end.status().name()));
            self.hold(&format!(
                "Phase context status code: {} Message: {}",
                context.status_code, context.message
            ));
        }
        self.show(|build| build.leave(end.status(), contexts, now));
        self.put_phase_change();
    }

    pub fn export(&self, variables: Vec<ExportedVariable>) {
        self.show(|build| build.exported_environment_variables = variables);
    }

    pub fn add_report(&self, arn: String) {
        self.show(|build| build.report_arns.push(arn));
    }

    /// `index`: of the secondary artifact; none: the primary one.
    pub fn set_artifacts(&self, index: Option<usize>, artifacts: BuildArtifacts) {
        self.show(|build| match index {
            None => build.artifacts = artifacts,
            Some(index) => {
                if let Some(secondary) = build.secondary_artifacts.get_mut(index) {
                    *secondary = artifacts;
                }
            }
        });
    }

    /// The build's end. The log is complete before the record says that the build is.
    pub fn complete(&self) {
        self.write(None);
        // What could not be written is reported in the FINALIZING phase; after it there is no log.
        let _ = self.log.close();
        let now = self.service.now();
        self.kept().stored.build.complete(now);
        if self.save() {
            return self.tell_end();
        }
        // Who asked after an end that is told and not recorded would hear that the build still runs.
        let recorder = self.clone();
        tokio::spawn(async move {
            while !recorder.service.records().is_shut_down && !recorder.save() {
                tokio::time::sleep(UNTIL_THERE_IS_SPACE).await;
            }
            recorder.tell_end();
        });
    }

    fn tell_end(&self) {
        self.service.forget(&self.build().id);
        self.put_phase_change();
        self.put_state_change();
    }

    /// The end of a build whose runner broke.
    pub fn fault(&self, message: &str) {
        if self.build().build_complete {
            return;
        }
        self.note(message);
        let now = self.service.now();
        let context = self.masked(PhaseContext::new("INTERNAL_ERROR", message));
        self.show(|build| build.leave(BuildStatus::Fault, vec![context], now));
        self.complete();
    }

    /// A line of the log with CodeBuild's prefix.
    pub fn note(&self, text: &str) {
        self.write(Some(self.line(text)));
    }

    /// As [`Recorder::note`], with the next one.
    fn hold(&self, text: &str) {
        let line = self.line(text);
        self.kept().held_lines.push(line);
    }

    fn line(&self, text: &str) -> String {
        format!("[Container] {} {text}", self.service.now().in_log())
    }

    fn write(&self, line: Option<String>) {
        let mut lines = std::mem::take(&mut self.kept().held_lines);
        lines.extend(line);
        if !lines.is_empty() {
            self.log.note(&lines.join("\n"));
        }
    }

    fn masked(&self, context: PhaseContext) -> PhaseContext {
        PhaseContext { message: self.log.masked(&context.message), ..context }
    }

    /// Callers see the change at once; it is on the disk when its phase has ended.
    fn show(&self, change: impl FnOnce(&mut Build)) {
        let mut kept = self.kept();
        change(&mut kept.stored.build);
        self.service.show(&kept.stored.build);
    }

    /// Whether it is written; a disk may be full.
    fn save(&self) -> bool {
        let kept = &mut *self.kept();
        let saved = kept.record.save(&kept.stored);
        if let Err(error) = &saved {
            tracing::error!(build = kept.stored.build.id, %error, "the build's record was not written");
        }
        saved.is_ok()
    }

    /// There are some ten for each build, with all of it in each of them.
    fn put_phase_change(&self) {
        if !self.service.events.is_awaited(events::SOURCE, events::PHASE_CHANGE) {
            return;
        }
        let build = self.build();
        if let Some(phase) = build.phases.last() {
            let id = self.service.new_uuid();
            let now = self.service.now();
            let event = events::phase_change(&build, phase, &self.service.settings.account, &id, now);
            self.service.events.put_event(event);
        }
    }

    fn put_state_change(&self) {
        let id = self.service.new_uuid();
        let now = self.service.now();
        let event = events::state_change(&self.build(), &self.service.settings.account, &id, now);
        self.service.events.put_event(event);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
