//! GitHub's `push` and `pull_request`.
//!
//! Source: GitHub documentation, "Webhook events and payloads".

use serde_json::Value;

use super::{
    GitEvent, Ignored, PullRequest, PullRequestEvent, commit, existing, files_of, ignored, reference,
    required,
};

/// A push has at most so many commits in its body.
const COMMITS_MAX: usize = 2048;
/// At most so many files are told of a commit.
const FILES_OF_COMMIT_MAX: usize = 3000;

pub(super) fn event(event: &str, body: &Value) -> Result<GitEvent, Ignored> {
    match event {
        "push" => push(body),
        "pull_request" => pull_request(body)?.into_event(),
        "ping" => ignored("a ping starts nothing"),
        other => ignored(format!("the event '{other}' starts nothing; push and pull_request do")),
    }
}

fn push(body: &Value) -> Result<GitEvent, Ignored> {
    // Of an annotated tag `after` is the tag, and the head commit what it is on.
    let after = existing(&body["after"]).filter(|_| body["deleted"] != true);
    let after = after.map(|after| existing(&body["head_commit"]["id"]).unwrap_or(after));
    Ok(GitEvent {
        full_repository_id: Some(required(body, "/repository/full_name")?),
        change: reference(&required(body, "/ref")?, &body["before"], after)?,
        changed_files: changed_files(body),
    })
}

/// A forced push is not the sum of its commits: others are gone.
fn changed_files(body: &Value) -> Option<Vec<String>> {
    let commits = body["commits"].as_array()?;
    let is_cut = |commit: &Value| {
        let members = ["added", "modified", "removed"].iter().filter_map(|member| commit[*member].as_array());
        members.map(Vec::len).sum::<usize>() >= FILES_OF_COMMIT_MAX
    };
    if commits.len() >= COMMITS_MAX || body["forced"] == true || commits.iter().any(is_cut) {
        return None;
    }
    files_of(commits)
}

fn pull_request(body: &Value) -> Result<PullRequest, Ignored> {
    let event = match body["action"].as_str().unwrap_or_default() {
        "opened" | "reopened" => PullRequestEvent::Open,
        "synchronize" => PullRequestEvent::Updated,
        "closed" => PullRequestEvent::Closed,
        other => return ignored(format!("'{other}' of a pull request starts nothing")),
    };
    let request = &body["pull_request"];
    Ok(PullRequest {
        event,
        id: body["number"].as_u64().map(|number| number.to_string()).unwrap_or_default(),
        repository: required(body, "/repository/full_name")?,
        source_repository: super::text(&request["head"]["repo"]["full_name"]),
        source_branch: required(request, "/head/ref")?,
        target_branch: required(request, "/base/ref")?,
        commit: commit(&request["head"]["sha"]),
    })
}
