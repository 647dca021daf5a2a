//! `--source ACTION=DIR`: a working tree as the source, committed or not.
//!
//! The tree becomes a commit of a repository in the data directory (a zip in the bucket, for S3), and the
//! execution is started with that revision; the source action itself knows nothing of it.

use std::path::{Path, PathBuf};

use engine::declaration::{ActionDeclaration, PipelineDeclaration};
use local_service::ObjectStore;
use platform::Connection;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::LocalStack;
use crate::stack::ACCOUNT_ID;

/// The `sourceRevisions` of StartPipelineExecution for the directories that were named.
pub(super) async fn overrides(
    stack: &LocalStack,
    declaration: &PipelineDeclaration,
    sources: &[(String, String)],
) -> Result<Vec<Value>, String> {
    let mut revisions = Vec::new();
    for (action, directory) in sources {
        let declared = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let declared: Vec<_> = declared.filter(|declared| declared.is_source()).collect();
        let found = declared.iter().find(|declared| declared.name == *action).ok_or_else(|| {
            let names: Vec<_> = declared.iter().map(|declared| declared.name.as_str()).collect();
            format!(
                "--source {action}=…: the pipeline has no source action of that name. It has: {}",
                names.join(", ")
            )
        })?;
        let tree = Path::new(directory)
            .canonicalize()
            .map_err(|error| format!("--source {action}={directory}: {error}"))?;
        revisions.extend(take(stack, found, &tree).await?);
    }
    Ok(revisions)
}

/// The revision to ask for; none where the tree has become the newest one.
async fn take(stack: &LocalStack, action: &ActionDeclaration, tree: &Path) -> Result<Option<Value>, String> {
    match action.action_type_id.provider.as_str() {
        "CodeStarSourceConnection" => {
            let arn = action.configuration("ConnectionArn").unwrap_or_default();
            commit(stack, action, tree, arn.to_owned()).await
        }
        "CodeCommit" => {
            let name = action.configuration("RepositoryName").unwrap_or_default();
            commit(stack, action, tree, Connection::codecommit_arn(stack.region(), ACCOUNT_ID, name)).await
        }
        "S3" => upload(stack, action, tree).await,
        other => Err(format!("--source cannot stand in for the provider {other}")),
    }
}

async fn commit(
    stack: &LocalStack,
    action: &ActionDeclaration,
    tree: &Path,
    arn: String,
) -> Result<Option<Value>, String> {
    let repository = stack.directory.join("sources").join(format!("{}.git", action.name));
    let id = commit_tree(&repository, tree).await?;
    let url = repository.display().to_string();
    let connection = Connection { arn, url, revision: Some(id.clone()), ..Connection::default() };
    stack.connect(&connection).await.map_err(|error| error.to_string())?;
    Ok(Some(json!({ "actionName": action.name, "revisionType": "COMMIT_ID", "revisionValue": id })))
}

/// Everything in the tree that its ignore files do not leave out, as one commit without parents.
async fn commit_tree(repository: &Path, tree: &Path) -> Result<String, String> {
    if !repository.exists() {
        git(&["init", "--quiet", "--bare", &repository.display().to_string()]).await?;
    }
    let place = |option: &str, path: &Path| format!("--{option}={}", path.display());
    let (git_dir, work_tree) = (place("git-dir", repository), place("work-tree", tree));
    git(&["-C", &tree.display().to_string(), &git_dir, &work_tree, "add", "--all", "."]).await?;
    let root = git(&[&git_dir, "write-tree"]).await?;
    let message = format!("Working tree of {}", tree.display());
    let id = git(&[&git_dir, "commit-tree", "-m", &message, &root]).await?;
    git(&[&git_dir, "update-ref", "refs/heads/working-tree", &id]).await?;
    Ok(id)
}

/// Runs git without the user's configuration and hooks, and answers with what it printed. Within a hook, git's
/// own variables name the user's repository and index: those are not for us to write.
async fn git(arguments: &[&str]) -> Result<String, String> {
    #[expect(clippy::disallowed_methods, reason = "git makes commits of working trees here only")]
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "user.name=pipewright",
            "-c",
            "user.email=pipewright@localhost",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(["-c", "core.autocrlf=false"])
        .args(arguments)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("GIT_")))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().await.map_err(|error| format!("git cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "git {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

async fn upload(
    stack: &LocalStack,
    action: &ActionDeclaration,
    tree: &Path,
) -> Result<Option<Value>, String> {
    let value = |key: &str| action.configuration(key).unwrap_or_default().to_owned();
    let (bucket, key) = (value("S3Bucket"), value("S3ObjectKey"));
    let zip = zip_of(tree.to_owned()).await?;
    stack.s3.put(&bucket, &key, zip).await.map_err(|error| format!("s3://{bucket}/{key}: {error}"))?;
    Ok(None)
}

async fn zip_of(tree: PathBuf) -> Result<Vec<u8>, String> {
    let packed = tokio::task::spawn_blocking(move || {
        let mut zip = std::io::Cursor::new(Vec::new());
        archive::pack_tree(&tree, &mut zip).map(|_| zip.into_inner())
    });
    let packed = packed.await.map_err(|error| error.to_string())?;
    packed.map_err(|error| error.to_string())
}
