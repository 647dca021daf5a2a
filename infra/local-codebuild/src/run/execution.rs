//! One build from its queue to its end: what each phase does, and what is cleaned up.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use local_process::{Log, Stop, StopReason};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;

use super::phase_end::{PhaseEnd, fault};
use super::recorder::Recorder;
use super::session::ShellSession;
use super::workspace::Workspace;
use crate::buildspec::{Buildspec, OnFailure};
use crate::leftovers::end_marked;
use crate::model::ProjectArtifacts;
use crate::plan::{PhaseType, next_phase};
use crate::service_state::ServiceState;
use crate::store::{BuildRecord, StoredBuild};

/// What a build's record does not hold in full: where its results go.
pub struct Order {
    pub artifacts: ProjectArtifacts,
    pub secondary_artifacts: Vec<ProjectArtifacts>,
    /// What of the start has no effect here, for the log.
    pub notices: Vec<String>,
}

/// A build that is known to callers and does not run yet.
pub struct StartedBuild {
    pub stored: StoredBuild,
    pub record: BuildRecord,
    pub log: Log,
    pub stop: Stop,
}

/// Runs the build in the background, to its end in any case.
pub fn spawn(service: Arc<ServiceState>, started: StartedBuild, order: Order) {
    let StartedBuild { stored, record, log, stop } = started;
    let recorder = Recorder::new(service.clone(), stored, record, log.clone());
    tokio::spawn(async move {
        let run = Run::new(service, order, log, stop, recorder.clone());
        if let Err(error) = tokio::spawn(run.execute()).await {
            recorder.fault(&format!("The build's runner broke: {error}"));
        }
    });
    local_service::hand_over(&Handle::current());
}

pub(super) struct Run {
    pub(super) service: Arc<ServiceState>,
    pub(super) order: Order,
    pub(super) log: Log,
    pub(super) stop: Stop,
    pub(super) recorder: Recorder,
    pub(super) workspace: Workspace,
    pub(super) permit: Option<OwnedSemaphorePermit>,
    pub(super) deadline: Option<AbortHandle>,
    pub(super) buildspec: Option<Buildspec>,
    pub(super) session: Option<ShellSession>,
    /// Of the exported variables, those that must not be exported and were told of.
    pub(super) unexported: BTreeSet<String>,
}

impl Run {
    fn new(service: Arc<ServiceState>, order: Order, log: Log, stop: Stop, recorder: Recorder) -> Self {
        let build = recorder.build();
        let session = service.store.session_path(build.uuid());
        let workspace = Workspace::new(service.store.work_path(build.uuid()), session);
        Self {
            service,
            order,
            log,
            stop,
            recorder,
            workspace,
            permit: None,
            deadline: None,
            buildspec: None,
            session: None,
            unexported: BTreeSet::new(),
        }
    }

    async fn execute(mut self) {
        self.recorder.started();
        self.recorder.leave(&PhaseEnd::Succeeded);
        let mut phase = PhaseType::Queued;
        while phase != PhaseType::Completed {
            self.recorder.enter(phase, self.may_be_long(phase));
            let end = match self.stop.reason() {
                Some(reason) => PhaseEnd::Stopped(reason),
                None => self.perform(phase).await,
            };
            self.recorder.leave(&end);
            phase = match end {
                PhaseEnd::Stopped(_) => PhaseType::Completed,
                end => next_phase(phase, matches!(end, PhaseEnd::Succeeded), &self.on_failure(phase)),
            };
        }
        self.clean_up().await;
        self.recorder.complete();
    }

    async fn perform(&mut self, phase: PhaseType) -> PhaseEnd {
        match phase {
            PhaseType::Queued => self.wait_for_slot().await,
            PhaseType::Provisioning => self.provision(),
            PhaseType::DownloadSource => self.download_source().await,
            PhaseType::Install | PhaseType::PreBuild | PhaseType::Build | PhaseType::PostBuild => {
                self.run_commands(phase).await
            }
            PhaseType::UploadArtifacts => self.upload_artifacts().await,
            PhaseType::Finalizing => self.finalize().await,
            PhaseType::Submitted | PhaseType::Completed => PhaseEnd::Succeeded,
        }
    }

    fn may_be_long(&self, phase: PhaseType) -> bool {
        match phase {
            PhaseType::DownloadSource | PhaseType::UploadArtifacts => true,
            _ => self
                .buildspec
                .as_ref()
                .and_then(|buildspec| buildspec.phase(phase))
                .is_some_and(|commands| !commands.commands.is_empty() || !commands.finally.is_empty()),
        }
    }

    fn on_failure(&self, phase: PhaseType) -> OnFailure {
        let Some(buildspec) = &self.buildspec else { return OnFailure::Unspecified };
        buildspec.phase(phase).map_or(OnFailure::Unspecified, |commands| commands.on_failure.clone())
    }

    async fn wait_for_slot(&mut self) -> PhaseEnd {
        let build = self.recorder.build();
        let deadline = build.start_time.0 + i64::from(build.queued_timeout_in_minutes) * 60_000;
        let slots = self.service.slots.clone();
        let permit = tokio::select! {
            biased;
            reason = self.stop.requested() => return PhaseEnd::Stopped(reason),
            permit = slots.acquire_owned() => permit,
            () = self.service.clock.sleep_until(deadline) => return PhaseEnd::Stopped(StopReason::TimedOut),
        };
        self.permit = permit.ok();
        self.start_deadline(build.timeout_in_minutes);
        PhaseEnd::Succeeded
    }

    /// The build's time begins when it leaves the queue.
    fn start_deadline(&mut self, timeout_in_minutes: u32) {
        let (clock, stop) = (self.service.clock.clone(), self.stop.clone());
        let deadline = clock.now() + i64::from(timeout_in_minutes) * 60_000;
        let task = tokio::spawn(async move {
            clock.sleep_until(deadline).await;
            stop.request(StopReason::TimedOut);
        });
        self.deadline = Some(task.abort_handle());
    }

    fn provision(&mut self) -> PhaseEnd {
        if let Some(Err(error)) = self.service.sandbox_check() {
            return fault("PROVISIONING_ERROR", error.to_string());
        }
        match self.workspace.create(self.service.settings.sandbox.is_some()) {
            Ok(()) => PhaseEnd::Succeeded,
            Err(error) => fault("PROVISIONING_ERROR", error.to_string()),
        }
    }

    /// All that the build started ends here, so that a log is complete when its build is.
    async fn finalize(&mut self) -> PhaseEnd {
        self.end_session().await;
        match self.log.failure() {
            Some(error) => fault("LOG_ERROR", error.to_string()),
            None => PhaseEnd::Succeeded,
        }
    }

    async fn end_session(&mut self) {
        let Some(session) = self.session.take() else { return };
        let arn = self.recorder.build().arn;
        if !session.end().await {
            // Somebody may be left who prints nothing. That is looked for later, as it takes time.
            self.service.look_for_leftovers(arn);
            return;
        }
        let ended = tokio::task::spawn_blocking(move || end_marked(&[arn])).await.unwrap_or_default();
        for line in ended {
            self.recorder.note(&line);
        }
    }

    async fn clean_up(&mut self) {
        self.end_session().await;
        if let Err(error) = self.workspace.remove_session() {
            self.recorder.note(&format!("The shell's state was not removed: {error}"));
        }
        if let Some(deadline) = self.deadline.take() {
            deadline.abort();
        }
        let is_good = self.recorder.build().is_succeeding();
        let workspace = self.workspace.clone();
        match workspace.is_to_keep(is_good, self.service.settings.kept_work_directories) {
            true => {
                self.recorder.note(&format!("The work directory is kept: {}", workspace.root().display()))
            }
            // Nobody waits for it: on a busy disk it takes longer than a small build.
            false => self.service.remove_behind(workspace),
        }
        self.permit = None;
    }

    pub(super) fn grace(&self) -> Duration {
        self.service.settings.stop_grace
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(deadline) = self.deadline.take() {
            deadline.abort();
        }
    }
}
