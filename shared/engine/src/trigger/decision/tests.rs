use serde_json::{Value, json};

use super::*;
use crate::declaration::PullRequestEvent;

fn event(change: GitChange) -> GitEvent {
    GitEvent { full_repository_id: Some("me/app".into()), change, changed_files: None }
}

fn pushed(name: &str) -> GitEvent {
    let before = Some("c0".to_owned());
    event(GitChange::Branch { name: name.into(), before, commit: "c1".into() })
}

fn tagged(name: &str) -> GitEvent {
    event(GitChange::Tag { name: name.into(), commit: "c1".into() })
}

fn requested(event_of: PullRequestEvent, target: &str) -> GitEvent {
    event(GitChange::PullRequest {
        event: event_of,
        id: "7".into(),
        source_branch: "fix".into(),
        target_branch: target.into(),
        commit: None,
    })
}

fn filters(push: Value, pull_request: Value) -> WaitsFor {
    let configuration = json!({ "sourceActionName": "Get", "push": push, "pullRequest": pull_request });
    WaitsFor::Filters(serde_json::from_value(configuration).expect("filters"))
}

/// What was said, as people read it; nothing if it starts.
fn said(judgement: &Judgement) -> Vec<String> {
    match judgement {
        Judgement::Starts => vec![],
        Judgement::NeedsFiles => vec!["needs files".to_owned()],
        Judgement::Denied(denials) => denials.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_branch_starts_what_one_filter_lets_through() {
    let include = |patterns: Value| json!([{ "branches": { "includes": patterns } }]);
    let both = json!([{ "branches": { "includes": ["feature/**"], "excludes": ["feature/wip/*", "**/x"] } }]);
    let exclude = json!([{ "branches": { "excludes": ["main"] } }]);
    let several = json!([{ "branches": { "includes": ["a"] } }, { "branches": { "includes": ["b"] } }]);
    let tags = json!([{ "tags": { "includes": ["**"] } }]);
    for (push, branch, expected) in [
        (include(json!(["main"])), "main", vec![]),
        (
            include(json!(["main"])),
            "Main",
            vec!["push[0].branches.includes says no: 'Main' is none of 'main'"],
        ),
        (include(json!(["main", "release-*"])), "release-2", vec![]),
        (both.clone(), "feature/a/b", vec![]),
        (
            both.clone(),
            "feature/wip/a",
            vec!["push[0].branches.excludes says no: 'feature/wip/a' is 'feature/wip/*'"],
        ),
        (both.clone(), "feature/a/x", vec!["push[0].branches.excludes says no: 'feature/a/x' is '**/x'"]),
        (both, "main", vec!["push[0].branches.includes says no: 'main' is none of 'feature/**'"]),
        (exclude.clone(), "anything", vec![]),
        (exclude, "main", vec!["push[0].branches.excludes says no: 'main' is 'main'"]),
        (several.clone(), "b", vec![]),
        (
            several,
            "c",
            vec![
                "push[0].branches.includes says no: 'c' is none of 'a'",
                "push[1].branches.includes says no: 'c' is none of 'b'",
            ],
        ),
        (tags, "main", vec!["the trigger has no filter on pushes to branches"]),
        (json!(null), "main", vec!["the trigger has no filter on pushes to branches"]),
    ] {
        let judged = judge(&filters(push.clone(), json!(null)), &pushed(branch), ChangedFiles::NotAsked);
        assert_eq!(said(&judged), expected, "{push} {branch}");
    }
}

#[test]
fn each_file_is_tested_alone_and_one_that_passes_is_enough() {
    let docs = || {
        json!([{
            "branches": { "includes": ["main"] },
            "filePaths": { "includes": ["src/**", "*.md"], "excludes": ["src/gen/**"] },
        }])
    };
    let many: Vec<_> = (0..500).map(|n| format!("other/{n}")).chain(["src/last.rs".to_owned()]).collect();
    let list = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>();
    let of_filter = "push[0].filePaths says no to each of";
    for (files, expected) in [
        (list(&["src/a.rs"]), None),
        (list(&["other", "src/a.rs"]), None),
        (list(&["src/gen/a.rs", "README.md"]), None),
        (many, None),
        (
            list(&["src/gen/a.rs"]),
            Some(format!(
                "{of_filter} 1 changed files, first: push[0].filePaths.excludes says no: 'src/gen/a.rs' is 'src/gen/**'"
            )),
        ),
        (
            list(&["docs/a.md", "x"]),
            Some(format!(
                "{of_filter} 2 changed files, first: push[0].filePaths.includes says no: 'docs/a.md' is none of \
                 'src/**', '*.md'"
            )),
        ),
        (list(&[]), Some(format!("{of_filter} 0 changed files"))),
    ] {
        let judged = judge(&filters(docs(), json!(null)), &pushed("main"), ChangedFiles::All(&files));
        assert_eq!(said(&judged), Vec::from_iter(expected), "{files:?}");
    }
    let main = filters(docs(), json!(null));
    assert_eq!(judge(&main, &pushed("main"), ChangedFiles::NotAsked), Judgement::NeedsFiles);
    assert_eq!(judge(&main, &pushed("main"), ChangedFiles::Unknown), Judgement::Starts);
    // Nobody is asked for files if the branch alone says no, or another filter says yes.
    assert!(matches!(judge(&main, &pushed("dev"), ChangedFiles::NotAsked), Judgement::Denied(_)));
    let mut or_any = docs();
    or_any.as_array_mut().expect("a list").push(json!({ "branches": { "includes": ["*"] } }));
    let or_any = filters(or_any, json!(null));
    assert_eq!(judge(&or_any, &pushed("main"), ChangedFiles::NotAsked), Judgement::Starts);
    let fresh = event(GitChange::Branch { name: "main".into(), before: None, commit: "c1".into() });
    let judged = judge(&main, &fresh, ChangedFiles::Unknown);
    assert_eq!(said(&judged), ["push[0].filePaths says no: the branch is new, and has no changed files"]);
}

#[test]
fn tags_and_pull_requests_have_filters_of_their_own() {
    use PullRequestEvent::{Closed, Open, Updated};
    let push = json!([{ "tags": { "includes": ["v*"], "excludes": ["*-rc?"] } }, { "branches": { "includes": ["*"] } }]);
    let requests = json!([{ "events": ["OPEN", "UPDATED"], "branches": { "includes": ["main"] } }]);
    let all = filters(push.clone(), requests);
    let only_push = filters(push, json!(null));
    let any_event = filters(json!(null), json!([{ "branches": { "excludes": ["dev"] } }]));
    for (waits_for, event, expected) in [
        (&all, tagged("v1.2"), vec![]),
        (&all, tagged("v1-rc1"), vec!["push[0].tags.excludes says no: 'v1-rc1' is '*-rc?'"]),
        (&all, tagged("1.2"), vec!["push[0].tags.includes says no: '1.2' is none of 'v*'"]),
        (&any_event, tagged("v1"), vec!["the trigger has no filter on tags"]),
        (&all, requested(Open, "main"), vec![]),
        (&all, requested(Updated, "main"), vec![]),
        (
            &all,
            requested(Closed, "main"),
            vec!["pullRequest[0].events says no: CLOSED is not OPEN or UPDATED"],
        ),
        (
            &all,
            requested(Open, "fix"),
            vec!["pullRequest[0].branches.includes says no: 'fix' is none of 'main'"],
        ),
        (&any_event, requested(Closed, "main"), vec![]),
        (
            &any_event,
            requested(Open, "dev"),
            vec!["pullRequest[0].branches.excludes says no: 'dev' is 'dev'"],
        ),
        (&only_push, requested(Open, "main"), vec!["the trigger has no filter on pull requests"]),
    ] {
        let judged = judge(waits_for, &event, ChangedFiles::NotAsked);
        assert_eq!(said(&judged), expected, "{event}");
    }
    let files = filters(
        json!(null),
        json!([{ "branches": { "includes": ["main"] }, "filePaths": { "includes": ["src/*"] } }]),
    );
    assert_eq!(judge(&files, &requested(Open, "main"), ChangedFiles::NotAsked), Judgement::NeedsFiles);
}

#[test]
fn without_a_trigger_only_pushes_to_the_own_branch_start() {
    let main = WaitsFor::Branch("main".into());
    for (waits_for, event, expected) in [
        (&main, pushed("main"), vec![]),
        (&main, pushed("dev"), vec!["the action has no trigger, and its BranchName is main"]),
        (
            &main,
            tagged("main"),
            vec!["the action has no trigger, and starts by itself at pushes to its branch only"],
        ),
        (
            &WaitsFor::Nothing,
            pushed("main"),
            vec!["the action's DetectChanges is off, and it has no trigger"],
        ),
    ] {
        assert_eq!(said(&judge(waits_for, &event, ChangedFiles::NotAsked)), expected, "{event}");
    }
}

#[test]
fn what_was_said_is_kept_as_data() {
    let no_file = Denial::NoFile {
        filter: "push[0]".into(),
        changed_files: 2,
        first: Some(Box::new(Denial::Excluded {
            filter: "push[0].filePaths".into(),
            value: "a".into(),
            exclude: "*".into(),
        })),
    };
    let kept = serde_json::to_value(&no_file).expect("JSON");
    let expected = json!({
        "reason": "NoFile", "filter": "push[0]", "changedFiles": 2,
        "first": { "reason": "Excluded", "filter": "push[0].filePaths", "value": "a", "exclude": "*" },
    });
    assert_eq!(kept, expected);
    assert_eq!(serde_json::from_value::<Denial>(kept).expect("it is read"), no_file);
}
