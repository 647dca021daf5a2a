//! What happened in a repository of a connection, held against every source action that is about the repository.

use engine::declaration::{WaitsFor, Watch, WatchedSource};
use engine::execution::Trigger;
use engine::trigger::{
    ChangedFiles, Denial, GitChange, GitEvent, Judgement, TriggerDetail, judge, trigger_of_connection,
};
use platform::store::{Judged, Watcher};
use platform::{Fault, Platform};
use serde_json::Value;

use crate::change::Change;
use crate::files::{self, Files};
use crate::starts::{finish, kept, start, started};

pub(super) async fn receive(platform: &Platform, change: &Change) -> Result<Value, Fault> {
    let Some(event) = &change.git else { return Ok(Value::Null) };
    let watchers = watchers(platform, change, event).await?;
    let mut files = Files::NotAsked;
    if watchers.iter().any(|watcher| needs_files(watcher, event)) {
        files = files::of(platform, &change.arn, event).await?;
    }
    let mut judged = Vec::new();
    let mut failed = None;
    for watcher in &watchers {
        let (wanting, denied) = held_against(watcher, event, &files);
        judged.extend(denied);
        if wanting.is_empty() {
            continue;
        }
        let start =
            start(change, &watcher.pipeline_name, &wanting, trigger(change, event, watcher, &wanting));
        match started(platform, &start, &wanting).await {
            Ok(of_pipeline) => judged.extend(of_pipeline),
            // The others are not to wait for it. Those that started will not start again.
            Err(fault) => failed = Some(fault),
        }
    }
    let mut kept = kept(platform, change, event.to_string(), judged);
    files.note(&mut kept);
    finish(platform, kept, failed).await
}

/// Whoever is about the repository of the event.
async fn watchers(platform: &Platform, change: &Change, event: &GitEvent) -> Result<Vec<Watcher>, Fault> {
    let mut watchers = platform.store.watchers(&change.source).await?;
    for watcher in of_former_versions(platform, change, event).await? {
        if !watchers.iter().any(|known| known.pipeline_name == watcher.pipeline_name) {
            watchers.push(watcher);
        }
    }
    for watcher in &mut watchers {
        watcher.watches.retain(|watch| is_meant(event, watch));
    }
    watchers.retain(|watcher| !watcher.watches.is_empty());
    Ok(watchers)
}

/// Pipelines that were last updated before there were trigger filters: they wait for one branch.
async fn of_former_versions(
    platform: &Platform,
    change: &Change,
    event: &GitEvent,
) -> Result<Vec<Watcher>, Fault> {
    let GitChange::Branch { name, .. } = &event.change else { return Ok(Vec::new()) };
    let source = WatchedSource::Connection { connection_arn: change.arn.clone(), branch_name: name.clone() };
    platform.store.watchers(&source).await
}

/// An event that names no repository is about all that the connection leads to.
fn is_meant(event: &GitEvent, watch: &Watch) -> bool {
    watch.full_repository_id.as_ref().is_none_or(|wanted| event.is_of(wanted))
}

fn judged_by(watch: &Watch, event: &GitEvent, files: ChangedFiles<'_>) -> Judgement {
    // Without it the branch of the source was all.
    watch.waits_for.as_ref().map_or(Judgement::Starts, |waits_for| judge(waits_for, event, files))
}

fn needs_files(watcher: &Watcher, event: &GitEvent) -> bool {
    let mut watches = watcher.watches.iter();
    watches.any(|watch| judged_by(watch, event, ChangedFiles::NotAsked) == Judgement::NeedsFiles)
}

/// The actions that start, and what kept the others back.
fn held_against(watcher: &Watcher, event: &GitEvent, files: &Files) -> (Vec<String>, Vec<Judged>) {
    let (mut wanting, mut denied) = (Vec::new(), Vec::new());
    for watch in &watcher.watches {
        match judged_by(watch, event, files.known()) {
            Judgement::Starts => wanting.push(watch.action_name.clone()),
            Judgement::NeedsFiles => {}
            Judgement::Denied(denials) => denied.push(refusal(watcher, watch, denials)),
        }
    }
    (wanting, denied)
}

fn refusal(watcher: &Watcher, watch: &Watch, denials: Vec<Denial>) -> Judged {
    let said: Vec<_> = denials.iter().map(ToString::to_string).collect();
    Judged {
        pipeline_name: watcher.pipeline_name.clone(),
        action_name: watch.action_name.clone(),
        pipeline_execution_id: None,
        denials,
        error: None,
        message: said.join("; "),
    }
}

/// What the filters of a trigger let through says which part of the repository it is.
fn trigger(change: &Change, event: &GitEvent, watcher: &Watcher, wanting: &[String]) -> Trigger {
    let by_filters = watcher.watches.iter().any(|watch| {
        wanting.contains(&watch.action_name) && matches!(watch.waits_for, Some(WaitsFor::Filters(_)))
    });
    match by_filters {
        true => TriggerDetail::new(&change.arn, event, wanting.to_vec()).to_trigger(),
        false => trigger_of_connection(&change.arn),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(repository: Value) -> Change {
        let event = json!({
            "id": "e", "source": "pipewright", "detail-type": "Connection Repository State Change",
            "detail": {
                "event": "referenceUpdated", "referenceType": "branch", "referenceName": "main", "oldCommitId": "c0",
                "commitId": "c1", "connectionArn": "arn", "fullRepositoryId": repository,
            },
        });
        Change::of(&event).expect("a change")
    }

    fn watch(action: &str, repository: &str, waits_for: Value) -> Watch {
        Watch {
            source: event(json!(null)).source,
            action_name: action.into(),
            full_repository_id: Some(repository.into()),
            waits_for: serde_json::from_value(waits_for).expect("what is waited for"),
        }
    }

    #[test]
    fn a_pipeline_starts_at_the_changed_revision_of_the_repository_that_it_waits_for() {
        let main = json!({ "branch": "main" });
        let watches = [watch("App", "me/app", main.clone()), watch("Docs", "me/docs", main)];
        for (repository, expected) in [
            (json!("me/app"), vec!["App"]),
            (json!("Me/App"), vec!["App"]),
            (json!(null), vec!["App", "Docs"]),
            (json!("me/other"), vec![]),
        ] {
            let change = event(repository.clone());
            let git = change.git.as_ref().expect("of a repository");
            let meant: Vec<_> = watches.iter().filter(|watch| is_meant(git, watch)).cloned().collect();
            let watcher = Watcher { pipeline_name: "shop".into(), watches: meant };
            let (wanting, _) = held_against(&watcher, git, &Files::NotAsked);
            assert_eq!(wanting, expected, "{repository}");
            let trigger = trigger(&change, git, &watcher, &wanting);
            assert_eq!(trigger.trigger_detail, "arn");
            let start = start(&change, "shop", &wanting, trigger);
            let actions: Vec<_> = start.source_revisions.iter().map(|of| of.action_name.as_str()).collect();
            assert_eq!(actions, expected);
            assert!(start.source_revisions.iter().all(|revision| revision.revision_value == "c1"));
        }
    }

    #[test]
    fn each_action_is_told_which_of_its_filters_said_no() {
        let filters = |push: Value| json!({ "filters": { "sourceActionName": "App", "push": [push] } });
        let docs = json!({ "branches": { "includes": ["main"] }, "filePaths": { "includes": ["docs/**"] } });
        let dev = json!({ "branches": { "includes": ["dev"] } });
        let change = event(json!("me/app"));
        let git = change.git.as_ref().expect("of a repository");
        let watches = vec![
            watch("App", "me/app", filters(docs)),
            watch("Dev", "me/app", filters(dev)),
            watch("Off", "me/app", json!("nothing")),
            watch("Former", "me/app", json!(null)),
        ];
        let watcher = Watcher { pipeline_name: "shop".into(), watches };
        assert!(needs_files(&watcher, git));
        for (files, expected) in [
            (Files::All(vec!["docs/a".into()]), vec!["App", "Former"]),
            (Files::All(vec!["src/a".into()]), vec!["Former"]),
            (Files::Unknown("the host is away".into()), vec!["App", "Former"]),
        ] {
            let (wanting, denied) = held_against(&watcher, git, &files);
            assert_eq!(wanting, expected, "{files:?}");
            assert_eq!(wanting.len() + denied.len(), 4);
            let dev = denied.iter().find(|judged| judged.action_name == "Dev").expect("it is denied");
            assert_eq!(dev.message, "push[0].branches.includes says no: 'main' is none of 'dev'");
            let detail = trigger(&change, git, &watcher, &wanting).trigger_detail;
            assert_eq!(detail.contains("sourceActionNames"), wanting.contains(&"App".to_owned()));
        }
    }
}
