//! What Install plans for revisions, previous revisions, and what is in the way.

use super::*;
use crate::appspec::parse;
use crate::install::Instruction::*;

/// `dir/`, `file`, `link->target`.
fn contents(lines: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = lines
        .split_whitespace()
        .map(|line| match line.split_once("->") {
            Some((path, target)) => {
                Entry { path: path.into(), kind: EntryKind::Symlink { target: target.into() } }
            }
            None if line.ends_with('/') => {
                Entry { path: line.trim_end_matches('/').into(), kind: EntryKind::Directory }
            }
            None => Entry { path: line.into(), kind: EntryKind::File },
        })
        .collect();
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    entries
}

/// What exists, in the same notation.
fn existing(lines: &str) -> impl Fn(&str) -> Existing {
    let there = contents(lines);
    move |path| {
        let blocked = there
            .iter()
            .any(|entry| entry.kind != EntryKind::Directory && path.starts_with(&format!("{}/", entry.path)));
        match there.iter().find(|entry| entry.path == path) {
            _ if blocked => Existing::Blocked,
            None => Existing::Nothing,
            Some(Entry { kind: EntryKind::Directory, .. }) => Existing::Directory,
            Some(_) => Existing::Other,
        }
    }
}

const REVISION: &str = "appspec.yml site/ site/index.html site/img/ site/img/a.png app.conf";

fn planned(body: &str, previous: &[&str], there: &str) -> Result<Plan, String> {
    let spec = parse(&format!("version: 0.0\nos: linux\n{body}")).expect("a good appspec");
    let previous: Vec<String> = previous.iter().map(|path| (*path).to_string()).collect();
    let request = Request {
        spec: &spec,
        contents: &contents(REVISION),
        previous: &previous,
        behavior: FileExistsBehavior::Disallow,
        as_current_user: false,
    };
    plan(&request, &existing(there))
}

const SITE: &str = "files:\n  - source: site\n    destination: /var/www\n";

#[test]
fn directories_are_merged_and_files_copied_with_the_missing_directories_above() {
    let found = planned(&format!("{SITE}  - source: app.conf\n    destination: /etc/app\n"), &[], "var/")
        .expect("a plan");
    let directory = |path: &str| MakeDirectory { path: path.into() };
    let copy = |source: &str, path: &str| CopyFile { source: source.into(), path: path.into() };
    let expected = [
        directory("var/www"),
        directory("var/www/img"),
        copy("site/img/a.png", "var/www/img/a.png"),
        copy("site/index.html", "var/www/index.html"),
        directory("etc"),
        directory("etc/app"),
        copy("app.conf", "etc/app/app.conf"),
    ];
    assert_eq!(found.instructions, expected);
    assert!(!found.installed.contains(&"var".to_string()), "what was there stays there");
    assert_eq!(found.installed.len(), 7);
}

#[test]
fn a_single_slash_is_the_whole_revision() {
    let found = planned("files:\n  - source: /\n    destination: /\n", &[], "").expect("a plan");
    let mut installed = found.installed;
    installed.sort();
    assert_eq!(
        installed,
        ["app.conf", "appspec.yml", "site", "site/img", "site/img/a.png", "site/index.html"]
    );
}

#[test]
fn a_file_in_the_way_is_a_matter_of_file_exists_behavior() {
    let there = "var/ var/www/ var/www/index.html";
    let refused = planned(SITE, &[], there).expect_err("it is in the way");
    assert!(refused.ends_with("already exists at this location: /var/www/index.html"), "{refused}");

    let of_previous = planned(SITE, &["var/www", "var/www/index.html"], there).expect("it will be replaced");
    assert!(of_previous.installed.contains(&"var/www/index.html".into()));

    let overwritten =
        planned(&format!("{SITE}file_exists_behavior: OVERWRITE\n"), &[], there).expect("a plan");
    assert!(overwritten.installed.contains(&"var/www/index.html".into()));

    let retained = planned(&format!("{SITE}file_exists_behavior: RETAIN\n"), &[], there).expect("a plan");
    assert_eq!(retained.retained, ["var/www/index.html"]);
    assert!(!retained.installed.contains(&"var/www/index.html".into()), "it is not ours to remove");
}

#[test]
fn what_cannot_be_installed_is_refused() {
    let overwrite = "file_exists_behavior: OVERWRITE\n";
    let cases = [
        (format!("{SITE}{overwrite}"), "var/ var/www/ var/www/index.html/", "location: /var/www/index.html"),
        (format!("{SITE}{overwrite}"), "var", "location: /var"),
        (format!("{SITE}{overwrite}"), "var->elsewhere", "location: /var"),
        (
            "files:\n  - source: app.conf\n    destination: /a\n  - source: /\n    destination: /a\n".into(),
            "",
            "specifies two source files named app.conf and app.conf for the same destination (/a/app.conf)",
        ),
        (
            "files:\n  - source: app.conf\n    destination: /a\n  - source: site\n    destination: /a/app.conf\n".into(),
            "",
            "both a file and a directory",
        ),
    ];
    for (body, there, expected) in cases {
        let refused = planned(&body, &[], there).expect_err(&body);
        assert!(refused.contains(expected), "{body}: {refused}");
    }
}

#[test]
fn a_link_that_would_lead_out_of_the_root_is_refused() {
    let spec =
        parse("version: 0.0\nos: linux\nfiles:\n  - source: a/b\n    destination: /\n").expect("an appspec");
    let try_link = |line: &str| {
        let contents = contents(&format!("a/ a/b/ {line}"));
        let request = Request {
            spec: &spec,
            contents: &contents,
            previous: &[],
            behavior: FileExistsBehavior::Disallow,
            as_current_user: false,
        };
        plan(&request, &existing(""))
    };
    // Inside of the revision, but one directory too high from the root.
    let refused = try_link("a/b/link->../x").expect_err("it leads out");
    assert!(refused.contains("/link would lead to ../x"), "{refused}");
    let fine = try_link("a/b/link->x/../y").expect("it stays inside");
    assert_eq!(fine.instructions, [MakeLink { target: "x/../y".into(), path: "link".into() }]);
}

#[test]
fn permissions_reach_what_they_match() {
    let all = ["var/www", "var/www/img", "var/www/img/a.png", "var/www/index.html"];
    let cases: [(&str, &[&str]); 8] = [
        ("object: /var/www/index.html\n    mode: 640", &["var/www/index.html"]),
        ("object: /\n    mode: 640", &all),
        ("object: /var/www\n    mode: 640", &all[1..]),
        ("object: /var/www\n    type: [file]\n    mode: 640", &["var/www/img/a.png", "var/www/index.html"]),
        ("object: /var/www\n    pattern: '*.html'\n    mode: 640", &["var/www/index.html"]),
        ("object: /var/www\n    pattern: 'i*'\n    except: ['*.html']\n    mode: 640", &["var/www/img"]),
        ("object: /elsewhere\n    mode: 640", &[]),
        ("object: /var/www/index.html\n    type: [directory]\n    mode: 640", &[]),
    ];
    for (permission, expected) in cases {
        let plan = planned(&format!("{SITE}permissions:\n  - {permission}\n"), &[], "var/").expect("a plan");
        let mut changed: Vec<&str> = plan
            .instructions
            .iter()
            .filter_map(|instruction| match instruction {
                ChangeMode { path, mode: 0o640 } => Some(path.as_str()),
                _ => None,
            })
            .collect();
        changed.sort_unstable();
        assert_eq!(changed, expected, "{permission}");
    }
    let wrong = [
        ("object: /var/www/index.html\n    pattern: '*.html'\n    mode: 640", "an invalid pattern (*.html)"),
        (
            "object: /var/www/index.html\n    mode: 640\n  - object: /var/www\n    mode: 600",
            "(/var/www/index.html) is specified more than once",
        ),
    ];
    for (permission, expected) in wrong {
        let refused =
            planned(&format!("{SITE}permissions:\n  - {permission}\n"), &[], "var/").expect_err(permission);
        assert!(refused.contains(expected), "{refused}");
    }
}
