//! Which repository an action means, and where it is.

use engine::decide::FailureType;
use engine::execution::SourceRevisionType;
use platform::action::{ActionJob, ActionResult};
use platform::{Connection, Fault, Platform};

pub(super) struct Repository {
    /// A git URL or a directory.
    pub url: String,
    pub kind: Kind,
}

pub(super) enum Kind {
    Connection { arn: String, full_repository_id: String },
    CodeCommit { repository_name: String },
}

/// The repository of the action, or the result that the action fails with.
pub(super) async fn find(
    platform: &Platform,
    job: &ActionJob,
) -> Result<Result<Repository, ActionResult>, Fault> {
    let kind = match kind(job) {
        Ok(kind) => kind,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (arn, name) = match &kind {
        Kind::Connection { arn, full_repository_id } => (arn.clone(), full_repository_id),
        Kind::CodeCommit { repository_name } => {
            let config = &platform.config;
            (Connection::codecommit_arn(&config.region, &config.account_id, repository_name), repository_name)
        }
    };
    Ok(match platform.store.connection(&arn, job.revision_override(SourceRevisionType::CommitId)).await? {
        Some(connection) => Ok(Repository { url: connection.url_of(name), kind }),
        None => Err(ActionResult::failed(
            FailureType::ConfigurationError,
            format!("Nobody has said where the repository '{name}' is: there is no connection '{arn}'."),
        )),
    })
}

fn kind(job: &ActionJob) -> Result<Kind, ActionResult> {
    if job.declaration.action_type_id.provider == "CodeCommit" {
        return Ok(Kind::CodeCommit { repository_name: job.required("RepositoryName")?.to_owned() });
    }
    Ok(Kind::Connection {
        arn: job.required("ConnectionArn")?.to_owned(),
        full_repository_id: job.required("FullRepositoryId")?.to_owned(),
    })
}
