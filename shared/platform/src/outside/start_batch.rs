//! Starting a batch of builds for an action.

use aws_sdk_codebuild::types::{ProjectBuildBatchConfig, SourceType};
use engine::decide::ActionOutcome;

use super::BuildRequest;
use super::batch;
use super::build_overrides::{BuildInputs, OutputPlaces};
use crate::action::{ActionJob, ActionResult};
use crate::store::{OutsideWork, Provider};
use crate::{Fault, Platform};

/// A batch whose buildspec cannot be read has no builds, and so no events. If that is quickly known, nobody has to
/// wait for the sweep.
const PATIENCE_MS: u64 = 1_000;

impl Platform {
    /// Starts a batch of builds for an action, which the end of the last one will end. With `combine_artifacts` the
    /// only output is one zip of what all builds made; otherwise outputs are named after the builds.
    ///
    /// # Errors
    /// As [`Platform::start_build`].
    pub async fn start_build_batch(
        &self,
        job: &ActionJob,
        build: BuildRequest,
        combine_artifacts: bool,
    ) -> Result<ActionResult, Fault> {
        let (work, _) = self.keep_outside_work_of(job, Provider::CodeBuildBatch).await?;
        if let Some(id) = work.external_execution_id.clone() {
            return Ok(ActionResult::outside(work, &id, None));
        }
        let inputs = BuildInputs::of(job, &build);
        let outputs = match combine_artifacts {
            true => OutputPlaces::of_build(&work.output_artifacts),
            false => OutputPlaces::of_batch(&work.output_artifacts),
        };
        let configuration = ProjectBuildBatchConfig::builder().combine_artifacts(combine_artifacts).build();
        let request = self
            .codebuild
            .start_build_batch()
            .project_name(build.project)
            .idempotency_token(&job.action.action_execution_id)
            .source_type_override(SourceType::S3)
            .set_source_location_override(inputs.source_location)
            .set_secondary_sources_override(Some(inputs.secondary_sources))
            .set_artifacts_override(outputs.primary)
            .set_secondary_artifacts_override(Some(outputs.secondary))
            .set_environment_variables_override(Some(inputs.variables))
            .set_buildspec_override(build.buildspec)
            .build_batch_config_override(configuration);
        match request.send().await {
            Ok(output) => {
                let started = output.build_batch.and_then(|batch| batch.id.zip(batch.arn));
                let (id, arn) = started.ok_or_else(|| Fault::unavailable("CodeBuild names no batch"))?;
                self.begun_batch(work, &id, &arn).await
            }
            Err(error) => self.refuse_start(job, "StartBuildBatch", error).await,
        }
    }

    async fn begun_batch(&self, work: OutsideWork, id: &str, arn: &str) -> Result<ActionResult, Fault> {
        if let Some(ActionOutcome::Failed { failure_type, message }) = self.early_end(&work, id).await? {
            self.store.forget_outside_work(&work.action.action_execution_id).await?;
            return Ok(ActionResult::failed(failure_type, message));
        }
        Ok(ActionResult::outside(work, id, page(arn)))
    }

    /// How a batch ended that has run no build.
    async fn early_end(&self, work: &OutsideWork, id: &str) -> Result<Option<ActionOutcome>, Fault> {
        let batch = batch::settled(self, id, PATIENCE_MS).await?;
        let Some(batch) = batch.filter(|batch| batch::build_ids(batch).is_empty()) else { return Ok(None) };
        batch::outcome(self, Some(&batch), work, id).await
    }
}

/// The batch in AWS's console, as CodePipeline links it: CodeBuild itself gives no address of a batch.
/// `arn:aws:codebuild:<region>:<account>:build-batch/<project>:<uuid>`
fn page(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, id) = (parts.next()?, parts.next()?, parts.next()?.strip_prefix("build-batch/")?);
    let (project, uuid) = id.split_once(':')?;
    Some(format!(
        "https://console.aws.amazon.com/codesuite/codebuild/{account}/projects/{project}/batch/{project}%3A{uuid}\
         ?region={region}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_a_page_in_the_console() {
        let arn = "arn:aws:codebuild:eu-west-1:111122223333:build-batch/app:1-2";
        let expected = "https://console.aws.amazon.com/codesuite/codebuild/111122223333/projects/app/batch/\
                        app%3A1-2?region=eu-west-1";
        assert_eq!(page(arn).as_deref(), Some(expected));
        assert_eq!(page("arn:aws:codebuild:eu-west-1:111122223333:build/app:1-2"), None);
    }
}
