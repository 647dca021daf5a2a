//! The lifecycle of one target.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use local_process::{Log, Stop};
use local_service::{read_record, write_record};

use super::hooks::Hooks;
use super::prepare::{Revision, clean_up, read_spec, unpack_and_check};
use crate::appspec::AppSpec;
use crate::host::Host;
use crate::install::{Request, Root, install, plan};
use crate::lifecycle::{Diagnostics, ErrorCode, LifecycleEvent, TargetStatus};
use crate::record::{Deployment, TargetRecord, TargetState};
use crate::service::Inner;

pub(super) struct TargetRun<'r> {
    pub(super) inner: &'r Arc<Inner>,
    pub(super) deployment: &'r Deployment,
    pub(super) index: usize,
    pub(super) log: &'r Log,
    pub(super) stop: &'r Stop,
}

impl TargetRun<'_> {
    pub(super) async fn to_end(&self) -> TargetStatus {
        let target = &self.record().target;
        self.log.note(&format!("Target - {} ({})", target.name, target.root.display()));
        let state = match self.read_state() {
            Ok(state) => state,
            Err(message) => {
                return self.finish(LifecycleEvent::DownloadBundle, Diagnostics::unknown(message));
            }
        };
        // Before ApplicationStop, although it comes later in the order: nothing is stopped for a
        // revision that cannot be deployed.
        let revision = match self.prepare().await {
            Ok(revision) => revision,
            Err(diagnostics) => {
                self.log.note(&diagnostics.message);
                return self.finish(LifecycleEvent::DownloadBundle, diagnostics);
            }
        };
        self.note_passed_over(&revision.spec);
        let mut status = TargetStatus::InProgress;
        for event in LifecycleEvent::ORDER {
            if self.stop.reason().is_some() || !matches!(status, TargetStatus::InProgress) {
                break;
            }
            self.change(|target, now| target.events.start(event, now));
            self.log.note(&format!("LifecycleEvent - {}", event.name()));
            let diagnostics = match event {
                LifecycleEvent::ApplicationStop => self.application_stop(&state).await,
                LifecycleEvent::DownloadBundle => Diagnostics::success(String::new()),
                LifecycleEvent::Install => self.install(&revision, &state).await,
                LifecycleEvent::BeforeInstall
                | LifecycleEvent::AfterInstall
                | LifecycleEvent::ApplicationStart
                | LifecycleEvent::ValidateService => {
                    self.hooks(event, &revision.archive, &revision.spec).await
                }
            };
            status = self.finish(event, diagnostics);
        }
        status
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
            let revision = unpack_and_check(bundle, &archive, &Host::current(), as_current_user)?;
            // BeforeInstall may already count on it.
            match Root::open(&root) {
                Ok(_) => Ok(revision),
                Err(error) => Err(Diagnostics::unknown(format!("{}: {error}", root.display()))),
            }
        };
        blocking(work).await?
    }

    /// With the scripts of the revision that was installed last, as AWS does.
    async fn application_stop(&self, state: &TargetState) -> Diagnostics {
        let Some(previous) = &state.last_installed_deployment else {
            self.log.note("No revision is installed yet: there is nothing to stop");
            return Diagnostics::success(String::new());
        };
        let archive = self.archive(previous);
        match read_spec(&archive) {
            Ok(spec) => self.hooks(LifecycleEvent::ApplicationStop, &archive, &spec).await,
            Err(message) => Diagnostics::unknown(format!("of the deployment {previous}: {message}")),
        }
    }

    async fn hooks(&self, event: LifecycleEvent, archive: &Path, spec: &AppSpec) -> Diagnostics {
        let Some(scripts) = spec.hooks.get(&event) else { return Diagnostics::success(String::new()) };
        let environment = self.environment(event);
        Hooks { archive, environment, log: self.log, stop: self.stop }.run(scripts).await
    }

    async fn install(&self, revision: &Revision, state: &TargetState) -> Diagnostics {
        let Revision { archive, spec, contents } = revision;
        let (archive, spec, contents) = (archive.clone(), spec.clone(), contents.clone());
        let (root, state_path) = (self.record().target.root.clone(), self.state_path());
        let previous = state.installed.clone();
        let behavior = self.deployment.file_exists_behavior;
        let as_current_user = self.inner.settings().as_current_user;
        let (deployment_id, mut state) = (self.deployment.id.clone(), state.clone());
        let log = self.log.clone();
        let work = move || -> Result<(), String> {
            let root = Root::open(&root).map_err(|error| format!("{}: {error}", root.display()))?;
            let request =
                Request { spec: &spec, contents: &contents, previous: &previous, behavior, as_current_user };
            let existing = |path: &str| root.existing(path).unwrap_or(crate::install::Existing::Blocked);
            let plan = plan(&request, &existing)?;
            for path in &plan.retained {
                log.note(&format!("/{path} exists and is retained"));
            }
            let mut remember = |installed: &[String]| {
                state.installed = installed.to_vec();
                write_record(&state_path, &state)
            };
            install(&root, &archive, &plan, &previous, &Host::current(), &mut remember)
                .map_err(|error| error.to_string())?;
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
        let deployment = self.deployment;
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

    fn finish(&self, event: LifecycleEvent, diagnostics: Diagnostics) -> TargetStatus {
        let goes_on = event == LifecycleEvent::ApplicationStop
            && self.deployment.ignore_application_stop_failures
            && self.stop.reason().is_none();
        if goes_on && diagnostics.error_code != ErrorCode::Success {
            self.log.note("The failure of ApplicationStop is ignored, as the deployment says");
        }
        self.change(|target, now| target.events.finish(event, diagnostics, goes_on, now))
    }

    fn change(&self, change: impl FnOnce(&mut TargetRecord, i64)) -> TargetStatus {
        let now = self.inner.now();
        let updated = self.inner.update(&self.deployment.id, |deployment| {
            if let Some(target) = deployment.targets.get_mut(self.index) {
                change(target, now);
                target.updated = now;
            }
        });
        let target = updated.as_ref().and_then(|deployment| deployment.targets.get(self.index));
        target.map_or(TargetStatus::Failed, |target| target.events.status())
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
