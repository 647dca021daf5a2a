//! The UPLOAD_ARTIFACTS phase.

use local_service::ApiError;

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed, fault};
use crate::artifacts::{CollectError, Selected, collect, sha256, zip};
use crate::buildspec::ArtifactFiles;
use crate::model::{ArtifactsType, BuildArtifacts, Packaging, ProjectArtifacts};

impl Run {
    pub(super) async fn upload_artifacts(&mut self) -> PhaseEnd {
        match self.upload_all().await {
            Ok(()) => PhaseEnd::Succeeded,
            Err(end) => end,
        }
    }

    async fn upload_all(&mut self) -> Result<(), PhaseEnd> {
        let Some(buildspec) = self.buildspec.clone() else { return Ok(()) };
        self.read_reports().await?;
        self.save_cache().await?;
        match &buildspec.artifacts {
            Some(files) => self.upload(None, &self.order.artifacts.clone(), files).await?,
            None => self.recorder.note("No artifacts defined in the buildspec"),
        }
        for (index, artifacts) in self.order.secondary_artifacts.clone().iter().enumerate() {
            let identifier = artifacts.artifact_identifier.as_deref().unwrap_or_default();
            let mut defined = buildspec.secondary_artifacts.iter();
            if let Some((_, files)) = defined.find(|(defined, _)| defined == identifier) {
                self.recorder.note(&format!("Secondary artifact {identifier}"));
                self.upload(Some(index), artifacts, files).await?;
            }
        }
        Ok(())
    }

    /// `index`: of the secondary artifact.
    async fn upload(
        &mut self,
        index: Option<usize>,
        artifacts: &ProjectArtifacts,
        files: &ArtifactFiles,
    ) -> Result<(), PhaseEnd> {
        let (Some(bucket), ArtifactsType::S3) = (&artifacts.location, artifacts.artifacts_type) else {
            self.recorder.note("The build stores no artifacts (NO_ARTIFACTS)");
            return Ok(());
        };
        let files = self.expand_files(files).await?;
        let build = self.recorder.build();
        let artifacts = &artifacts.with_prefix(files.s3_prefix.as_deref());
        let key = artifacts.key(&build.project_name, build.uuid(), files.name.as_deref());
        let selected = self.select(&files).await?;
        self.recorder.note(&format!("Found {} file(s)", selected.len()));
        let sha256sum = if artifacts.packaging == Some(Packaging::Zip) {
            Some(self.store_zip(bucket, &key, selected, files.enable_symlinks).await?)
        } else {
            self.store_files(bucket, &key, &selected).await?;
            None
        };
        let stored = BuildArtifacts {
            location: format!("arn:aws:s3:::{bucket}/{key}"),
            sha256sum,
            override_artifact_name: artifacts.override_artifact_name,
            artifact_identifier: artifacts.artifact_identifier.clone(),
        };
        self.recorder.note(&format!("Stored {}", stored.location));
        self.recorder.set_artifacts(index, stored);
        Ok(())
    }

    async fn expand_files(&mut self, files: &ArtifactFiles) -> Result<ArtifactFiles, PhaseEnd> {
        let mut expanded = files.clone();
        expanded.files = self.expand_all(&files.files).await?;
        expanded.exclude_paths = self.expand_all(&files.exclude_paths).await?;
        let texts = [&mut expanded.base_directory, &mut expanded.name, &mut expanded.s3_prefix];
        for text in texts.into_iter().flatten() {
            *text = self.expand(text).await?;
        }
        expanded.base_directory = expanded.base_directory.filter(|text| !text.is_empty());
        Ok(expanded)
    }

    async fn select(&self, files: &ArtifactFiles) -> Result<Vec<Selected>, PhaseEnd> {
        self.recorder.note(&format!(
            "Expanding base directory path: {}",
            files.base_directory.as_deref().unwrap_or(".")
        ));
        self.recorder.note(&format!("Expanding {}", files.files.join(", ")));
        let (source, files) = (self.workspace.source(), files.clone());
        let collected = tokio::task::spawn_blocking(move || collect(&source, &files)).await;
        let (selected, lost) = match collected.map_err(|error| fault("INTERNAL_ERROR", error.to_string()))? {
            Ok(collected) => collected,
            Err(error @ CollectError::Pattern(_)) => return Err(failed("CLIENT_ERROR", error.to_string())),
            Err(error @ CollectError::Io { .. }) => return Err(fault("INTERNAL_ERROR", error.to_string())),
        };
        for name in lost {
            self.recorder
                .note(&format!("Several files have the name {name}; the last one is in the artifact"));
        }
        Ok(selected)
    }

    /// Returns the SHA-256 of the zip, in hexadecimal.
    async fn store_zip(
        &self,
        bucket: &str,
        key: &str,
        files: Vec<Selected>,
        keep_symlinks: bool,
    ) -> Result<String, PhaseEnd> {
        let source = self.workspace.source();
        let zipped = tokio::task::spawn_blocking(move || {
            zip(&source, &files, keep_symlinks).map(|bytes| (sha256(&bytes), bytes))
        });
        let zipped = zipped.await.map_err(|error| fault("INTERNAL_ERROR", error.to_string()))?;
        let (sha256sum, bytes) = zipped.map_err(|error| failed("CLIENT_ERROR", error.to_string()))?;
        self.put(bucket, key, bytes).await?;
        Ok(sha256sum)
    }

    async fn store_files(&self, bucket: &str, key: &str, files: &[Selected]) -> Result<(), PhaseEnd> {
        for file in files {
            let path = self.workspace.source().join(&file.path);
            let cannot_read = |error| failed("CLIENT_ERROR", format!("cannot read {}: {error}", file.path));
            let bytes = tokio::fs::read(&path).await.map_err(cannot_read)?;
            self.put(bucket, &format!("{key}/{}", file.name), bytes).await?;
        }
        Ok(())
    }

    async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), PhaseEnd> {
        tokio::select! {
            biased;
            reason = self.stop.requested() => Err(PhaseEnd::Stopped(reason)),
            stored = self.service.objects.put(bucket, key, bytes) => {
                stored.map_err(|error| upload_error(&error, bucket, key))
            }
        }
    }
}

fn upload_error(error: &ApiError, bucket: &str, key: &str) -> PhaseEnd {
    let message = format!("cannot store the artifact s3://{bucket}/{key}: {error}");
    if error.status >= 500 { fault("INTERNAL_ERROR", message) } else { failed("CLIENT_ERROR", message) }
}
