//! What a hook does: it leaves word of the branches that have moved.

use std::io::{self, Read};
use std::path::Path;

use local_service::{AdjustableClock, Clock};

use crate::cli::Exit;
use crate::data_directory::is_open;
use crate::pushes::{Push, leave};
use crate::run::complain;

/// Whoever pushes sees these lines, and nothing else of it.
pub(super) fn notify(data: &Path, repository: &Path) {
    let mut updates = String::new();
    let read = io::stdin().read_to_string(&mut updates);
    let pushes = pushes(repository, &updates);
    let left = read.and_then(|_| leave(data, &pushes, AdjustableClock::default().now()));
    match left {
        Err(error) => {
            let data = data.display();
            complain(
                Exit::Succeeded,
                &format!("pipewright: the service of {data} is not told of this: {error}\n"),
            );
        }
        Ok(()) if !pushes.is_empty() && !is_open(data) => {
            let data = data.display();
            let note = format!("pipewright: no service runs on {data}; pipelines start when it does\n");
            complain(Exit::Succeeded, &note);
        }
        Ok(()) => {}
    }
}

/// The branches and tags that have moved, of lines of old commit, new commit and reference. One that is gone starts
/// nothing.
fn pushes(repository: &Path, updates: &str) -> Vec<Push> {
    let is_commit = |id: &&str| id.len() >= 40 && id.chars().any(|c| c != '0');
    let updates = updates.lines().filter_map(|line| {
        let (old, rest) = line.split_once(' ')?;
        let (new, reference) = rest.split_once(' ')?;
        let commit = Some(new).filter(is_commit)?.to_owned();
        let (kind, name) =
            reference.strip_prefix("refs/")?.split_once('/').filter(|(_, name)| !name.is_empty())?;
        if !matches!(kind, "heads" | "tags") {
            return None;
        }
        Some(Push {
            repository: repository.to_owned(),
            branch: name.to_owned(),
            is_tag: kind == "tags",
            old_commit: Some(old).filter(is_commit).map(str::to_owned),
            commit,
        })
    });
    updates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_and_tags_that_are_made_or_moved_are_told() {
        let [none, one, two] = ["0", "1", "2"].map(|digit| digit.repeat(40));
        let updates = format!(
            "{one} {two} refs/heads/main\n{none} {one} refs/heads/a/b\n{one} {none} refs/heads/gone\n\
             {none} {one} refs/tags/v1\n0 {two} refs/heads/first\n{one} {two} \n\n"
        );
        let told = pushes(Path::new("/r"), &updates);
        let told: Vec<_> = told
            .iter()
            .map(|push| (push.branch.as_str(), push.is_tag, push.old_commit.as_deref(), push.commit.as_str()))
            .collect();
        let expected = [
            ("main", false, Some(one.as_str()), two.as_str()),
            ("a/b", false, None, one.as_str()),
            ("v1", true, None, one.as_str()),
            ("first", false, None, two.as_str()),
        ];
        assert_eq!(told, expected);
    }
}
