//! A file's text to a declaration, or to everything that is wrong with it.

use std::ops::Range;

use engine::declaration::{Circumstances, PipelineDeclaration};
use serde::{Deserialize, Serialize};

use crate::report::{Problem, Report};
use crate::{envelope, json, yaml};

/// Larger files are not read: the largest declaration that CodePipeline takes is far smaller.
pub const MAXIMUM_BYTES: usize = 10 * 1024 * 1024;

/// A file without errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub declaration: PipelineDeclaration,
    /// The tags beside the declaration; empty where there are none.
    pub tags: Vec<Tag>,
}

/// A tag of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// Reads and checks a pipeline file. The name is for messages; a name in `.json` makes it JSON, one in `.yaml`
/// or `.yml` YAML, and any other is told by its first character.
pub fn check(file_name: &str, text: &str, circumstances: &Circumstances) -> Result<Checked, Report> {
    if text.len() > MAXIMUM_BYTES {
        let message = format!("the file has {} bytes; at most {MAXIMUM_BYTES} (10 MB) are read", text.len());
        let problem = Problem::of_file(0..0, message, "this is not a pipeline declaration");
        return Err(Report::new(file_name, "", vec![problem]));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let refuse = |problems| Report::new(file_name, text, problems);
    let (document, mut problems) = if is_json(file_name, text) {
        json::read(text).map_err(|problem| refuse(vec![*problem]))?
    } else {
        (yaml::read(text).map_err(|problem| refuse(vec![*problem]))?, Vec::new())
    };
    let envelope = envelope::open(&document).map_err(|problem| refuse(vec![*problem]))?;
    problems.extend(envelope.problems);
    let checked = engine::declaration::check(&envelope.declaration.to_value(), circumstances);
    for violation in checked.violations {
        let mut span = envelope.declaration.locate(&violation.path, violation.points_at);
        if let Some(excerpt) = violation.excerpt {
            span = part(text, span, &excerpt);
        }
        let exception = violation.exception.name();
        problems.push(Problem::new(
            violation.path.to_string(),
            span,
            exception,
            violation.message,
            violation.help,
        ));
    }
    if problems.is_empty() {
        Ok(Checked { declaration: checked.declaration, tags: envelope.tags })
    } else {
        Err(refuse(problems))
    }
}

/// Where a part of a value stands, if it is written there as it is read.
fn part(text: &str, span: Range<usize>, excerpt: &str) -> Range<usize> {
    match text.get(span.clone()).and_then(|written| written.find(excerpt)) {
        Some(offset) => span.start + offset..span.start + offset + excerpt.len(),
        None => span,
    }
}

fn is_json(file_name: &str, text: &str) -> bool {
    match file_name.rsplit('.').next().map(str::to_lowercase).as_deref() {
        Some("json") => true,
        Some("yaml" | "yml") => false,
        _ => text.trim_start().starts_with(['{', '[']),
    }
}
