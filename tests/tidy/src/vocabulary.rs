//! One word for one thing: `docs/vocabulary.md` is the list, and this is where it is enforced.

use std::collections::BTreeSet;

use regex::Regex;

use crate::markdown::{quoted, table};
use crate::repository::{SourceFile, nothing, rust_files, text_of};

/// One row of the table: words that no type and no file has in its name, and in which folders.
struct Row {
    say: String,
    never: BTreeSet<String>,
    folders: Vec<String>,
}

fn rows() -> Vec<Row> {
    let rows = table(text_of("docs/vocabulary.md"), "Say").into_iter().map(|cells| {
        let [say, _means, _not, never, folders] = &cells[..] else {
            panic!("a row of docs/vocabulary.md has five cells: {cells:?}");
        };
        Row { say: say.clone(), never: quoted(never).into_iter().collect(), folders: quoted(folders) }
    });
    rows.collect()
}

/// Types that a file declares.
fn types(file: &SourceFile) -> Vec<String> {
    let declared =
        Regex::new(r"\b(?:struct|enum|trait|type|union)\s+([A-Z]\w*)").expect("a regular expression");
    let code = &file.rust().product;
    declared.captures_iter(code).map(|found| found[1].to_owned()).collect()
}

/// An operation's file has the name that the API gives it, `PutJobSuccessResult` for one.
fn is_operation(file: &SourceFile) -> bool {
    file.path.starts_with("functions/api/src/operations/")
}

/// `BuildStatus` and `build_status.rs` are both Build and Status.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    for character in name.chars() {
        if character == '_' || character == '-' {
            begins = true;
        } else if begins || character.is_uppercase() {
            words.push(character.to_uppercase().collect());
            begins = false;
        } else if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    words
}

#[test]
fn names_are_of_the_vocabulary() {
    let rows = rows();
    assert!(rows.len() > 8, "docs/vocabulary.md has its table");
    let mut findings = Vec::new();
    for file in rust_files().filter(|file| !file.is_test_code()) {
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        let rows = rows.iter().filter(|row| row.folders.iter().any(|folder| file.path.starts_with(folder)));
        let stem = (!is_operation(file)).then_some(stem);
        let names: Vec<_> = types(file).into_iter().chain(stem).collect();
        for row in rows {
            for name in names.iter().filter(|name| words(name).iter().any(|word| row.never.contains(word))) {
                findings.push(format!("{}: {name}: say {}", file.path, row.say));
            }
        }
    }
    nothing(findings, "docs/vocabulary.md has the word for it.");
}

#[test]
fn folders_of_the_vocabulary_are_there() {
    let rows = rows();
    let folders = rows.iter().flat_map(|row| &row.folders);
    let missing = folders.filter(|folder| !rust_files().any(|file| file.path.starts_with(folder.as_str())));
    nothing(missing.cloned().collect(), "A rule about a folder that is not there holds nowhere.");
}

#[test]
fn names_are_split_into_words() {
    assert_eq!(words("BuildStatus"), ["Build", "Status"]);
    assert_eq!(words("put_approval-result"), ["Put", "Approval", "Result"]);
}
