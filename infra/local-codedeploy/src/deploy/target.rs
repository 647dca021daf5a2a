//! The lifecycle of one target.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_process::Stop;
use local_service::{read_record, write_record};

use super::hooks::Hooks;
use super::left_behind::{HOOK_MARK, hook_mark};
use super::prepare::{Revision, clean_up, read_spec, unpack_and_check};
use super::target_log::TargetLog;
use crate::appspec::{AppSpec, Script};
use crate::host::Host;
use crate::install::{Request, Root, install, plan};
use crate::lifecycle::{Diagnostics, ErrorCode, LifecycleEvent, TargetStatus};
use crate::record::{Deployment, TargetRecord, TargetState};
use crate::service::{Inner, Keep};

pub(super) struct TargetRun {
    pub(super) inner: Arc<Inner>,
    pub(super) deployment: Arc<Deployment>,
    pub(super) index: usize,
    pub(super) log: TargetLog,
    pub(super) stop: Stop,
}

/// What an event has to do.
enum Work {
    Nothing,
    Install,
    Scripts { archive: PathBuf, scripts: Vec<Script> },
}

impl TargetRun {
    pub(super) async fn finished(self) -> TargetStatus {
        let target = &self.record().target;
        self.log.note(&format!("Target - {} ({})", target.name, target.root.display()));
        let state = match self.read_state() {
            Ok(state) => state,
            Err(message) => {
                return self.finish(LifecycleEvent::DownloadBundle, Diagnostics::unknown(message), Keep::Now);
            }
        };
        // Before ApplicationStop, although it comes later in the order: nothing is stopped for a
        // revision that cannot be deployed.
        let revision = match self.prepare().await {
            Ok(revision) => Arc::new(revision),
            Err(diagnostics) => {
                self.log.note(&diagnostics.message);
                return self.finish(LifecycleEvent::DownloadBundle, diagnostics, Keep::Now);
            }
        };
        self.note_passed_over(&revision.spec);
        for event in LifecycleEvent::ORDER {
            if self.stop.reason().is_some() {
                break;
            }
            let status = self.go_through(event, &revision, &state).await;
            if status != TargetStatus::InProgress {
                return status;
            }
        }
        // Stopped between two events: the rest is skipped when the deployment ends.
        TargetStatus::Failed
    }

    async fn go_through(
        &self,
        event: LifecycleEvent,
        revision: &Arc<Revision>,
        state: &TargetState,
    ) -> TargetStatus {
        let work = match self.work_of(event, revision, state) {
            Ok(work) => work,
            Err(diagnostics) => return self.finish(event, diagnostics, Keep::Now),
        };
        self.log.note(&format!("LifecycleEvent - {}", event.name()));
        if matches!(work, Work::Nothing) {
            // Nothing that a crash could interrupt: the next record tells it too.
            return self.finish(event, Diagnostics::success(String::new()), Keep::Later);
        }
        self.change(Keep::Now, |target, now| target.events.start(event, now));
        let diagnostics = match work {
            Work::Nothing => Diagnostics::success(String::new()),
            Work::Install => self.install(revision.clone(), state).await,
            Work::Scripts { archive, scripts } => self.hooks(event, &archive, &scripts).await,
        };
        self.finish(event, diagnostics, Keep::Later)
    }

    fn work_of(
        &self,
        event: LifecycleEvent,
        revision: &Revision,
        state: &TargetState,
    ) -> Result<Work, Diagnostics> {
        let scripts_of = |archive: &Path, spec: &AppSpec| match spec.hooks.get(&event) {
            Some(scripts) if !scripts.is_empty() => {
                Work::Scripts { archive: archive.into(), scripts: scripts.clone() }
            }
            _ => Work::Nothing,
        };
        match event {
            // Done before, with the checks.
            LifecycleEvent::DownloadBundle => Ok(Work::Nothing),
            LifecycleEvent::Install => Ok(Work::Install),
            // With the scripts of the revision that was installed last, as AWS does.
            LifecycleEvent::ApplicationStop => {
                let Some(previous) = &state.last_installed_deployment else {
                    self.log.note("No revision is installed yet: there is nothing to stop");
                    return Ok(Work::Nothing);
                };
                let archive = self.archive(previous);
                match read_spec(&archive) {
                    Ok(spec) => Ok(scripts_of(&archive, &spec)),
                    Err(message) => {
                        Err(Diagnostics::unknown(format!("of the deployment {previous}: {message}")))
                    }
                }
            }
            LifecycleEvent::BeforeInstall
            | LifecycleEvent::AfterInstall
            | LifecycleEvent::ApplicationStart
            | LifecycleEvent::ValidateService => Ok(scripts_of(&revision.archive, &revision.spec)),
        }
    }

    async fn prepare(&self) -> Result<Revision, Diagnostics> {
        let location = &self.deployment.revision;
        let bundle = self.inner.revisions().get(location).await.map_err(|error| {
            let place = format!("s3://{}/{}", location.bucket, location.key);
            Diagnostics::unknown(format!("The revision {place} cannot be fetched: {}", error.message))
        })?;
        let archive = self.archive(&self.deployment.id);
        let as_current_user = self.inner.settings().as_current_user;
        let root = self.record().target.root.clone();
        let work = move || {
            let host = (!as_current_user).then(Host::current);
            let revision = unpack_and_check(bundle, &archive, host.as_ref())?;
            // BeforeInstall may already count on it.
            match Root::open(&root) {
                Ok(_) => Ok(revision),
                Err(error) => Err(Diagnostics::unknown(format!("{}: {error}", root.display()))),
            }
        };
        blocking(work).await?
    }

    async fn hooks(&self, event: LifecycleEvent, archive: &Path, scripts: &[Script]) -> Diagnostics {
        let hooks = Hooks {
            archive,
            environment: self.environment(event),
            log: &self.log,
            stop: &self.stop,
            clock: self.inner.clock(),
        };
        hooks.run(scripts).await
    }

    async fn install(&self, revision: Arc<Revision>, state: &TargetState) -> Diagnostics {
        let (root, state_path) = (self.record().target.root.clone(), self.state_path());
        let behavior = self.deployment.file_exists_behavior;
        let as_current_user = self.inner.settings().as_current_user;
        let (deployment_id, mut state) = (self.deployment.id.clone(), state.clone());
        let log = self.log.clone();
        let work = move || -> Result<(), String> {
            let Revision { archive, spec, contents } = &*revision;
            let root = Root::open(&root).map_err(|error| format!("{}: {error}", root.display()))?;
            let previous = state.installed.clone();
            let request = Request { spec, contents, previous: &previous, behavior, as_current_user };
            let existing = |path: &str| root.existing(path).unwrap_or(crate::install::Existing::Blocked);
            let plan = plan(&request, &existing)?;
            for path in &plan.retained {
                log.note(&format!("/{path} exists and is retained"));
            }
            let mut remember = |installed: &[String]| {
                state.installed = installed.to_vec();
                write_record(&state_path, &state)
            };
            install(&root, archive, &plan, &previous, &mut remember).map_err(|error| error.to_string())?;
            state.installed.clone_from(&plan.installed);
            state.last_installed_deployment = Some(deployment_id.clone());
            write_record(&state_path, &state).map_err(|error| error.to_string())?;
            log.note(&format!("Installed {} files and directories", plan.installed.len()));
            if let Some(archives) = archive.parent() {
                clean_up(archives, &[&deployment_id]).map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        match blocking(work).await {
            Ok(Ok(())) => Diagnostics::success(String::new()),
            Ok(Err(message)) => {
                self.log.note(&message);
                Diagnostics::unknown(message)
            }
            Err(diagnostics) => diagnostics,
        }
    }

    fn environment(&self, event: LifecycleEvent) -> Vec<(String, String)> {
        let deployment = &self.deployment;
        let location = &deployment.revision;
        let root = self.record().target.root.display().to_string();
        let mut environment: Vec<(String, String)> =
            self.inner.settings().environment.clone().into_iter().collect();
        let mut add = |name: &str, value: &str| environment.push((name.into(), value.into()));
        add("LIFECYCLE_EVENT", event.name());
        add("DEPLOYMENT_ID", &deployment.id);
        add("APPLICATION_NAME", &deployment.application);
        add("DEPLOYMENT_GROUP_NAME", &deployment.group);
        add("DEPLOYMENT_GROUP_ID", &deployment.group_id);
        add("BUNDLE_BUCKET", &location.bucket);
        add("BUNDLE_KEY", &location.key);
        add("CODEDEPLOY_TARGET_ROOT", &root);
        add(HOOK_MARK, &hook_mark(&deployment.id, &self.record().target.name, event));
        for (name, value) in [("BUNDLE_VERSION", &location.version), ("BUNDLE_ETAG", &location.e_tag)] {
            if let Some(value) = value {
                add(name, value);
            }
        }
        environment
    }

    fn note_passed_over(&self, spec: &AppSpec) {
        for hook in &spec.traffic_hooks {
            self.log.note(&format!("{hook} is not run: there is no load balancer here"));
        }
        let names_users = spec.hooks.values().flatten().any(|script| script.runas.is_some())
            || spec.permissions.iter().any(|one| one.owner.is_some() || one.group.is_some());
        if names_users && self.inner.settings().as_current_user {
            self.log.note("runas, owner and group are passed over: everything is done as the current user");
        }
    }

    fn finish(&self, event: LifecycleEvent, diagnostics: Diagnostics, keep: Keep) -> TargetStatus {
        let goes_on = event == LifecycleEvent::ApplicationStop
            && self.deployment.ignore_application_stop_failures
            && self.stop.reason().is_none();
        if goes_on && diagnostics.error_code != ErrorCode::Success {
            self.log.note("The failure of ApplicationStop is ignored, as the deployment says");
        }
        self.change(keep, |target, now| target.events.finish(event, diagnostics, goes_on, now))
    }

    fn change(&self, keep: Keep, change: impl FnOnce(&mut TargetRecord, i64)) -> TargetStatus {
        let now = self.inner.now();
        let mut status = TargetStatus::Failed;
        self.inner.change(&self.deployment.id, keep, |deployment| {
            if let Some(target) = deployment.targets.get_mut(self.index) {
                change(target, now);
                target.updated = now;
                status = target.events.status();
            }
        });
        status
    }

    fn record(&self) -> &TargetRecord {
        &self.deployment.targets[self.index]
    }

    fn directory(&self) -> PathBuf {
        self.inner.target_directory(&self.deployment.group_id, &self.record().target.name)
    }

    fn archive(&self, deployment_id: &str) -> PathBuf {
        self.directory().join("archives").join(deployment_id)
    }

    fn state_path(&self) -> PathBuf {
        self.directory().join("state.json")
    }

    fn read_state(&self) -> Result<TargetState, String> {
        let state = read_record(&self.state_path()).map_err(|error| error.to_string())?;
        Ok(state.unwrap_or_default())
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Diagnostics> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Diagnostics::unknown(format!("the local CodeDeploy failed: {error}")))
}
