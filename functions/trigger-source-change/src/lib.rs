//! A source has changed, says EventBridge: start the pipelines that wait for it, at the revision that the event
//! names.
//!
//! | event | starts pipelines whose source action |
//! | --- | --- |
//! | CodeCommit Repository State Change of a branch | is CodeCommit's, with `PollForSourceChanges` on |
//! | Object Created of S3 | is S3's, with `PollForSourceChanges` on |
//! | Connection Repository State Change, source `pipewright` | is a connection's, with `DetectChanges` on |
//!
//! The last is ours: CodeConnections tells its changes to AWS's own services only. It has the words of
//! CodeCommit's, with `connectionArn` and `fullRepositoryId` in the place of the repository's name.
//!
//! An event may come twice. Its id is the token of the start, so it starts a pipeline once.

mod change;

use engine::declaration::Watch;
use engine::execution::SourceRevisionOverride;
use platform::start::Start;
use platform::store::Watcher;
use platform::{Fault, Platform, StoreError, artifacts};
use serde_json::{Value, json};

use change::Change;

pub async fn handle(platform: Platform, event: Value) -> Result<Value, Fault> {
    let Some(change) = Change::of(&event) else { return Ok(json!({ "started": [] })) };
    let mut started = Vec::new();
    let mut failed = None;
    for watcher in platform.store.watchers(&change.source).await? {
        let Some(start) = start(&change, &watcher) else { continue };
        match platform.start_pipeline_execution(&start).await {
            Ok(id) => started.push(json!({ "pipelineName": start.pipeline_name, "pipelineExecutionId": id })),
            // Nobody waits for an answer, and a retry would be refused as well.
            Err(StoreError::Rejected(rejection)) => {
                tracing::error!(pipeline = start.pipeline_name, %rejection, "a change started nothing");
            }
            // The others are not to wait for it. Those that started will not start again.
            Err(StoreError::Fault(fault)) => failed = Some(fault),
        }
    }
    match failed {
        Some(fault) => Err(fault),
        None => Ok(json!({ "started": started })),
    }
}

/// `None` when it is another repository of the same connection that the pipeline waits for.
fn start(change: &Change, watcher: &Watcher) -> Option<Start> {
    let watches: Vec<_> = watcher.watches.iter().filter(|watch| is_meant(change, watch)).collect();
    if watches.is_empty() {
        return None;
    }
    let source_revisions = change.revision.iter().flat_map(|(revision_type, value)| {
        watches.iter().map(|watch| SourceRevisionOverride {
            action_name: watch.action_name.clone(),
            revision_type: *revision_type,
            revision_value: value.clone(),
        })
    });
    Some(Start {
        pipeline_name: watcher.pipeline_name.clone(),
        variables: Vec::new(),
        source_revisions: source_revisions.collect(),
        client_request_token: Some(artifacts::sha256(format!("change {}", change.event_id).as_bytes())),
        trigger: change.trigger.clone(),
    })
}

/// An event that names no repository is about all that the connection leads to.
fn is_meant(change: &Change, watch: &Watch) -> bool {
    let (Some(changed), Some(wanted)) = (&change.full_repository_id, &watch.full_repository_id) else {
        return true;
    };
    changed == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_starts_at_the_changed_revision_of_the_repository_that_it_waits_for() {
        let change = |repository: Value| {
            let event = json!({
                "id": "e", "source": "pipewright", "detail-type": "Connection Repository State Change",
                "detail": {
                    "event": "referenceUpdated", "referenceType": "branch", "referenceName": "main",
                    "commitId": "c1", "connectionArn": "arn", "fullRepositoryId": repository,
                },
            });
            Change::of(&event).expect("a change")
        };
        let source = change(json!("me/app")).source;
        let watch = |action: &str, repository: &str| Watch {
            source: source.clone(),
            action_name: action.into(),
            full_repository_id: Some(repository.into()),
        };
        let watches = vec![watch("App", "me/app"), watch("Docs", "me/docs")];
        let watcher = Watcher { pipeline_name: "shop".into(), watches };
        for (repository, expected) in
            [(json!("me/app"), vec!["App"]), (json!(null), vec!["App", "Docs"]), (json!("me/other"), vec![])]
        {
            let start = start(&change(repository.clone()), &watcher);
            let revisions = start.map(|start| start.source_revisions).unwrap_or_default();
            let actions: Vec<_> = revisions.iter().map(|revision| revision.action_name.as_str()).collect();
            assert_eq!(actions, expected, "{repository}");
            assert!(revisions.iter().all(|revision| revision.revision_value == "c1"));
        }
    }
}
