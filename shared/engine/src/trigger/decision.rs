//! Whether an event starts a pipeline, by the filters of one of its source actions.
//!
//! One filter that matches is enough, and in a filter everything has to match; of a list of patterns one is enough, and
//! an exclude wins. Each changed file is tested alone, and one that passes is enough; all of them are looked at, where
//! CodePipeline looks at the first hundred. A filter of pull requests without events means all of them. The branches of
//! pull requests are those that they lead into.

use super::{Denial, GitChange, GitEvent, Glob};
use crate::declaration::{
    GitConfiguration, GitFilterCriteria, GitPullRequestFilter, GitPushFilter, WaitsFor,
};

/// What is known of the files that an event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedFiles<'a> {
    /// Nobody has looked yet.
    NotAsked,
    All(&'a [String]),
    /// They cannot be found out. A filter on them then matches: to run once too often does less harm than not to run.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    Starts,
    /// It depends on the files, which were not asked for.
    NeedsFiles,
    /// What each filter said.
    Denied(Vec<Denial>),
}

/// Holds an event of the action's repository against what the action waits for.
pub fn judge(waits_for: &WaitsFor, event: &GitEvent, files: ChangedFiles<'_>) -> Judgement {
    let denied = |denial| Judgement::Denied(vec![denial]);
    match (waits_for, &event.change) {
        (WaitsFor::Filters(filters), change) => by_filters(filters, change, files),
        (WaitsFor::Nothing, _) => denied(Denial::DetectChangesOff),
        (WaitsFor::Branch(wanted), GitChange::Branch { name, .. }) if name == wanted => Judgement::Starts,
        (WaitsFor::Branch(wanted), GitChange::Branch { .. }) => {
            denied(Denial::OtherBranch { branch_name: wanted.clone() })
        }
        (WaitsFor::Branch(_), _) => denied(Denial::NoTrigger),
    }
}

fn by_filters(filters: &GitConfiguration, change: &GitChange, files: ChangedFiles<'_>) -> Judgement {
    let pushes = filters.push.iter().flatten().enumerate();
    let mut answers: Vec<_> = match change {
        GitChange::PullRequest { .. } => {
            let filters = filters.pull_request.iter().flatten().enumerate();
            filters.map(|(index, filter)| pull_request(index, filter, change, files)).collect()
        }
        GitChange::Tag { name, .. } => {
            pushes.filter_map(|(index, filter)| tag(index, filter, name)).collect()
        }
        GitChange::Branch { .. } => {
            pushes.filter_map(|(index, filter)| branch(index, filter, change, files)).collect()
        }
    };
    if answers.contains(&Answer::Yes) {
        return Judgement::Starts;
    }
    if answers.contains(&Answer::Files) {
        return Judgement::NeedsFiles;
    }
    if answers.is_empty() {
        answers.push(Answer::No(Denial::NoFilter { of: kind(change).to_owned() }));
    }
    let denials = answers.into_iter().filter_map(|answer| match answer {
        Answer::No(denial) => Some(denial),
        Answer::Yes | Answer::Files => None,
    });
    Judgement::Denied(denials.collect())
}

fn kind(change: &GitChange) -> &'static str {
    match change {
        GitChange::Branch { .. } => "pushes to branches",
        GitChange::Tag { .. } => "tags",
        GitChange::PullRequest { .. } => "pull requests",
    }
}

#[derive(PartialEq, Eq)]
enum Answer {
    Yes,
    Files,
    No(Denial),
}

/// `None` for a filter of branches.
fn tag(index: usize, filter: &GitPushFilter, name: &str) -> Option<Answer> {
    let tags = filter.tags.as_ref()?;
    Some(answer(passes(tags, &format!("push[{index}].tags"), name)))
}

/// `None` for a filter of tags.
fn branch(
    index: usize,
    filter: &GitPushFilter,
    change: &GitChange,
    files: ChangedFiles<'_>,
) -> Option<Answer> {
    let GitChange::Branch { name, before, .. } = change else { return None };
    let branches = filter.branches.as_ref()?;
    let place = format!("push[{index}]");
    if let Err(denial) = passes(branches, &format!("{place}.branches"), name) {
        return Some(Answer::No(denial));
    }
    let paths = filter.file_paths.as_ref();
    if paths.is_some() && before.is_none() {
        return Some(Answer::No(Denial::NewBranch { filter: place }));
    }
    Some(by_files(paths, &place, files))
}

fn pull_request(
    index: usize,
    filter: &GitPullRequestFilter,
    change: &GitChange,
    files: ChangedFiles<'_>,
) -> Answer {
    let place = format!("pullRequest[{index}]");
    let GitChange::PullRequest { event, target_branch, .. } = change else {
        return Answer::No(Denial::NoFilter { of: kind(change).to_owned() });
    };
    let events = filter.events.as_deref().unwrap_or_default();
    if !events.is_empty() && !events.contains(event) {
        return Answer::No(Denial::OtherEvent { filter: place, event: *event, events: events.to_vec() });
    }
    let branches = filter.branches.as_ref();
    match branches.map_or(Ok(()), |branches| passes(branches, &format!("{place}.branches"), target_branch)) {
        Ok(()) => by_files(filter.file_paths.as_ref(), &place, files),
        Err(denial) => Answer::No(denial),
    }
}

fn by_files(paths: Option<&GitFilterCriteria>, place: &str, files: ChangedFiles<'_>) -> Answer {
    let (paths, files) = match (paths, files) {
        (None, _) | (Some(_), ChangedFiles::Unknown) => return Answer::Yes,
        (Some(_), ChangedFiles::NotAsked) => return Answer::Files,
        (Some(paths), ChangedFiles::All(files)) => (paths, files),
    };
    let mut first = None;
    for file in files {
        match passes(paths, &format!("{place}.filePaths"), file) {
            Ok(()) => return Answer::Yes,
            Err(denial) => first = first.or(Some(Box::new(denial))),
        }
    }
    Answer::No(Denial::NoFile { filter: place.to_owned(), changed_files: files.len(), first })
}

fn answer(passed: Result<(), Denial>) -> Answer {
    passed.map_or_else(Answer::No, |()| Answer::Yes)
}

/// Without includes everything is included that is not excluded.
fn passes(criteria: &GitFilterCriteria, filter: &str, value: &str) -> Result<(), Denial> {
    let matches = |pattern: &String| {
        Glob::parse(pattern)
            .map(|glob| glob.matches(value))
            .map_err(|error| Denial::WrongPattern { filter: filter.to_owned(), problem: error.to_string() })
    };
    let (filter, value) = (filter.to_owned(), value.to_owned());
    for exclude in criteria.excludes.iter().flatten() {
        if matches(exclude)? {
            return Err(Denial::Excluded { filter, value, exclude: exclude.clone() });
        }
    }
    let includes = criteria.includes.as_deref().unwrap_or_default();
    for include in includes {
        if matches(include)? {
            return Ok(());
        }
    }
    match includes {
        [] => Ok(()),
        includes => Err(Denial::NotIncluded { filter, value, includes: includes.to_vec() }),
    }
}

#[cfg(test)]
mod tests;
