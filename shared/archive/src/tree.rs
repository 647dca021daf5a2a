//! The rules that concern the entries together: no two in one place, no path through something
//! that is no directory, no symbolic link out.
//!
//! Pure: the whole tree is known before the first byte is written, so nothing has to be undone and
//! no link on disk is ever followed to find out where it leads.

use std::collections::HashMap;

use crate::{ArchiveError, Limits, Refusal, name};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Directory,
    Symlink { target: String },
}

/// One entry with its normalised path: `a/b`, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) path: String,
    pub(crate) kind: Kind,
}

/// Links are followed this often before they count as a loop, as Linux does (`ELOOP`).
const MAX_LINKS_FOLLOWED: usize = 40;

/// Refuses the first node that breaks a rule.
pub(crate) fn check(nodes: &[Node]) -> Result<(), ArchiveError> {
    check_places(nodes)?;
    let links: HashMap<&str, &str> = nodes
        .iter()
        .filter_map(|node| match &node.kind {
            Kind::Symlink { target } => Some((node.path.as_str(), target.as_str())),
            _ => None,
        })
        .collect();
    for node in nodes {
        if let Kind::Symlink { target } = &node.kind {
            stays_inside(&node.path, target, &links)
                .map_err(|refusal| ArchiveError::refused(&node.path, refusal))?;
        }
    }
    Ok(())
}

fn check_places(nodes: &[Node]) -> Result<(), ArchiveError> {
    let mut explicit: HashMap<&str, &Kind> = HashMap::with_capacity(nodes.len());
    for node in nodes {
        if explicit.insert(&node.path, &node.kind).is_some() {
            return Err(ArchiveError::refused(&node.path, Refusal::Duplicate));
        }
    }
    let mut spelling: HashMap<String, &str> = HashMap::with_capacity(nodes.len());
    for node in nodes {
        for parent in parents(&node.path) {
            if matches!(explicit.get(parent), Some(Kind::File | Kind::Symlink { .. })) {
                let refusal = Refusal::ParentIsNoDirectory { parent: parent.into() };
                return Err(ArchiveError::refused(&node.path, refusal));
            }
        }
        for place in parents(&node.path).chain([node.path.as_str()]) {
            let other = *spelling.entry(place.to_lowercase()).or_insert(place);
            if other != place {
                let refusal = Refusal::CaseCollision { other: other.into() };
                return Err(ArchiveError::refused(&node.path, refusal));
            }
        }
    }
    Ok(())
}

/// `a/b/c` lies under `a` and `a/b`.
pub(crate) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(index, _)| &path[..index])
}

/// Walks `target` from the directory of `link` as a kernel would, over the links of the archive.
fn stays_inside(link: &str, target: &str, links: &HashMap<&str, &str>) -> Result<(), Refusal> {
    let limits = Limits::default();
    if target.is_empty() || target.contains('\0') || target.len() > limits.max_path_bytes {
        return Err(Refusal::SymlinkTargetInvalid);
    }
    let leaves = || Refusal::SymlinkLeavesArchive { target: target.into() };
    let mut here: Vec<&str> = link.split('/').collect();
    here.pop();
    // What is still to be walked, the next component last.
    let mut ahead: Vec<&str> = Vec::new();
    let mut next_target = target;
    let mut followed = 0;
    loop {
        if next_target.starts_with('/') || name::components(next_target, &limits) == Err(Refusal::DriveLetter)
        {
            return Err(leaves());
        }
        ahead.extend(next_target.split('/').rev());
        let Some(linked) = walk(&mut here, &mut ahead, links).ok_or_else(leaves)? else {
            return Ok(());
        };
        followed += 1;
        if followed > MAX_LINKS_FOLLOWED {
            return Err(Refusal::SymlinkLoop { target: target.into() });
        }
        next_target = linked;
    }
}

/// Goes on to the end (`Some(None)`) or to the next link, whose target is returned. `None`: above
/// the root.
fn walk<'t>(
    here: &mut Vec<&'t str>,
    ahead: &mut Vec<&'t str>,
    links: &HashMap<&str, &'t str>,
) -> Option<Option<&'t str>> {
    while let Some(component) = ahead.pop() {
        match component {
            "" | "." => {}
            ".." => {
                here.pop()?;
            }
            _ => {
                here.push(component);
                if let Some(target) = links.get(here.join("/").as_str()) {
                    here.pop();
                    return Some(Some(target));
                }
            }
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(lines: &str) -> Vec<Node> {
        lines
            .split_whitespace()
            .map(|line| match line.split_once("->") {
                Some((path, target)) => {
                    Node { path: path.into(), kind: Kind::Symlink { target: target.into() } }
                }
                None if line.ends_with('/') => {
                    Node { path: line.trim_end_matches('/').into(), kind: Kind::Directory }
                }
                None => Node { path: line.into(), kind: Kind::File },
            })
            .collect()
    }

    #[test]
    fn the_entries_of_one_archive_fit_together() {
        let fine = [
            "a/ a/b a/c/d",
            "a/b a/",
            "bin/tool->../lib/tool lib/tool",
            "dangling->nowhere/at/all",
            "a/loop->. b",
            "a->b b->c c",
            "current->releases/2 releases/2/x->../1 releases/1/y",
        ];
        for lines in fine {
            assert!(check(&nodes(lines)).is_ok(), "{lines}");
        }
    }

    #[test]
    fn an_entry_that_would_land_elsewhere_is_refused() {
        let leaves = |target: &str| Refusal::SymlinkLeavesArchive { target: target.into() };
        let collides = |other: &str| Refusal::CaseCollision { other: other.into() };
        let under = |parent: &str| Refusal::ParentIsNoDirectory { parent: parent.into() };
        let cases = [
            ("a a", "a", Refusal::Duplicate),
            ("a/ a", "a", Refusal::Duplicate),
            ("Readme README", "README", collides("Readme")),
            ("Dir/a dir/b", "dir/b", collides("Dir")),
            ("Ä/x ä/y", "ä/y", collides("Ä")),
            ("a a/b", "a/b", under("a")),
            ("l->dir dir/ l/evil", "l/evil", under("l")),
            ("l->..", "l", leaves("..")),
            ("a/l->../../x", "a/l", leaves("../../x")),
            ("l->/etc", "l", leaves("/etc")),
            ("l->C:/x", "l", leaves("C:/x")),
            // Each link alone looks harmless; together they climb out.
            ("up/->x a/b/ up2->a/b out->up2/../../../x", "out", leaves("up2/../../../x")),
            ("a/up->.. b->a/up/../x", "b", leaves("a/up/../x")),
            ("a->b b->a", "a", Refusal::SymlinkLoop { target: "b".into() }),
            ("l->", "l", Refusal::SymlinkTargetInvalid),
        ];
        for (lines, entry, refusal) in cases {
            match check(&nodes(lines)) {
                Err(ArchiveError::Refused { entry: named, refusal: found }) => {
                    assert_eq!((named.as_str(), found), (entry, refusal), "{lines}");
                }
                other => panic!("{lines}: {other:?}"),
            }
        }
    }
}
