//! GitLab's push, tag push and merge request events. The body says which one it is.
//!
//! Source: GitLab documentation, "Webhook events".

use serde_json::Value;

use super::{
    GitEvent, Ignored, PullRequest, PullRequestEvent, commit, existing, files_of, ignored, reference,
    required,
};

pub(super) fn event(body: &Value) -> Result<GitEvent, Ignored> {
    match body["object_kind"].as_str().unwrap_or_default() {
        "push" | "tag_push" => push(body),
        "merge_request" => merge_request(body)?.into_event(),
        other => ignored(format!("the event '{other}' starts nothing; push, tag_push and merge_request do")),
    }
}

fn push(body: &Value) -> Result<GitEvent, Ignored> {
    // Of an annotated tag `after` is the tag, and what would be checked out is the commit.
    let after = existing(&body["after"]).map(|after| existing(&body["checkout_sha"]).unwrap_or(after));
    Ok(GitEvent {
        full_repository_id: Some(required(body, "/project/path_with_namespace")?),
        change: reference(&required(body, "/ref")?, &body["before"], after)?,
        changed_files: changed_files(body),
    })
}

/// At most twenty commits are told; the total says whether these are all. Whether a push was forced is not told, so
/// commits that do not lead on from what was there are not all that changed: GitLab tells those that are new.
fn changed_files(body: &Value) -> Option<Vec<String>> {
    let commits = body["commits"].as_array()?;
    let total = body["total_commits_count"].as_u64()?;
    // None that is new: back to an older commit, or to one of another branch.
    let is_whole = total > 0 && total == commits.len() as u64;
    is_whole.then(|| files_of(commits))?
}

fn merge_request(body: &Value) -> Result<PullRequest, Ignored> {
    let request = &body["object_attributes"];
    let event = match request["action"].as_str().unwrap_or_default() {
        "open" | "reopen" => PullRequestEvent::Open,
        // Only new commits have an old revision; else a title or a label was changed.
        "update" if existing(&request["oldrev"]).is_some() => PullRequestEvent::Updated,
        "close" | "merge" => PullRequestEvent::Closed,
        "update" => return ignored("the update of the merge request brought no commits"),
        other => return ignored(format!("'{other}' of a merge request starts nothing")),
    };
    Ok(PullRequest {
        event,
        id: request["iid"].as_u64().map(|number| number.to_string()).unwrap_or_default(),
        repository: required(request, "/target/path_with_namespace")?,
        source_repository: super::text(&request["source"]["path_with_namespace"]),
        source_branch: required(request, "/source_branch")?,
        target_branch: required(request, "/target_branch")?,
        commit: commit(&request["last_commit"]["id"]),
    })
}
