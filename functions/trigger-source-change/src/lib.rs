//! A source has changed, says EventBridge: start the pipelines that wait for it, at the revision that the event
//! names.
//!
//! | event | starts pipelines whose source action |
//! | --- | --- |
//! | CodeCommit Repository State Change of a branch | is CodeCommit's, with `PollForSourceChanges` on |
//! | Object Created of S3 | is S3's, with `PollForSourceChanges` on |
//! | Connection Repository State Change, source `pipewright` | is a connection's: has a trigger that lets it through, or no trigger and `DetectChanges` on |
//! | Connection Pull Request State Change, source `pipewright` | is a connection's and has such a trigger |
//!
//! The last two are ours: CodeConnections tells its changes to AWS's own services only. They have the words of
//! CodeCommit's, with `connectionArn` and `fullRepositoryId` in the place of the repository's name.
//!
//! An event may come twice. Its `deduplicationKey`, or else its id, is the token of the start, so it starts a pipeline
//! once. What became of it is kept with the event, for `pipewright explain`.
//!
//! Permissions: those of advance-execution; secretsmanager:GetSecretValue on secrets of connections, whose repositories
//! are asked for the files of an event that does not list them.

mod change;
mod connection;
mod files;
mod starts;

use platform::{Fault, Platform};
use serde_json::{Value, json};

use change::Change;

pub async fn handle(platform: Platform, event: Value) -> Result<Value, Fault> {
    let Some(change) = Change::of(&event) else { return Ok(json!({ "started": [] })) };
    match &change.git {
        Some(_) => connection::receive(&platform, &change).await,
        None => starts::receive(&platform, &change).await,
    }
}
