//! Which repository an action means, and where it is.

use engine::decide::FailureType;
use engine::execution::SourceRevisionType;
use engine::trigger::Host;
use git::{AwsKeys, Credentials, Origin, codecommit_credentials};
use platform::action::{ActionJob, ActionResult};
use platform::{Connection, Fault, Platform};

pub(super) struct Repository {
    pub remote: Origin,
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
    let config = &platform.config;
    let (arn, name) = match &kind {
        Kind::Connection { arn, full_repository_id } => (arn.clone(), full_repository_id),
        Kind::CodeCommit { repository_name } => {
            (Connection::codecommit_arn(&config.region, &config.account_id, repository_name), repository_name)
        }
    };
    let commit = job.revision_override(SourceRevisionType::CommitId);
    let remote = match (platform.store.connection(&arn, commit).await?, &kind) {
        (Some(connection), _) => remote_of(platform, &connection, name).await?,
        (None, Kind::CodeCommit { repository_name }) => Ok(codecommit(platform, repository_name).await?),
        (None, Kind::Connection { .. }) => {
            Err(format!("Nobody has said where the repository '{name}' is: there is no connection '{arn}'."))
        }
    };
    Ok(match remote {
        Ok(remote) => Ok(Repository { remote, kind }),
        Err(why) => Err(ActionResult::failed(FailureType::ConfigurationError, why)),
    })
}

/// Where a connection leads, with the token of its secret.
async fn remote_of(
    platform: &Platform,
    connection: &Connection,
    full_repository_id: &str,
) -> Result<Result<Origin, String>, Fault> {
    let secret = match platform.connection_secret(connection).await? {
        Ok(secret) => secret,
        Err(why) => return Ok(Err(why)),
    };
    let username = secret.username.unwrap_or_else(|| Host::username_of(connection.provider_type).to_owned());
    let credentials = secret.token.map(|password| Credentials { username, password });
    Ok(Ok(Origin { url: connection.url_of(full_repository_id), credentials }))
}

/// The repository of the account, asked with a signature of the function's own keys.
async fn codecommit(platform: &Platform, repository_name: &str) -> Result<Origin, Fault> {
    let region = &platform.config.region;
    let keys = platform.keys().await?;
    let host = format!("git-codecommit.{region}.amazonaws.com");
    let path = format!("/v1/repos/{repository_name}");
    let now = jiff::Timestamp::from_millisecond(platform.clock.now().0).unwrap_or_default();
    let keys = AwsKeys {
        access_key_id: &keys.access_key_id,
        secret_access_key: &keys.secret_access_key,
        session_token: keys.session_token.as_deref(),
    };
    let time = now.strftime("%Y%m%dT%H%M%S").to_string();
    let credentials = codecommit_credentials(&keys, region, &host, &path, &time);
    Ok(Origin { url: format!("https://{host}{path}"), credentials: Some(credentials) })
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
