//! How much of the code was run, in the formats of code coverage.

use serde_json::Value;

use super::results::Coverage;
use super::xml::{Element, Tag, tags};

/// Counts of the root; older writers give them only as lines.
pub fn cobertura(text: &str) -> Result<Coverage, String> {
    let tags = tags(text, &["coverage"])?;
    let Some(Tag::Open(root)) = tags.first() else { return Ok(Coverage::default()) };
    if !root.attribute("lines-valid").is_empty() {
        return Ok(Coverage {
            lines_covered: count(root, "lines-covered"),
            lines_missed: missed(root, "lines-valid", "lines-covered"),
            branches_covered: count(root, "branches-covered"),
            branches_missed: missed(root, "branches-valid", "branches-covered"),
        });
    }
    let mut coverage = Coverage::default();
    let mut is_in_method = false;
    for tag in &tags {
        match tag {
            // The lines of methods are those of their class again.
            Tag::Open(element) if element.name == "methods" => is_in_method = true,
            Tag::Close(name) if name == "methods" => is_in_method = false,
            Tag::Open(element) if element.name == "line" && !is_in_method => {
                let is_covered = count(element, "hits") > 0;
                *(if is_covered { &mut coverage.lines_covered } else { &mut coverage.lines_missed }) += 1;
            }
            _ => {}
        }
    }
    Ok(coverage)
}

pub fn clover(text: &str) -> Result<Coverage, String> {
    let tags = tags(text, &["coverage"])?;
    // The first metrics are the project's; those of its packages, files and classes follow.
    let metrics = tags.iter().find_map(|tag| match tag {
        Tag::Open(element) if element.name == "metrics" => Some(element),
        _ => None,
    });
    let metrics = metrics.ok_or("it has no metrics")?;
    Ok(Coverage {
        lines_covered: count(metrics, "coveredstatements"),
        lines_missed: missed(metrics, "statements", "coveredstatements"),
        branches_covered: count(metrics, "coveredconditionals"),
        branches_missed: missed(metrics, "conditionals", "coveredconditionals"),
    })
}

/// The counters of the report itself, which come after those of its packages.
pub fn jacoco(text: &str) -> Result<Coverage, String> {
    let tags = tags(text, &["report"])?;
    let mut coverage = Coverage::default();
    let mut depth = 0;
    for tag in &tags {
        match tag {
            Tag::Open(element) => {
                depth += 1;
                let counts = (count(element, "covered"), count(element, "missed"));
                match (depth, element.name.as_str(), element.attribute("type")) {
                    (2, "counter", "LINE") => (coverage.lines_covered, coverage.lines_missed) = counts,
                    (2, "counter", "BRANCH") => {
                        (coverage.branches_covered, coverage.branches_missed) = counts
                    }
                    _ => {}
                }
            }
            Tag::Close(_) => depth -= 1,
        }
    }
    Ok(coverage)
}

/// SimpleCov's `.resultset.json`, with the runs of several suites, or its `coverage.json`.
pub fn simplecov(text: &str) -> Result<Coverage, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let runs = document.as_object().ok_or("it is no object")?;
    let mut files: Vec<&Value> = Vec::new();
    for (name, run) in runs {
        let coverage = if name == "coverage" { run } else { &run["coverage"] };
        files.extend(coverage.as_object().into_iter().flat_map(|files| files.values()));
    }
    if files.is_empty() {
        return Err("it has no coverage of files".to_owned());
    }
    let mut coverage = Coverage::default();
    for file in files {
        // Before version 0.18 a file was the list of its lines.
        let lines = file["lines"].as_array().or(file.as_array());
        for hits in lines.into_iter().flatten().filter_map(Value::as_u64) {
            *(if hits > 0 { &mut coverage.lines_covered } else { &mut coverage.lines_missed }) += 1;
        }
        for hits in branch_hits(&file["branches"]) {
            *(if hits > 0 { &mut coverage.branches_covered } else { &mut coverage.branches_missed }) += 1;
        }
    }
    Ok(coverage)
}

fn branch_hits(branches: &Value) -> Vec<u64> {
    match branches {
        Value::Object(conditions) => {
            let arms = conditions.values().filter_map(Value::as_object);
            arms.flat_map(|arms| arms.values().filter_map(Value::as_u64)).collect()
        }
        Value::Array(arms) => arms.iter().filter_map(|arm| arm["coverage"].as_u64()).collect(),
        _ => Vec::new(),
    }
}

fn count(element: &Element, attribute: &str) -> u64 {
    element.attribute(attribute).parse().unwrap_or(0)
}

fn missed(element: &Element, all: &str, covered: &str) -> u64 {
    count(element, all).saturating_sub(count(element, covered))
}
