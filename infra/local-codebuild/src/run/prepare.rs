//! The DOWNLOAD_SOURCE phase: sources, buildspec, secrets, and all that can be refused before a command
//! runs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use local_process::Mask;

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed, fault};
use super::runtimes::runtime_notice;
use super::session::{Ends, ShellSession};
use crate::buildspec::{self, Buildspec};
use crate::environment::{self, Places, VariableSource};
use crate::model::ProjectArtifacts;
use crate::secrets;

impl Run {
    pub(super) async fn download_source(&mut self) -> PhaseEnd {
        match self.prepare().await {
            Ok(()) => PhaseEnd::Succeeded,
            Err(end) => end,
        }
    }

    async fn prepare(&mut self) -> Result<(), PhaseEnd> {
        let build = self.recorder.build();
        let source = self.workspace.source();
        self.fetch(&build.source, &source).await?;
        let mut secondary_sources = Vec::new();
        for secondary in &build.secondary_sources {
            let identifier = secondary.source_identifier.clone().unwrap_or_default();
            let directory = self.workspace.secondary_source(&identifier);
            self.fetch(secondary, &directory).await?;
            secondary_sources.push((identifier, directory));
        }
        self.recorder.note(&format!("CODEBUILD_SRC_DIR={}", source.display()));
        let (text, name) = self.read_buildspec(build.source.buildspec.as_deref(), &source).await?;
        let buildspec =
            buildspec::parse(&text).map_err(|error| failed("YAML_FILE_ERROR", format!("{name}: {error}")))?;
        check_artifacts(&buildspec, &self.order.secondary_artifacts)?;
        check_user(&buildspec, &self.current_user())?;
        self.announce(&buildspec);
        let variables = self.variables(&buildspec, &source, &secondary_sources).await?;
        self.start_session(&buildspec, source, variables)?;
        self.buildspec = Some(buildspec);
        self.restore_cache().await
    }

    /// With the values of secrets, which the log hides from now on.
    async fn variables(
        &self,
        buildspec: &Buildspec,
        source: &Path,
        secondary_sources: &[(String, PathBuf)],
    ) -> Result<BTreeMap<String, String>, PhaseEnd> {
        let (home, temporary) = (self.workspace.home(), self.workspace.temporary());
        let temporary = self.service.settings.sandbox.as_ref().map(|_| temporary.as_path());
        let places = Places { source, secondary_sources, home: &home, temporary };
        let sources =
            environment::variables(&self.recorder.build(), buildspec, &self.service.settings, &places);
        let mut variables = BTreeMap::new();
        let mut hidden = Vec::new();
        for (name, source) in sources {
            let value = match source {
                VariableSource::Plain(value) => value,
                VariableSource::Secret(reference) => {
                    let value = secrets::resolve(&self.service.settings, &name, &reference).await;
                    let value = value.map_err(PhaseEnd::Failed)?;
                    if !Mask::can_hide(&value) {
                        self.recorder.note(&format!(
                            "Warning: the value of {name} is shorter than {} characters; it is not masked",
                            local_process::SHORTEST_MASKED_BYTES
                        ));
                    }
                    hidden.push(value.clone());
                    value
                }
            };
            variables.insert(name, value);
        }
        if !hidden.is_empty() {
            self.log.hide(Mask::new(hidden.iter().map(String::as_str)));
        }
        Ok(variables)
    }

    fn start_session(
        &mut self,
        buildspec: &Buildspec,
        source: PathBuf,
        variables: BTreeMap<String, String>,
    ) -> Result<(), PhaseEnd> {
        let ends = Ends { log: self.log.clone(), stop: self.stop.clone(), grace: self.grace() };
        let folder = self.workspace.session();
        let sandbox = self.service.settings.sandbox.as_ref();
        let sandbox =
            sandbox.map(|sandbox| sandbox.for_build(&self.service.settings.variables, &self.workspace));
        let session = ShellSession::new(buildspec, folder, source, variables, sandbox, ends);
        self.session = Some(session.map_err(|message| fault("SHELL_ERROR", message))?);
        Ok(())
    }

    /// The owner of what we create. Only root is known without looking into the user database.
    fn current_user(&self) -> String {
        let is_root = fs::metadata(self.workspace.root()).is_ok_and(|metadata| metadata.uid() == 0);
        let named = self.service.settings.variables.get("USER").cloned();
        if is_root { "root".into() } else { named.unwrap_or_else(|| "the current user".into()) }
    }

    /// Says what differs from CodeBuild, before the commands do.
    fn announce(&self, buildspec: &Buildspec) {
        let image = self.recorder.build().environment.image;
        self.recorder.note(&format!("Commands run on this host, not in the image {image}"));
        for notice in self.order.notices.iter().chain(&buildspec.notices) {
            self.recorder.note(&format!("Notice: {notice}"));
        }
        let path = self.service.settings.variables.get("PATH").map(String::as_str).unwrap_or_default();
        for (runtime, version) in &buildspec.runtime_versions {
            self.recorder.note(&format!("Notice: {}", runtime_notice(runtime, version, path)));
        }
    }
}

fn check_artifacts(buildspec: &Buildspec, asked_for: &[ProjectArtifacts]) -> Result<(), PhaseEnd> {
    for artifacts in asked_for {
        let identifier = artifacts.artifact_identifier.as_deref().unwrap_or_default();
        if !buildspec.secondary_artifacts.iter().any(|(defined, _)| defined == identifier) {
            let message = format!(
                "the build has to make the artifact {identifier}, but the buildspec has no \
                 artifacts.secondary-artifacts.{identifier}; add it, with files"
            );
            return Err(failed("YAML_FILE_ERROR", message));
        }
    }
    Ok(())
}

/// Commands run as the current user and as nobody else.
fn check_user(buildspec: &Buildspec, current: &str) -> Result<(), PhaseEnd> {
    match buildspec.run_as.iter().find(|user| *user != current) {
        None => Ok(()),
        Some(user) => {
            let message = format!("run-as {user} is not supported here: commands run as {current}");
            Err(failed("YAML_FILE_ERROR", message))
        }
    }
}
