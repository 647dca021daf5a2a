//! Markdown as these tests read it: links, tables and blocks of commands.

use regex::Regex;

/// The targets of links that are not addresses of the web, without what follows `#`.
pub fn links(text: &str) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a regular expression");
    let targets = link.captures_iter(text).map(|found| found[1].to_owned());
    let here = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    here.map(|target| target.split('#').next().unwrap_or_default().to_owned()).collect()
}

/// The lines of blocks that begin with three backticks and `sh`; continued lines are one, comments none.
pub fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut is_inside = false;
    for line in text.replace("\\\n", " ").lines() {
        if line.trim_start().starts_with("```") {
            is_inside = line.trim() == "```sh";
        } else if is_inside {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if !line.is_empty() && !line.starts_with('#') {
                commands.push(line.to_owned());
            }
        }
    }
    commands
}

/// The cells of the rows of the first table whose header begins with `first`.
pub fn table(text: &str, first: &str) -> Vec<Vec<String>> {
    let rows = text.lines().skip_while(|line| !line.starts_with(&format!("| {first} |"))).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// The words in backticks of a cell.
pub fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn commands_are_read_from_blocks_of_sh_only() {
    let text = "```sh\n# why\ncargo test \\\n  -p x # now\n```\n```text\nnot this\n```\n";
    assert_eq!(commands(text), ["cargo test    -p x"]);
}

#[test]
fn tables_are_read_by_cells() {
    let text = "| Say | Not |\n| --- | --- |\n| stage | `Step`, `Job` |\n\n| Say | no |\n";
    let rows = table(text, "Say");
    assert_eq!(rows, [["stage", "`Step`, `Job`"]]);
    assert_eq!(quoted(&rows[0][1]), ["Step", "Job"]);
}
