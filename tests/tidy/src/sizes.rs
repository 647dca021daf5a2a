//! Files and functions that fit in one head.

use crate::repository::{SourceFile, files, nothing, rust_files};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
/// A test may be a table with a row for every case.
const TEST_LINES_MAX: usize = 120;
const LINE_CHARACTERS_MAX: usize = 120;
const MEDIAN_LINES_MAX: usize = 120;
const NINETIETH_PERCENTILE_LINES_MAX: usize = 350;

/// Files that may be longer, each with a reason that will still convince in a year.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions that may be longer: `path`, `function`, reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

#[test]
fn no_file_of_code_has_more_than_500_lines() {
    let is_exception = |file: &SourceFile| LONG_FILES.iter().any(|(path, _)| file.path == *path);
    let is_code = |file: &&SourceFile| [".rs", ".py", ".sh"].iter().any(|end| file.path.ends_with(end));
    let long = files().iter().filter(is_code).filter(|file| !is_exception(file)).filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > FILE_LINES_MAX).then(|| format!("{}: {lines} lines", file.path))
    });
    nothing(long.collect(), "Split the file by idea, not in the middle.");
}

#[test]
fn no_function_has_more_than_70_lines_and_no_test_more_than_120() {
    let mut findings = Vec::new();
    for file in rust_files() {
        for function in file.rust().functions() {
            let is_exception =
                LONG_FUNCTIONS.iter().any(|(path, name, _)| file.path == *path && function.name == *name);
            let is_test = !function.is_product || file.is_test_code();
            let lines_max = if is_test { TEST_LINES_MAX } else { FUNCTION_LINES_MAX };
            if function.lines > lines_max && !is_exception {
                let (path, line, name) = (&file.path, function.line, &function.name);
                findings.push(format!("{path}:{line}: {name} has {} lines", function.lines));
            }
        }
    }
    nothing(findings, "A function fits on a screen: the parent keeps the control flow, the leaves compute.");
}

#[test]
fn no_line_has_more_than_120_characters_beside_its_strings() {
    let mut findings = Vec::new();
    for file in rust_files() {
        let lengths = file.rust().line_lengths().collect::<Vec<_>>();
        for (index, (line, length)) in file.text.lines().zip(lengths).enumerate() {
            let is_table_row =
                line.trim_start().starts_with("//! |") || line.trim_start().starts_with("/// |");
            if length > LINE_CHARACTERS_MAX && !is_table_row {
                findings.push(format!("{}:{}: {length} characters", file.path, index + 1));
            }
        }
    }
    nothing(
        findings,
        "rustfmt breaks code; comments are broken by hand. Strings and rows of tables may be longer.",
    );
}

#[test]
fn half_of_the_files_are_short_and_nine_of_ten_are_not_long() {
    let is_product = |file: &&SourceFile| !file.is_test_code() && !file.path.starts_with("tests/");
    let mut lines: Vec<_> = rust_files().filter(is_product).map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    let (median, ninetieth) = (lines[lines.len() / 2], lines[lines.len() * 9 / 10]);
    println!("{} files of code: median {median} lines, 90th percentile {ninetieth}", lines.len());
    assert!(median <= MEDIAN_LINES_MAX, "the median file has {median} lines");
    assert!(ninetieth <= NINETIETH_PERCENTILE_LINES_MAX, "the 90th percentile is {ninetieth} lines");
}

#[test]
fn exceptions_are_about_files_and_functions_that_are_there() {
    let files = LONG_FILES.iter().map(|(path, reason)| (path, reason));
    let functions = LONG_FUNCTIONS.iter().map(|(path, _, reason)| (path, reason));
    let stale = files.chain(functions).filter(|(path, reason)| {
        reason.split(' ').count() < 4 || !rust_files().any(|file| file.path == **path)
    });
    nothing(
        stale.map(|(path, _)| (*path).to_owned()).collect(),
        "An exception without its file, or a reason.",
    );
}
