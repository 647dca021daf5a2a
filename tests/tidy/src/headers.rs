//! A file says why it exists before it does anything. Where the name of an AWS operation says it all, the
//! name is enough; `tests.rs` is about the module beside it.

use crate::repository::{SourceFile, nothing, rust_files};

/// The text of the `//!` lines that a file begins with.
pub fn header(file: &SourceFile) -> String {
    let lines = file.text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn problem(file: &SourceFile) -> Option<&'static str> {
    let header = header(file);
    let first = header.split("\n\n").next().unwrap_or_default();
    if header.is_empty() {
        Some("does not begin with //!")
    } else if !first.ends_with(['.', ':', '?']) {
        Some("does not begin with a sentence")
    } else {
        None
    }
}

#[test]
fn every_module_begins_by_saying_what_it_is() {
    let modules = rust_files().filter(|file| !file.path.ends_with("/tests.rs"));
    let findings = modules.filter_map(|file| Some(format!("{}: {}", file.path, problem(file)?)));
    nothing(findings.collect(), "Say what the module is responsible for, and why it exists.");
}
