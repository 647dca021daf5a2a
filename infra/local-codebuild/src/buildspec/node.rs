//! YAML as a tree that remembers where each value stands.
//!
//! Scalars stay the text that was written: a version `1.10` or a variable `yes` is no number and no
//! boolean in a buildspec.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::BuildspecError;

/// CodeBuild's limit is not documented; the largest buildspecs in the wild are below 100 KB.
const MAX_BYTES: usize = 1024 * 1024;

/// A value with its place: its path from the root, and its line and column.
#[derive(Debug, Clone)]
pub struct Node {
    pub path: String,
    pub line: u64,
    pub column: u64,
    pub value: Value,
}

#[derive(Debug, Clone)]
pub enum Value {
    Null,
    Text(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(String, Node)>),
}

impl Node {
    /// Parses one document, with limits on its size, depth and aliases.
    pub fn parse(source: &str) -> Result<Self, BuildspecError> {
        let whole = |message: String| BuildspecError { path: String::new(), line: 0, column: 0, message };
        if source.len() > MAX_BYTES {
            return Err(whole(format!("the buildspec is larger than {MAX_BYTES} bytes")));
        }
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_depth: 32,
                max_nodes: 50_000,
                max_events: 100_000,
                max_anchors: 1_000,
                max_aliases: 1_000,
            },
            with_snippet: false,
        };
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(source, options).map_err(|error| {
            let location = error.location().unwrap_or(Location::UNKNOWN);
            let place = (location.line(), location.column());
            BuildspecError { line: place.0, column: place.1, ..whole(message_of(&error)) }
        })?;
        Ok(resolve(raw, source, String::new()))
    }

    pub fn error(&self, message: impl Into<String>) -> BuildspecError {
        BuildspecError {
            path: self.path.clone(),
            line: self.line,
            column: self.column,
            message: message.into(),
        }
    }

    /// A word for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Text(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// The library's words without the place, which we show in our own way.
fn message_of(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    let cut = first.find(" at line ").unwrap_or(first.len());
    format!("it is not valid YAML: {}", &first[..cut])
}

fn resolve(raw: Spanned<Raw>, source: &str, path: String) -> Node {
    let (line, column) = (raw.referenced.line(), raw.referenced.column());
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Text(text) => Value::Text(text),
        Raw::Inferred(inferred) => Value::Text(written(raw.defined, source).unwrap_or(inferred)),
        Raw::Sequence(items) => Value::Sequence(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| resolve(item, source, format!("{path}[{index}]")))
                .collect(),
        ),
        Raw::Mapping(entries) => Value::Mapping(
            entries
                .into_iter()
                .map(|(key, item)| {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    (key, resolve(item, source, path))
                })
                .collect(),
        ),
    };
    Node { path, line, column, value }
}

/// The text of a plain scalar that the parser took for a number or a boolean.
fn written(location: Location, source: &str) -> Option<String> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    let text = source.get(start..start.checked_add(length)?)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

enum Raw {
    Null,
    Inferred(String),
    Text(String),
    Sequence(Vec<Spanned<Raw>>),
    Mapping(Vec<(String, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Inferred(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Inferred(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Inferred(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Inferred(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Inferred(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Inferred(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut sequence = Vec::new();
        while let Some(item) = items.next_element()? {
            sequence.push(item);
        }
        Ok(Raw::Sequence(sequence))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut mapping = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            mapping.push(entry);
        }
        Ok(Raw::Mapping(mapping))
    }
}
