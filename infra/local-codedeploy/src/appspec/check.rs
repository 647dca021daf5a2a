//! An appspec against its revision and this host: everything that can be known before anything runs.

use std::collections::BTreeMap;

use super::AppSpec;
use crate::host::Host;
use crate::install::{Entry, EntryKind};
use crate::lifecycle::{Diagnostics, ErrorCode};

/// Why a revision cannot be deployed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) error_code: ErrorCode,
    pub(crate) script_name: String,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self { error_code: ErrorCode::UnknownError, script_name: String::new(), message: message.into() }
    }

    /// Several problems as one event's diagnostics; the first decides the code.
    pub(crate) fn diagnostics(problems: &[Self]) -> Option<Diagnostics> {
        let first = problems.first()?;
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        Some(Diagnostics {
            error_code: first.error_code,
            script_name: first.script_name.clone(),
            message: messages.join("; "),
            log_tail: String::new(),
        })
    }
}

/// `contents`: the revision, sorted by path. Without a `host`, users are not looked at.
pub(crate) fn check(spec: &AppSpec, contents: &[Entry], host: Option<&Host>) -> Vec<Problem> {
    let kind = |path: &str| {
        let found = contents.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        Some(&contents[found].kind)
    };
    let mut problems = Vec::new();
    for file in &spec.files {
        if !file.source.is_empty() && kind(&file.source).is_none() {
            problems.push(Problem::unknown(format!(
                "No such file or directory in the revision: {} (files: source)",
                file.source
            )));
        }
    }
    for script in spec.hooks.values().flatten() {
        let problem =
            |error_code, message| Problem { error_code, script_name: script.location.clone(), message };
        match kind(&script.location) {
            Some(EntryKind::File | EntryKind::Symlink { .. }) => {}
            // The agent's words.
            None => problems.push(problem(
                ErrorCode::ScriptMissing,
                format!("Script does not exist at specified location: {}", script.location),
            )),
            Some(EntryKind::Directory) => problems.push(problem(
                ErrorCode::ScriptNotExecutable,
                format!("Script at specified location: {} is a directory", script.location),
            )),
        }
    }
    if let Some(host) = host {
        problems.extend(check_script_users(spec, host));
        problems.extend(check_owners(spec, host));
    }
    problems
}

/// One problem per user, however many scripts are to run as that user.
fn check_script_users(spec: &AppSpec, host: &Host) -> Vec<Problem> {
    let mut scripts_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for script in spec.hooks.values().flatten() {
        if let Some(user) = script.runas.as_ref().filter(|user| Some(*user) != host.user.as_ref()) {
            scripts_of.entry(user).or_default().push(&script.location);
        }
    }
    let current = host.user.as_deref().unwrap_or("unknown");
    let problem = |(user, scripts): (&str, Vec<&str>)| {
        Problem::unknown(format!(
            "{} is to run as {user}, and local deployments run as the current user, {current}; leave runas \
             out, or set the local CodeDeploy to run everything as the current user",
            scripts.join(", ")
        ))
    };
    scripts_of.into_iter().map(problem).collect()
}

fn check_owners(spec: &AppSpec, host: &Host) -> Vec<Problem> {
    let mut problems = Vec::new();
    for permission in &spec.permissions {
        let owner = permission.owner.as_ref().map(|owner| host.owner(owner));
        let group = permission.group.as_ref().map(|group| host.group(group));
        for refused in [owner, group].into_iter().flatten().filter_map(Result::err) {
            problems.push(Problem::unknown(format!(
                "permissions of /{}: {refused}; leave owner and group out, or set the local CodeDeploy to \
                 run everything as the current user",
                permission.object
            )));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appspec::parse;

    fn contents() -> Vec<Entry> {
        let entry = |path: &str, kind| Entry { path: path.into(), kind };
        vec![
            entry("appspec.yml", EntryKind::File),
            entry("scripts", EntryKind::Directory),
            entry("scripts/run", EntryKind::File),
        ]
    }

    fn host(user_id: u32, user: &str) -> Host {
        Host {
            user_id,
            user: Some(user.into()),
            users: [("root".into(), 0), ("me".into(), 1000), ("www".into(), 33)].into(),
            groups: [("staff".into(), 50), ("www".into(), 33)].into(),
            own_groups: [50].into(),
        }
    }

    fn problems(body: &str, host: &Host, as_current_user: bool) -> Vec<(ErrorCode, String)> {
        let spec = parse(&format!("version: 0.0\nos: linux\n{body}")).expect("a good appspec");
        let found = check(&spec, &contents(), (!as_current_user).then_some(host));
        found.into_iter().map(|problem| (problem.error_code, problem.message)).collect()
    }

    #[test]
    fn a_revision_is_checked_before_anything_runs() {
        use ErrorCode::{ScriptMissing, ScriptNotExecutable, UnknownError};
        let cases = [
            (
                "files:\n  - source: missing\n    destination: /a\n",
                Some((UnknownError, "missing (files: source)")),
            ),
            ("files:\n  - source: scripts\n    destination: /a\n", None),
            ("hooks:\n  ApplicationStart:\n    - location: scripts/run\n", None),
            ("hooks:\n  ApplicationStart:\n    - location: run\n", Some((ScriptMissing, "location: run"))),
            (
                "hooks:\n  ApplicationStart:\n    - location: scripts\n",
                Some((ScriptNotExecutable, "a directory")),
            ),
            ("hooks:\n  ApplicationStart:\n    - location: scripts/run\n      runas: me\n", None),
            (
                "hooks:\n  ApplicationStart:\n    - location: scripts/run\n      runas: root\n",
                Some((UnknownError, "is to run as root")),
            ),
            ("permissions:\n  - object: /\n    owner: me\n    group: staff\n", None),
            (
                "permissions:\n  - object: /\n    owner: www\n",
                Some((UnknownError, "only root may give files to the user www")),
            ),
            (
                "permissions:\n  - object: /\n    group: www\n",
                Some((UnknownError, "only root may give files to the group www")),
            ),
            (
                "permissions:\n  - object: /\n    owner: ec2-user\n",
                Some((UnknownError, "this host has no user ec2-user")),
            ),
        ];
        for (body, expected) in cases {
            let found = problems(body, &host(1000, "me"), false);
            match expected {
                None => assert_eq!(found, [], "{body}"),
                Some((error_code, message)) => {
                    assert!(
                        found.len() == 1 && found[0].0 == error_code && found[0].1.contains(message),
                        "{body}: {found:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn root_may_give_files_away_and_users_can_be_passed_over() {
        assert_eq!(problems("permissions:\n  - object: /\n    owner: www\n", &host(0, "root"), false), []);
        let foreign = "permissions:\n  - object: /\n    owner: ec2-user\nhooks:\n  ApplicationStart:\n    - location: scripts/run\n      runas: ec2-user\n";
        assert_eq!(problems(foreign, &host(1000, "me"), true), []);
        assert_eq!(problems(foreign, &host(1000, "me"), false).len(), 2);
    }
}
