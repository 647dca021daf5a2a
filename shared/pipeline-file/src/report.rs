//! Everything that is wrong with a file, for people and for programs.

use std::fmt;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

/// What is shown of a line that is longer: more does not help, and costs time in a file of one line.
const SHOWN_BYTES: usize = 160;

/// So many errors are shown; a person mends some and looks again.
const SHOWN_PROBLEMS: usize = 50;

/// One error of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The path from the declaration, as `stages[1].actions[0].name`; empty for the file as a whole.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The exception that the API gives for it; none if the file cannot be read at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    pub message: String,
    /// What to do.
    pub help: String,
    #[serde(skip)]
    span: Range<usize>,
}

impl Problem {
    pub(crate) fn new(
        path: String,
        span: Range<usize>,
        exception: &str,
        message: String,
        help: impl Into<String>,
    ) -> Self {
        let exception = Some(exception.to_string());
        Self { path, line: 0, column: 0, exception, message, help: help.into(), span }
    }

    /// A problem of the text, before it is a declaration.
    pub(crate) fn of_file(span: Range<usize>, message: String, help: &str) -> Self {
        let (path, help) = (String::new(), help.to_string());
        Self { path, line: 0, column: 0, exception: None, message, help, span }
    }
}

/// All errors of a file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    file_name: String,
    source: String,
    problems: Vec<Problem>,
}

impl Report {
    pub(crate) fn new(file_name: &str, source: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        // Lines and columns are counted once, on the way through the sorted problems.
        let (mut line, mut column, mut from) = (1, 1, 0);
        for problem in &mut problems {
            let between = &source[from..problem.span.start.clamp(from, source.len())];
            from += between.len();
            line += between.matches('\n').count();
            match between.rsplit_once('\n') {
                Some((_, last)) => column = last.chars().count() + 1,
                None => column += between.chars().count(),
            }
            (problem.line, problem.column) = (line, column);
        }
        Self { file_name: file_name.to_string(), source: source.to_string(), problems }
    }

    /// The errors, for programs; they serialise.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The errors for a person: each with its line, what is wrong and what to do. Ends in a line break.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(120);
        let mut text = String::new();
        for problem in self.problems.iter().take(SHOWN_PROBLEMS) {
            text.push_str(&renderer.render(&[self.group(problem)]));
            text.push_str("\n\n");
        }
        let count = self.problems.len();
        let errors = if count == 1 { "error" } else { "errors" };
        let shown =
            if count > SHOWN_PROBLEMS { format!("; {SHOWN_PROBLEMS} are shown") } else { String::new() };
        text.push_str(&format!("{}: {count} {errors}{shown}\n", self.file_name));
        text
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let title = Level::ERROR.primary_title(&problem.message);
        let title = match &problem.exception {
            Some(exception) => title.id(exception),
            None => title,
        };
        let origin = Origin::path(&self.file_name).line(problem.line).char_column(problem.column);
        let help = Level::HELP.message(&problem.help);
        if self.source.is_empty() {
            return title.element(origin).element(help);
        }
        let (shown, marked, whole) = self.shown(&problem.span);
        let annotation = AnnotationKind::Primary.span(marked);
        let snippet = Snippet::source(shown).line_start(problem.line).annotation(annotation);
        if whole {
            return title.element(snippet.path(&self.file_name)).element(help);
        }
        // Columns cannot be counted in a part of a line.
        title.element(origin).element(snippet).element(help)
    }

    /// The part of the line that is shown, what is marked in it, and whether the part is the whole line.
    fn shown(&self, span: &Range<usize>) -> (&str, Range<usize>, bool) {
        let start = span.start.min(self.source.len());
        let line_start = self.source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.source[line_start..].lines().next().unwrap_or_default();
        let start = (start - line_start).min(line.len());
        let end = (span.end.saturating_sub(line_start)).clamp(start, line.len());
        if line.len() <= SHOWN_BYTES {
            return (line, start..end, true);
        }
        let from = boundary(line, start.saturating_sub(SHOWN_BYTES / 4));
        let to = boundary(line, (from + SHOWN_BYTES).min(line.len()));
        (&line[from..to], start - from..end.clamp(start, to) - from, false)
    }
}

/// The nearest character boundary at or before a byte.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}
