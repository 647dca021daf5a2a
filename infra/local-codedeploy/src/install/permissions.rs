//! Which of the installed paths the `permissions` section changes.
//!
//! As the agent: only what this revision installs; a directory stands for what lies below it, not for
//! itself.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Existing;
use super::{Entry, EntryKind};
use crate::appspec::Permission;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: String,
    pub(super) mode: Option<u32>,
    pub(super) owner: Option<String>,
    pub(super) group: Option<String>,
}

/// `copies` and `directories`: what the plan makes. Symbolic links are passed over: what they lead
/// to is not ours.
pub(super) fn changes(
    permissions: &[Permission],
    copies: &BTreeMap<String, Entry>,
    directories: &BTreeSet<String>,
    existing: &dyn Fn(&str) -> Existing,
) -> Result<Vec<Change>, String> {
    let mut seen = BTreeSet::new();
    let mut changes = Vec::new();
    let is_link = |entry: &Entry| matches!(entry.kind, EntryKind::Symlink { .. });
    for permission in permissions {
        let object = &permission.object;
        let mut matched: Vec<&str> = Vec::new();
        if let Some(entry) = copies.get(object) {
            if permission.to_files {
                check_of_file(permission)?;
                matched.extend((!is_link(entry)).then_some(object.as_str()));
            }
        } else if object.is_empty() || directories.contains(object) || existing(object) == Existing::Directory
        {
            if permission.to_files {
                matched.extend(
                    copies.iter().filter(|(_, entry)| !is_link(entry)).map(|(path, _)| path.as_str()),
                );
            }
            if permission.to_directories {
                matched.extend(directories.iter().map(String::as_str));
            }
            matched.retain(|path| applies(permission, path));
        }
        for path in matched {
            if !seen.insert(path.to_string()) {
                return Err(format!(
                    "The deployment failed because the permissions setting for (/{path}) is specified more than \
                     once in the application specification file. Update the files section of the AppSpec file, \
                     and then try again."
                ));
            }
            let Permission { mode, owner, group, .. } = permission.clone();
            changes.push(Change { path: path.into(), mode, owner, group });
        }
    }
    Ok(changes)
}

fn check_of_file(permission: &Permission) -> Result<(), String> {
    if permission.pattern != "**" {
        return Err(format!(
            "The deployment failed because the application specification file includes an object (/{}) with an \
             invalid pattern ({}), such as a pattern for a file applied to a directory. Correct the permissions \
             section of the AppSpec file, and then try again.",
            permission.object, permission.pattern
        ));
    }
    if !permission.except.is_empty() {
        return Err(format!(
            "The deployment failed because the except parameter for a pattern in the permissions section ({}) \
             for the object named /{} contains an invalid format. Update the AppSpec file, and then try again.",
            permission.except.join(", "),
            permission.object
        ));
    }
    Ok(())
}

fn applies(permission: &Permission, path: &str) -> bool {
    let below = if permission.object.is_empty() {
        Some(path)
    } else {
        path.strip_prefix(permission.object.as_str()).and_then(|rest| rest.strip_prefix('/'))
    };
    let Some(below) = below else { return false };
    let matches_pattern = permission.pattern == "**" || matches_glob(below, &permission.pattern);
    matches_pattern && !permission.except.iter().any(|pattern| matches_glob(below, pattern))
}

/// `*` stands for any characters of one name; nothing reaches into a directory.
fn matches_glob(name: &str, pattern: &str) -> bool {
    if name.contains('/') {
        return false;
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_asterisk_stands_for_any_part_of_one_name() {
        let cases = [
            ("a.sh", "a.sh", true),
            ("a.sh", "*.sh", true),
            ("a.sh", "*", true),
            ("", "*", true),
            ("a.b.sh", "a*b*sh", true),
            ("a.sh", "b*", false),
            ("ab", "ab*b", false),
            ("a/b.sh", "*.sh", false),
            ("a.sh.old", "*.sh", false),
        ];
        for (name, pattern, expected) in cases {
            assert_eq!(super::matches_glob(name, pattern), expected, "{name} {pattern}");
        }
    }
}
