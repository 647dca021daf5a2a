//! Source/AWS/CodeStarSourceConnection/1 and Source/AWS/CodeCommit/1: a branch of a git repository is the
//! source.
//!
//! | configuration | |
//! | --- | --- |
//! | `ConnectionArn`, `FullRepositoryId` | CodeStarSourceConnection: required; the connection says where the repository is |
//! | `RepositoryName` | CodeCommit: required |
//! | `BranchName` | required; of an execution that a trigger started, its branch counts, and its commit |
//! | `OutputArtifactFormat` | `CODE_ZIP` (the default): the files of the commit; `CODEBUILD_CLONE_REF`: the same with the whole `.git` |
//!
//! One artifact out. Output variables: CommitId, CommitMessage, AuthorDate, BranchName, and ConnectionArn
//! and FullRepositoryName, or RepositoryName and CommitterDate. AuthorDisplayName and AuthorEmail are ours.
//! CodePipeline's full clone is a reference that only CodeBuild can follow; ours is the clone itself, so
//! that every action can use it.
//!
//! The files are those that git would check out, with what the commit's `.gitattributes` say of ends of lines and
//! encodings. Not so yet: `working-tree-encoding` of UTF-16 and UTF-32 leaves UTF-8, and an expanded `$Id$` lacks the
//! blank before its end. No filter program is run, so a file of Git LFS is its pointer; `export-ignore` is for
//! `git archive` alone; a submodule is an empty directory.
//!
//! A host is asked with the token of the connection's secret; CodeCommit, where no connection says otherwise, over
//! HTTPS with a password that is signed with the function's own keys.
//!
//! Failures: ConfigurationError (no such connection or secret), RevisionUnavailable (no such repository, branch or
//! commit, or it may not be read). Permissions: dynamodb:GetItem on the connections, s3:PutObject on the artifact
//! bucket, secretsmanager:GetSecretValue on secrets of connections, codecommit:GitPull.

mod fetch;
mod files;
mod repository;
mod revision;

use engine::decide::{ActionOutput, FailureType};
use engine::execution::{SourceRevision, SourceRevisionType};
use engine::trigger::TriggerDetail;
use platform::action::{ActionJob, ActionResult};
use platform::{Fault, Platform};

use fetch::{Fetched, Wanted};

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    let repository = match repository::find(&platform, &job).await? {
        Ok(repository) => repository,
        Err(refusal) => return Ok(refusal),
    };
    let branch = match job.required("BranchName") {
        Ok(branch) => branch.to_owned(),
        Err(refusal) => return Ok(refusal),
    };
    let branch = TriggerDetail::branch_of(&job.trigger, &job.declaration.name).unwrap_or(branch);
    let wanted = Wanted {
        remote: repository.remote.clone(),
        branch: branch.clone(),
        commit: job.revision_override(SourceRevisionType::CommitId).map(str::to_owned),
        with_history: job.optional("OutputArtifactFormat") == Some("CODEBUILD_CLONE_REF"),
    };
    let fetched = tokio::task::spawn_blocking(move || fetch::fetch(&wanted)).await;
    let fetched = fetched.map_err(|error| Fault::unavailable(format!("fetching: {error}")))?;
    match fetched {
        Ok(fetched) => succeeded(&platform, &job, &repository, &branch, fetched).await,
        Err(why) => {
            let message = format!("{} at '{branch}' cannot be fetched: {why}", repository.remote.url);
            Ok(ActionResult::failed(FailureType::RevisionUnavailable, message))
        }
    }
}

async fn succeeded(
    platform: &Platform,
    job: &ActionJob,
    repository: &repository::Repository,
    branch: &str,
    fetched: Fetched,
) -> Result<ActionResult, Fault> {
    let mut artifacts = Vec::new();
    if let Some(output) = job.declaration.output_artifacts().first() {
        artifacts.push(platform.artifacts.put(job.pipeline_name(), &output.name, fetched.zip).await?);
    }
    let commit = fetched.revision;
    let summary = commit.message.lines().next().unwrap_or_default().to_owned();
    Ok(ActionResult::succeeded(ActionOutput {
        variables: revision::variables(&commit, branch, repository),
        artifacts,
        external_execution_id: Some(commit.id.clone()),
        summary: Some(format!("{} {summary}", &commit.id[..commit.id.len().min(8)])),
        source_revision: Some(SourceRevision {
            action_name: job.declaration.name.clone(),
            revision_url: revision::page_of(&repository.remote.url, &commit.id),
            revision_id: Some(commit.id),
            revision_summary: Some(summary),
        }),
        ..ActionOutput::default()
    }))
}
