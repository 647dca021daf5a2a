//! What the documents say is there, is there.

use crate::crates::is_member;
use crate::markdown::{commands, links};
use crate::repository::{SourceFile, files, files_ending, nothing, root, text_of};

/// Programs that README may ask a newcomer to have, or that cargo makes.
const PROGRAMS: &[&str] = &["git", "cargo", "sh", "pipewright", "cd", "sam", "aws", "curl", "export"];

fn exists(path: &str) -> bool {
    root().join(path).exists()
}

/// `path` as it is meant in a file of `folder`.
fn from_folder(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn folder_of(file: &SourceFile) -> &str {
    file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn links_lead_to_files_that_are_there() {
    let mut findings = Vec::new();
    for file in files_ending(".md") {
        let broken = links(&file.text).into_iter();
        let broken = broken.filter(|link| !exists(&from_folder(folder_of(file), link)));
        findings.extend(broken.map(|link| format!("{}: {link}", file.path)));
    }
    nothing(findings, "Mend the link.");
}

#[test]
fn code_in_backticks_that_looks_like_a_path_is_one() {
    let is_path = |word: &&str| {
        let roots = ["shared/", "functions/", "infra/", "tests/", "docs/", "examples/"];
        roots.iter().any(|root| word.starts_with(root))
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c))
    };
    let mut findings = Vec::new();
    for file in files_ending(".md") {
        let words = file.text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(is_path);
        let broken = words.filter(|word| !exists(word) && !exists(&from_folder(folder_of(file), word)));
        findings.extend(broken.map(|word| format!("{}: {word}", file.path)));
    }
    nothing(findings, "Name files by where they are; write <name> for what a reader fills in.");
}

/// What is wrong with one command of README.
fn problem(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let is_here = |word: &&str| {
        let first = word.trim_start_matches("./").split('/').next().unwrap_or_default();
        word.contains('/')
            && (word.starts_with("./") || files().iter().any(|f| f.path.starts_with(&format!("{first}/"))))
    };
    if let Some(path) = words.iter().filter(|word| is_here(word)).find(|path| !exists(path)) {
        return Some(format!("{path} is not there"));
    }
    let package = words.iter().position(|word| *word == "-p").and_then(|at| words.get(at + 1));
    if words[0] == "cargo" && package.is_some_and(|name| !is_member(name)) {
        return package.map(|name| format!("there is no package {name}"));
    }
    (!PROGRAMS.contains(&words[0]) && !exists(words[0])).then(|| format!("nobody has {}", words[0]))
}

#[test]
fn commands_of_readme_run_what_is_there() {
    let commands = commands(text_of("README.md"));
    assert!(!commands.is_empty(), "README.md shows how to build, test and start, in blocks of sh");
    let findings = commands.iter().filter_map(|command| Some(format!("{command}: {}", problem(command)?)));
    nothing(findings.collect(), "README.md is run by people who know nothing else yet.");
}

#[test]
fn scripts_can_be_executed() {
    use std::os::unix::fs::PermissionsExt;
    let scripts = files().iter().filter(|file| file.text.starts_with("#!"));
    let closed = scripts.filter(|file| {
        let metadata = root().join(&file.path).metadata();
        metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o111 == 0)
    });
    nothing(
        closed.map(|file| file.path.clone()).collect(),
        "A file that begins with #! is made to be run: chmod +x.",
    );
}
