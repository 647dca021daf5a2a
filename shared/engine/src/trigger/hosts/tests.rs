//! Bodies as the hosts publish them, with the members that say something here.

use serde_json::{Value, json};

use super::*;

const BEFORE: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
const AFTER: &str = "59b20b8d5c6ff8d09518216e87bda3c7f1d6e6f0";
const NONE: &str = "0000000000000000000000000000000000000000";

fn with(mut body: Value, changes: Value) -> Value {
    for (pointer, value) in changes.as_object().expect("an object") {
        let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("a place")[member] = value.clone();
    }
    body
}

/// What is told, with the branch's old commit and the files.
fn told(host: Host, event: &str, body: &Value) -> Vec<String> {
    let events = match events_of(host, event, body) {
        Ok(events) => events,
        Err(ignored) => return vec![ignored.to_string()],
    };
    let tell = |event: &GitEvent| {
        let before = match &event.change {
            GitChange::Branch { before: Some(before), .. } => format!(" from {}", &before[..4]),
            _ => String::new(),
        };
        let files = event.changed_files.as_ref().map(|files| format!(" [{}]", files.join(" ")));
        format!("{event}{before}{}", files.unwrap_or_default())
    };
    events.iter().map(tell).collect()
}

/// GitHub documentation, "Webhook events and payloads", push.
fn github_push() -> Value {
    json!({
        "ref": "refs/heads/main", "before": BEFORE, "after": AFTER,
        "created": false, "deleted": false, "forced": false, "base_ref": null,
        "repository": { "id": 186_853_002, "name": "app", "full_name": "me/app", "private": false },
        "commits": [
            { "id": "c1", "distinct": true, "added": ["b"], "removed": [], "modified": ["src/a"] },
            { "id": AFTER, "distinct": true, "added": [], "removed": ["old"], "modified": ["src/a"] },
        ],
        "head_commit": { "id": AFTER, "added": [], "removed": ["old"], "modified": ["src/a"] },
    })
}

#[test]
fn pushes_of_github() {
    let many: Vec<_> = (0..2048).map(|_| json!({ "added": [], "removed": [], "modified": [] })).collect();
    let large = json!([{ "added": (0..3000).collect::<Vec<_>>(), "removed": [], "modified": [] }]);
    let at = "push to branch main of me/app at 59b20b8d from 6113";
    let tag = json!({ "/ref": "refs/tags/v1", "/before": NONE, "/after": "7".repeat(40), "/commits": [] });
    for (event, body, expected) in [
        ("push", github_push(), format!("{at} [b old src/a]")),
        ("push", with(github_push(), json!({ "/forced": true })), at.to_owned()),
        ("push", with(github_push(), json!({ "/commits": many })), at.to_owned()),
        ("push", with(github_push(), json!({ "/commits": large })), at.to_owned()),
        (
            "push",
            with(github_push(), json!({ "/before": NONE, "/created": true })),
            "new branch main of me/app at 59b20b8d [b old src/a]".to_owned(),
        ),
        ("push", with(github_push(), tag), "push of tag v1 of me/app at 59b20b8d []".to_owned()),
        (
            "push",
            with(github_push(), json!({ "/after": NONE, "/deleted": true, "/head_commit": null })),
            "the push deleted refs/heads/main".to_owned(),
        ),
        (
            "push",
            with(github_push(), json!({ "/ref": "refs/notes/x" })),
            "refs/notes/x is neither a branch nor a tag".to_owned(),
        ),
        (
            "push",
            with(github_push(), json!({ "/after": "--upload-pack=x" })),
            "the push deleted refs/heads/main".to_owned(),
        ),
        ("push", json!({}), "the body has no text at .repository.full_name".to_owned()),
        ("ping", json!({ "zen": "Design for failure." }), "a ping starts nothing".to_owned()),
        ("issues", json!({}), "the event 'issues' starts nothing; push and pull_request do".to_owned()),
    ] {
        assert_eq!(told(Host::GitHub, event, &body), [expected], "{event}");
    }
}

#[test]
fn pull_requests_of_github() {
    let body = |action: &str| {
        json!({
            "action": action, "number": 2, "repository": { "id": 1, "full_name": "me/app" },
            "pull_request": {
                "number": 2, "state": "open", "merged": false, "updated_at": "2019-05-15T15:20:33Z",
                "head": { "ref": "changes", "sha": AFTER, "repo": { "id": 1, "full_name": "me/app" } },
                "base": { "ref": "main", "sha": BEFORE, "repo": { "id": 1, "full_name": "me/app" } },
            },
        })
    };
    let of_fork = with(body("opened"), json!({ "/pull_request/head/repo": { "full_name": "you/app" } }));
    let of_nobody = with(body("opened"), json!({ "/pull_request/head/repo": null }));
    for (body, expected) in [
        (body("opened"), "pull request 2 of me/app opened: changes into main"),
        (body("reopened"), "pull request 2 of me/app opened: changes into main"),
        (body("synchronize"), "pull request 2 of me/app updated: changes into main"),
        (body("closed"), "pull request 2 of me/app closed: changes into main"),
        (body("labeled"), "'labeled' of a pull request starts nothing"),
        (of_fork, "pull request 2 comes from a fork (you/app), whose code is not run"),
        (of_nobody, "pull request 2 comes from a fork (which is gone), whose code is not run"),
    ] {
        assert_eq!(told(Host::GitHubEnterpriseServer, "pull_request", &body), [expected], "{body}");
    }
    let event = events_of(Host::GitHub, "pull_request", &body("opened")).expect("an event").remove(0);
    assert_eq!((event.commit(), event.branch()), (Some(AFTER), Some("changes")));
}

/// GitLab documentation, "Webhook events", push events.
fn gitlab_push() -> Value {
    json!({
        "object_kind": "push", "event_name": "push", "before": BEFORE, "after": AFTER, "checkout_sha": AFTER,
        "ref": "refs/heads/main", "ref_protected": true, "project_id": 15,
        "project": { "id": 15, "path_with_namespace": "group/sub/app", "default_branch": "main" },
        "commits": [
            { "id": "c1", "added": ["CHANGELOG"], "modified": ["app/a.rb"], "removed": [] },
            { "id": AFTER, "added": ["CHANGELOG"], "modified": ["app/a.rb"], "removed": [] },
        ],
        "total_commits_count": 2,
    })
}

#[test]
fn events_of_gitlab() {
    let tag = json!({
        "/object_kind": "tag_push", "/ref": "refs/tags/v1.0.0", "/before": NONE, "/after": "7".repeat(40),
        "/commits": [], "/total_commits_count": 0,
    });
    let request = |action: &str| {
        json!({
            "object_kind": "merge_request", "event_type": "merge_request", "project": { "id": 1 },
            "object_attributes": {
                "id": 99, "iid": 1, "action": action, "state": "opened", "oldrev": BEFORE,
                "source_branch": "ms-viewport", "target_branch": "main",
                "source": { "id": 14, "path_with_namespace": "group/app" },
                "target": { "id": 14, "path_with_namespace": "group/app" },
                "last_commit": { "id": AFTER },
            },
        })
    };
    let titled = with(request("update"), json!({ "/object_attributes/oldrev": null }));
    let of_fork =
        with(request("open"), json!({ "/object_attributes/source/path_with_namespace": "you/app" }));
    let at = "push to branch main of group/sub/app at 59b20b8d from 6113";
    let merge = |word: &str| format!("pull request 1 of group/app {word}: ms-viewport into main");
    for (body, expected) in [
        (gitlab_push(), format!("{at} [CHANGELOG app/a.rb]")),
        (with(gitlab_push(), json!({ "/total_commits_count": 21 })), at.to_owned()),
        (with(gitlab_push(), json!({ "/commits": [], "/total_commits_count": 0 })), at.to_owned()),
        (with(gitlab_push(), tag), "push of tag v1.0.0 of group/sub/app at 59b20b8d".to_owned()),
        (
            with(gitlab_push(), json!({ "/after": NONE, "/checkout_sha": null })),
            "the push deleted refs/heads/main".to_owned(),
        ),
        (request("open"), merge("opened")),
        (request("reopen"), merge("opened")),
        (request("update"), merge("updated")),
        (request("close"), merge("closed")),
        (request("merge"), merge("closed")),
        (titled, "the update of the merge request brought no commits".to_owned()),
        (request("approved"), "'approved' of a merge request starts nothing".to_owned()),
        (of_fork, "pull request 1 comes from a fork (you/app), whose code is not run".to_owned()),
        (
            json!({ "object_kind": "note" }),
            "the event 'note' starts nothing; push, tag_push and merge_request do".to_owned(),
        ),
    ] {
        assert_eq!(told(Host::GitLab, "ignored", &body), [expected], "{body}");
    }
}

#[test]
fn events_of_bitbucket() {
    let reference = |kind: &str, name: &str, hash: &str| json!({ "type": kind, "name": name, "target": { "hash": hash } });
    let push = |changes: Value| json!({ "repository": { "uuid": "{r}", "full_name": "team/app" }, "push": { "changes": changes } });
    let several = push(json!([
        { "new": reference("branch", "main", AFTER), "old": reference("branch", "main", BEFORE), "truncated": true },
        { "new": reference("branch", "fresh", AFTER), "old": null, "created": true },
        { "new": null, "old": reference("branch", "gone", BEFORE), "closed": true },
        { "new": reference("tag", "v1", AFTER), "old": null },
        { "new": reference("bookmark", "hg", AFTER), "old": null },
    ]));
    let gone = push(json!([{ "new": null, "old": reference("branch", "gone", BEFORE), "closed": true }]));
    let side = |branch: &str, repository: &str| {
        json!({
            "branch": { "name": branch }, "commit": { "hash": "d3022fc0ca3d" },
            "repository": { "full_name": repository },
        })
    };
    let request = |repository: &str| {
        json!({
            "repository": { "full_name": "team/app" },
            "pullrequest": { "id": 1, "source": side("fix", repository), "destination": side("main", "team/app") },
        })
    };
    let own = || request("team/app");
    let word = |word: &str| vec![format!("pull request 1 of team/app {word}: fix into main")];
    let fork = "pull request 1 comes from a fork (you/app), whose code is not run";
    for (event, body, expected) in [
        (
            "repo:push",
            several,
            vec![
                "push to branch main of team/app at 59b20b8d from 6113".to_owned(),
                "new branch fresh of team/app at 59b20b8d".to_owned(),
                "push of tag v1 of team/app at 59b20b8d".to_owned(),
            ],
        ),
        ("repo:push", gone, vec!["the push made or moved no branch and no tag".to_owned()]),
        ("pullrequest:created", own(), word("opened")),
        ("pullrequest:updated", own(), word("updated")),
        ("pullrequest:fulfilled", own(), word("closed")),
        ("pullrequest:created", request("you/app"), vec![fork.to_owned()]),
    ] {
        assert_eq!(told(Host::Bitbucket, event, &body), expected, "{event}");
    }
    let declined = told(Host::Bitbucket, "pullrequest:rejected", &own());
    assert!(declined[0].contains("starts nothing"), "{declined:?}");
    // Its commit is too short to be fetched; the head of the branch is taken.
    let event = events_of(Host::Bitbucket, "pullrequest:created", &own()).expect("an event").remove(0);
    assert_eq!((event.commit(), event.branch()), (None, Some("fix")));
}
