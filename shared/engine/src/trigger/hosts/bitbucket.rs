//! Bitbucket Cloud's `repo:push` and `pullrequest:*`. No body tells of files, and those of pull requests have short
//! commits.
//!
//! Source: Bitbucket Cloud documentation, "Event payloads".

use serde_json::Value;

use super::{
    GitChange, GitEvent, Ignored, PullRequest, PullRequestEvent, commit, existing, ignored, required,
};

pub(super) fn events(event: &str, body: &Value) -> Result<Vec<GitEvent>, Ignored> {
    let event = match event {
        "repo:push" => return pushes(body),
        "pullrequest:created" => PullRequestEvent::Open,
        "pullrequest:updated" => PullRequestEvent::Updated,
        // As CodePipeline has it: a request that is declined is not closed.
        "pullrequest:fulfilled" => PullRequestEvent::Closed,
        other => {
            return ignored(format!(
                "the event '{other}' starts nothing; repo:push and pullrequest:created, updated and fulfilled do"
            ));
        }
    };
    pull_request(event, body)?.into_event().map(|event| vec![event])
}

fn pushes(body: &Value) -> Result<Vec<GitEvent>, Ignored> {
    let repository = required(body, "/repository/full_name")?;
    let changes = body["push"]["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let events: Vec<_> = changes
        .iter()
        .filter_map(|change| {
            let full_repository_id = Some(repository.clone());
            Some(GitEvent { full_repository_id, change: push(change)?, changed_files: None })
        })
        .collect();
    if events.is_empty() {
        return ignored("the push made or moved no branch and no tag");
    }
    Ok(events)
}

/// `None` for what is gone, and for bookmarks of Mercurial.
fn push(change: &Value) -> Option<GitChange> {
    let new = &change["new"];
    let (name, commit) = (super::text(&new["name"])?, existing(&new["target"]["hash"])?);
    match new["type"].as_str()? {
        "branch" => {
            Some(GitChange::Branch { name, before: existing(&change["old"]["target"]["hash"]), commit })
        }
        "tag" | "annotated_tag" => Some(GitChange::Tag { name, commit }),
        _ => None,
    }
}

fn pull_request(event: PullRequestEvent, body: &Value) -> Result<PullRequest, Ignored> {
    let request = &body["pullrequest"];
    Ok(PullRequest {
        event,
        id: request["id"].as_u64().map(|number| number.to_string()).unwrap_or_default(),
        repository: required(body, "/repository/full_name")?,
        source_repository: super::text(&request["source"]["repository"]["full_name"]),
        source_branch: required(request, "/source/branch/name")?,
        target_branch: required(request, "/destination/branch/name")?,
        commit: commit(&request["source"]["commit"]["hash"]),
    })
}
