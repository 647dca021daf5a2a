//! The DOWNLOAD_SOURCE phase: sources, buildspec, and all that can be refused before a command runs.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use archive::Limits;
use local_service::ApiError;

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed, fault};
use super::session::{Ends, ShellSession};
use crate::buildspec::{self, Buildspec};
use crate::environment::{self, Places};
use crate::model::{ProjectArtifacts, ProjectSource, SourceType};
use crate::names::parse_object;

const DEFAULT_BUILDSPEC: &str = "buildspec.yml";

/// Whether `buildspec` is a buildspec's text; else it is the path of one in the source.
pub fn is_buildspec_text(buildspec: &str) -> bool {
    buildspec.contains('\n') || buildspec.trim_start().starts_with('{') || buildspec.contains(": ")
}

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
        let buildspec = self.read_buildspec(build.source.buildspec.as_deref(), &source)?;
        check_artifacts(&buildspec, &self.order.secondary_artifacts)?;
        self.announce(&buildspec);
        let home = self.workspace.home();
        let places = Places { source: &source, secondary_sources: &secondary_sources, home: &home };
        let variables = environment::variables(&build, &buildspec, &self.service.settings, &places);
        check_user(&buildspec, &self.current_user())?;
        let ends = Ends { log: self.log.clone(), stop: self.stop.clone(), grace: self.grace() };
        let folder = self.workspace.session();
        let session = ShellSession::start(&buildspec, &folder, source, variables, ends);
        self.session = Some(session.map_err(|message| fault("SHELL_ERROR", message))?);
        self.buildspec = Some(buildspec);
        Ok(())
    }

    async fn fetch(&self, source: &ProjectSource, directory: &Path) -> Result<(), PhaseEnd> {
        let object = source.location.as_deref().and_then(parse_object);
        let (bucket, key) = match (source.source_type, object) {
            (SourceType::S3, Some(object)) => object,
            _ => {
                let created = fs::create_dir_all(directory);
                return created.map_err(|error| fault("PROVISIONING_ERROR", error.to_string()));
            }
        };
        self.recorder.note(&format!("Downloading source s3://{bucket}/{key}"));
        let bytes = tokio::select! {
            biased;
            reason = self.stop.requested() => return Err(PhaseEnd::Stopped(reason)),
            read = self.service.objects.get(bucket, key) => read,
        };
        let bytes = bytes.map_err(|error| object_error(&error, bucket, key))?;
        let target = directory.to_owned();
        let unpacked = tokio::task::spawn_blocking(move || {
            archive::unpack(Cursor::new(bytes), &target, &Limits::default())
        })
        .await
        .map_err(|error| fault("INTERNAL_ERROR", error.to_string()))?;
        unpacked.map(|_| ()).map_err(|error| {
            failed("CLIENT_ERROR", format!("the source s3://{bucket}/{key} cannot be unpacked: {error}"))
        })
    }

    fn read_buildspec(&self, given: Option<&str>, source: &Path) -> Result<Buildspec, PhaseEnd> {
        let given = given.unwrap_or(DEFAULT_BUILDSPEC);
        if is_buildspec_text(given) {
            return buildspec::parse(given)
                .map_err(|error| failed("YAML_FILE_ERROR", format!("the buildspec of the build: {error}")));
        }
        let path = buildspec_path(given, source)?;
        self.recorder.note(&format!("YAML location is {}", path.display()));
        let text = fs::read_to_string(&path).map_err(|error| {
            failed("YAML_FILE_ERROR", format!("cannot read the buildspec {given}: {error}"))
        })?;
        buildspec::parse(&text).map_err(|error| failed("YAML_FILE_ERROR", format!("{given}: {error}")))
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
        for notice in &buildspec.notices {
            self.recorder.note(&format!("Notice: {notice}"));
        }
        for (runtime, version) in &buildspec.runtime_versions {
            self.recorder.note(&format!(
                "Notice: runtime-versions asks for {runtime} {version}; what the host has in its PATH is used"
            ));
        }
    }
}

fn buildspec_path(given: &str, source: &Path) -> Result<PathBuf, PhaseEnd> {
    if given.starts_with("arn:") {
        let message = format!("the buildspec {given} is outside of the source, which is not supported here");
        return Err(failed("YAML_FILE_ERROR", message));
    }
    let leaves = failed("YAML_FILE_ERROR", format!("the buildspec {given} is not inside of the source"));
    if Path::new(given).is_absolute() || Path::new(given).components().any(|part| part.as_os_str() == "..") {
        return Err(leaves);
    }
    let missing =
        |error| failed("YAML_FILE_ERROR", format!("there is no buildspec {given} in the source: {error}"));
    let path = fs::canonicalize(source.join(given)).map_err(missing)?;
    if path.starts_with(source) { Ok(path) } else { Err(leaves) }
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

fn object_error(error: &ApiError, bucket: &str, key: &str) -> PhaseEnd {
    let message = format!("cannot read the source s3://{bucket}/{key}: {error}");
    if error.status >= 500 { fault("INTERNAL_ERROR", message) } else { failed("CLIENT_ERROR", message) }
}
