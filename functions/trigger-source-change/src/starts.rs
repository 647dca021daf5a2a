//! Sources that are one thing, a branch of CodeCommit or an object: whoever waits for it starts.

use engine::execution::{SourceRevisionOverride, SourceRevisionType, Trigger};
use platform::start::Start;
use platform::store::{Judged, TriggerEvent};
use platform::{Fault, Platform, StoreError};
use serde_json::{Value, json};

use crate::change::Change;

pub(super) async fn receive(platform: &Platform, change: &Change) -> Result<Value, Fault> {
    let mut judged = Vec::new();
    let mut failed = None;
    for watcher in platform.store.watchers(&change.source).await? {
        let names: Vec<_> = watcher.watches.into_iter().map(|watch| watch.action_name).collect();
        let trigger =
            Trigger { trigger_type: "CloudWatchEvent".to_owned(), trigger_detail: change.arn.clone() };
        let start = start(change, &watcher.pipeline_name, &names, trigger);
        match started(platform, &start, &names).await {
            Ok(of_pipeline) => judged.extend(of_pipeline),
            // The others are not to wait for it. Those that started will not start again.
            Err(fault) => failed = Some(fault),
        }
    }
    finish(platform, kept(platform, change, change.summary(), judged), failed).await
}

impl Change {
    fn summary(&self) -> String {
        let revision = self.revision.as_ref().map(|(_, revision)| format!(" at {revision}"));
        format!("change of {}{}", self.arn, revision.unwrap_or_default())
    }
}

/// At the revision that the change names, in each of the actions.
pub(super) fn start(change: &Change, pipeline_name: &str, names: &[String], trigger: Trigger) -> Start {
    let revision =
        |(revision_type, value): &(SourceRevisionType, String), name: &String| SourceRevisionOverride {
            action_name: name.clone(),
            revision_type: *revision_type,
            revision_value: value.clone(),
        };
    let revisions =
        change.revision.iter().flat_map(|revised| names.iter().map(|name| revision(revised, name)));
    Start {
        pipeline_name: pipeline_name.to_owned(),
        variables: Vec::new(),
        source_revisions: revisions.collect(),
        client_request_token: Some(change.client_request_token()),
        trigger,
    }
}

/// What the start was to each of the actions that wanted it.
pub(super) async fn started(
    platform: &Platform,
    start: &Start,
    names: &[String],
) -> Result<Vec<Judged>, Fault> {
    let (id, error, message) = match platform.start_pipeline_execution(start).await {
        Ok(id) => (Some(id), None, "started".to_owned()),
        // Nobody waits for an answer, and a retry would be refused as well.
        Err(StoreError::Rejected(rejection)) => {
            tracing::error!(pipeline = start.pipeline_name, %rejection, "a change started nothing");
            (None, Some(rejection.to_string()), format!("the start was refused: {rejection}"))
        }
        Err(StoreError::Fault(fault)) => return Err(fault),
    };
    let judged = names.iter().map(|name| Judged {
        pipeline_name: start.pipeline_name.clone(),
        action_name: name.clone(),
        pipeline_execution_id: id.clone(),
        denials: Vec::new(),
        error: error.clone(),
        message: message.clone(),
    });
    Ok(judged.collect())
}

pub(super) fn kept(
    platform: &Platform,
    change: &Change,
    summary: String,
    pipelines: Vec<Judged>,
) -> TriggerEvent {
    let time: Option<jiff::Timestamp> = change.time.parse().ok();
    TriggerEvent {
        id: change.delivery_id.clone(),
        told_at: time
            .map_or_else(|| platform.clock.now(), |time| engine::execution::Timestamp(time.as_millisecond())),
        source: change.arn.clone(),
        summary,
        detail: change.detail.clone(),
        changed_files: None,
        files_unknown: None,
        pipelines,
    }
}

/// Keeps what became of the event, if it was anybody's: buckets tell of every object.
pub(super) async fn finish(
    platform: &Platform,
    event: TriggerEvent,
    failed: Option<Fault>,
) -> Result<Value, Fault> {
    let started: Vec<_> = event
        .pipelines
        .iter()
        .filter_map(|judged| {
            let id = judged.pipeline_execution_id.as_ref()?;
            Some(json!({ "pipelineName": judged.pipeline_name, "pipelineExecutionId": id }))
        })
        .collect();
    if !event.pipelines.is_empty() || event.detail["connectionArn"].is_string() {
        platform.store.put_trigger_event(&event).await?;
    }
    match failed {
        Some(fault) => Err(fault),
        None => Ok(json!({ "started": started })),
    }
}
