//! What must not stay behind: unfinished work, silenced findings, prints, and code that knows where it runs.

use regex::Regex;

use crate::repository::{SourceFile, files, nothing, rust_files};

/// Where the command line writes to the terminal.
const MAY_PRINT: &[&str] = &[
    "infra/local/src/main.rs",
    "infra/local/src/pipeline_source.rs",
    "infra/local/src/run/announce.rs",
    "infra/local/src/run/approve.rs",
];

/// Lines of a layer of the Rust files that `pattern` matches.
fn matches<'a>(
    files: impl Iterator<Item = &'a SourceFile>,
    pattern: &str,
    layer: fn(&SourceFile) -> &str,
) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a regular expression");
    let mut findings = Vec::new();
    for file in files {
        for (index, line) in layer(file).lines().enumerate().filter(|(_, line)| pattern.is_match(line)) {
            findings.push(format!("{}:{}: {}", file.path, index + 1, line.trim()));
        }
    }
    findings
}

fn code(file: &SourceFile) -> &str {
    &file.rust().code
}

fn product(file: &SourceFile) -> &str {
    &file.rust().product
}

fn comments(file: &SourceFile) -> &str {
    &file.rust().comments
}

fn is_in_the_product(file: &&SourceFile) -> bool {
    !file.is_test_code() && !file.is_example() && !file.path.starts_with("tests/")
}

#[test]
fn nothing_is_left_unfinished() {
    let unfinished = matches(rust_files(), r"\b(todo|unimplemented|dbg)!", code);
    nothing(unfinished, "Finish it, or refuse what is not supported with an error that says what to do.");
}

#[test]
fn nothing_is_marked_for_later() {
    let marks = [["FIX", "ME"].concat(), ["XX", "X"].concat(), ["TO", "DO"].concat(), ["HA", "CK"].concat()];
    let pattern = format!(r"\b({})\b", marks.join("|"));
    let everywhere = files().iter().filter(|file| !file.path.ends_with(".lock"));
    nothing(matches(everywhere, &pattern, |file| &file.text), "Do it now, or leave it out.");
}

#[test]
fn no_test_is_ignored_but_one_that_another_test_runs_as_a_second_process() {
    let ignored = matches(rust_files(), r"#\[ignore", |file| &file.text);
    let ignored = ignored.into_iter().filter(|line| !line.starts_with("tests/tidy/"));
    let ignored = ignored.filter(|line| !line.contains("= \"the second process of "));
    nothing(ignored.collect(), "A test that does not run proves nothing.");
}

#[test]
fn only_the_command_line_prints() {
    let silent = rust_files().filter(is_in_the_product);
    let silent = silent.filter(|file| !MAY_PRINT.iter().any(|place| file.path.starts_with(place)));
    let printed = matches(silent, r"\be?print(ln)?!", product);
    nothing(
        printed,
        "Functions and services log with tracing; what users read is written in the files of MAY_PRINT.",
    );
}

#[test]
fn a_lint_is_silenced_only_with_a_reason() {
    let attribute = Regex::new(r"#!?\[(allow|expect)\([^\]]*\)\]").expect("a regular expression");
    let mut findings = Vec::new();
    for file in rust_files() {
        let code = &file.rust().code;
        let unexplained = attribute.find_iter(code).filter(|found| !found.as_str().contains("reason = "));
        findings.extend(unexplained.map(|found| format!("{}: {}", file.path, found.as_str())));
    }
    nothing(findings, r#"Write #[expect(lint, reason = "why it does not apply")]."#);
}

#[test]
fn no_code_is_commented_out() {
    let pattern = r"^\s*//[^/!].*(;|\{|\)\?|=>.*,)$|^\s*// *(let|use|pub|fn|if|for|match|return) .*[;{(]$";
    nothing(matches(rust_files(), pattern, comments), "Git remembers it. Take it out.");
}

/// `./test` runs no tests in comments: each would be compiled as a program of its own.
#[test]
fn blocks_in_comments_say_that_they_are_not_compiled() {
    let mut findings = Vec::new();
    for file in rust_files() {
        let fences = file.rust().comments.lines().enumerate().filter_map(|(index, line)| {
            let comment = line.trim_start().trim_start_matches(['/', '!']).trim();
            Some((index + 1, comment.strip_prefix("```")?.to_owned()))
        });
        let opening =
            fences.step_by(2).filter(|(_, language)| ["", "rust", "no_run", "ignore"].contains(&&**language));
        findings.extend(opening.map(|(line, _)| format!("{}:{line}", file.path)));
    }
    nothing(findings, "Write ```text, or make it a test.");
}

#[test]
fn deployed_code_does_not_know_where_it_runs() {
    let deployed = rust_files().filter(is_in_the_product);
    let deployed =
        deployed.filter(|file| file.path.starts_with("functions/") || file.path.starts_with("shared/"));
    let asked =
        matches(deployed, r"cfg!?\(.*feature|\bif .*\b(is_)?local\b|\bis_local|\brunning_locally", product);
    nothing(asked, "The difference between a laptop and AWS is the SDK's HTTP client, and nothing else.");
}

#[test]
fn decisions_name_every_status() {
    let decisions = rust_files().filter(is_in_the_product).filter(|file| {
        ["decide/", "execution/"]
            .iter()
            .any(|folder| file.path.starts_with(&format!("shared/engine/src/{folder}")))
    });
    let mut findings = Vec::new();
    for file in decisions {
        for block in matches_over_statuses(&file.rust().product) {
            findings.push(format!("{}: {block}", file.path));
        }
    }
    nothing(findings, "A new status must not compile until somebody has decided what it means: no `_ =>`.");
}

/// The first lines of match expressions that name a status (or what else decides) and have a wildcard arm.
fn matches_over_statuses(code: &str) -> Vec<String> {
    let head = Regex::new(r"\bmatch [^{;]+\{").expect("a regular expression");
    let decides =
        Regex::new(r"Status::|EventKind::|Stop::|ExecutionMode::|\.status\b").expect("a regular expression");
    let wildcard = Regex::new(r"(?m)^\s*(_|\(_(, _)*\)) =>").expect("a regular expression");
    let blocks = head.find_iter(code).map(|found| {
        let mut depth = 1;
        let rest = &code[found.end()..];
        let end = rest.char_indices().find(|(_, character)| {
            depth += match character {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            depth == 0
        });
        (found.as_str(), &rest[..end.map_or(rest.len(), |(at, _)| at)])
    });
    let guilty = blocks
        .filter(|(head, body)| wildcard.is_match(body) && (decides.is_match(head) || decides.is_match(body)));
    guilty.map(|(head, _)| head.to_owned()).collect()
}

#[test]
fn a_wildcard_over_statuses_is_found() {
    let guilty = "match execution.status {\n    ExecutionStatus::Failed => 1,\n    _ => 2,\n}";
    let innocent = "match name {\n    \"a\" => 1,\n    _ => 2,\n}\nlet x = a.status;";
    assert_eq!(matches_over_statuses(guilty), ["match execution.status {"]);
    assert!(matches_over_statuses(innocent).is_empty());
}
