//! JSON with places. `serde_json` decides what is JSON; this walks over what it accepted.

use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::node::{Entry, Kind, MAXIMUM_DEPTH, MAXIMUM_NODES, Node};
use crate::report::Problem;

/// Reads a document; names that stand twice in one object are problems, and the last one counts.
pub(crate) fn read(text: &str) -> Result<(Node, Vec<Problem>), Box<Problem>> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let at = offset(text, error.line(), error.column());
        let told = error.to_string();
        let message = told.split(" at line ").next().unwrap_or(&told);
        let message = format!("this is not JSON: {message}");
        return Err(Box::new(Problem::of_file(
            at,
            message,
            "a comma, a quote or a bracket is missing here, or is one too many",
        )));
    }
    let mut walker = Walker { text, at: 0, nodes: 0, problems: Vec::new() };
    let node = walker.value(0)?;
    Ok((node, walker.problems))
}

/// The byte of a line and a column in bytes, both counted from 1, as `serde_json` counts them.
fn offset(text: &str, line: usize, column: usize) -> Range<usize> {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at..at
}

struct Walker<'a> {
    text: &'a str,
    at: usize,
    nodes: usize,
    problems: Vec<Problem>,
}

impl Walker<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, Box<Problem>> {
        self.skip_space();
        let start = self.at;
        self.nodes += 1;
        let too_much = match () {
            () if self.nodes > MAXIMUM_NODES => {
                Some(format!("the file has more than {MAXIMUM_NODES} values"))
            }
            () if depth > MAXIMUM_DEPTH => {
                Some(format!("the file has more than {MAXIMUM_DEPTH} objects and lists in each other"))
            }
            () => None,
        };
        if let Some(message) = too_much {
            return Err(Box::new(Problem::of_file(
                start..start,
                message,
                "this is not a pipeline declaration",
            )));
        }
        let kind = match self.byte() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => {
                self.string();
                Kind::Scalar(self.parsed(start))
            }
            _ => {
                while self.byte().is_some_and(|byte| !b",]} \t\r\n".contains(&byte)) {
                    self.at += 1;
                }
                Kind::Scalar(self.parsed(start))
            }
        };
        Ok(Node { kind, span: start..self.at })
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Box<Problem>> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        self.at += 1;
        while self.skip_space() != Some(b'}') && self.at < self.text.len() {
            let start = self.at;
            self.string();
            let name_span = start..self.at;
            let name = self.parsed(start).as_str().unwrap_or_default().to_string();
            self.skip_space();
            self.at += 1;
            let value = self.value(depth + 1)?;
            if !names.insert(name.clone()) && self.problems.len() < 100 {
                let message = format!("`{name}` stands twice in the same object");
                self.problems.push(Problem::of_file(name_span.clone(), message, "remove one of the two"));
            }
            entries.push(Entry { name, name_span, value });
            if self.skip_space() == Some(b',') {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(Kind::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Box<Problem>> {
        let mut items = Vec::new();
        self.at += 1;
        while self.skip_space() != Some(b']') && self.at < self.text.len() {
            items.push(self.value(depth + 1)?);
            if self.skip_space() == Some(b',') {
                self.at += 1;
            }
        }
        self.at += 1;
        Ok(Kind::List(items))
    }

    /// Steps over a string.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.byte().filter(|byte| *byte != b'"') {
            self.at += if byte == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    fn parsed(&self, start: usize) -> Value {
        self.text.get(start..self.at).and_then(|part| serde_json::from_str(part).ok()).unwrap_or(Value::Null)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) -> Option<u8> {
        while self.byte().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            self.at += 1;
        }
        self.byte()
    }
}
