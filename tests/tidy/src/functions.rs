//! The header of a function's lib.rs is its reference page; these tests keep it true.

use std::collections::BTreeSet;

use regex::Regex;

use crate::headers::header;
use crate::repository::{SourceFile, files, nothing};
use crate::template::{entry, folders, is_action};

fn lib(folder: &str) -> &'static SourceFile {
    let path = format!("functions/{folder}/src/lib.rs");
    files().iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path} is not there"))
}

/// The words in backticks in the first column of the header's table.
fn documented_keys(header: &str) -> BTreeSet<String> {
    let rows = header.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let quoted = Regex::new("`(\\w+)`").expect("a regular expression");
    rows.flat_map(|cell| quoted.captures_iter(cell).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .collect()
}

/// The configuration keys that a function's code asks its job for.
fn read_keys(folder: &str) -> BTreeSet<String> {
    let asked =
        Regex::new(r#"(?s)\b(?:required|optional|is_set)\(\s*"(\w+)""#).expect("a regular expression");
    let prefix = format!("functions/{folder}/src/");
    let files = files().iter().filter(|file| file.path.starts_with(&prefix));
    files.flat_map(|file| asked.captures_iter(&file.text).map(|found| found[1].to_owned())).collect()
}

#[test]
fn an_action_begins_with_its_action_type() {
    let id = Regex::new(r"^[A-Z]\w+/(AWS|ThirdParty|Custom)/\w+/\d").expect("a regular expression");
    // That of custom actions runs the types that accounts create.
    let actions = folders().into_iter().filter(|folder| is_action(folder) && !folder.starts_with("custom-"));
    let others = actions.filter(|folder| !id.is_match(&header(lib(folder))));
    nothing(
        others.map(str::to_owned).collect(),
        "Begin lib.rs with //! Category/Owner/Provider/Version: what it does.",
    );
}

#[test]
fn an_action_documents_every_configuration_key_that_it_reads() {
    let mut findings = Vec::new();
    for folder in folders().into_iter().filter(|folder| is_action(folder)) {
        let documented = documented_keys(&header(lib(folder)));
        let missing = read_keys(folder).into_iter().filter(|key| !documented.contains(key));
        findings.extend(missing.map(|key| format!("{folder}: {key}")));
    }
    nothing(findings, "Give the key a row in the table at the top of lib.rs.");
}

#[test]
fn a_documented_configuration_key_is_one_of_the_catalog() {
    let catalog = files().iter().filter(|file| file.path.starts_with("shared/engine/src/catalog/"));
    let catalog: String = catalog.map(|file| file.text.as_str()).collect();
    let mut findings = Vec::new();
    for folder in folders().into_iter().filter(|folder| is_action(folder)) {
        let unknown = documented_keys(&header(lib(folder))).into_iter();
        let unknown = unknown.filter(|key| key != "commands" && !catalog.contains(&format!("(\"{key}\"")));
        findings.extend(unknown.map(|key| format!("{folder}: {key}")));
    }
    nothing(findings, "The engine refuses what the catalog does not know, so nobody can set the key.");
}

#[test]
fn a_function_with_permissions_of_its_own_says_which() {
    let has_own = |folder: &&str| {
        entry(folder).lines().any(|line| {
            let policy = line.strip_prefix("        - ").filter(|policy| *policy != "!Ref CommitPolicy");
            policy.is_some_and(|policy| policy.starts_with("!Ref") || policy.starts_with("Version:"))
        })
    };
    let silent =
        folders().into_iter().filter(has_own).filter(|folder| !header(lib(folder)).contains("Permissions:"));
    nothing(
        silent.map(str::to_owned).collect(),
        "Say in the header of lib.rs which AWS permissions it needs.",
    );
}
