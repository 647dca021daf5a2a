//! YAML with places, within a budget: a few lines of YAML can stand for gigabytes.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::{Location, Options, Spanned};

use crate::node::{Entry, Kind, MAXIMUM_DEPTH, MAXIMUM_NODES, Node};
use crate::report::Problem;

pub(crate) fn read(text: &str) -> Result<Node, Box<Problem>> {
    let read = serde_saphyr::from_str_with_options::<Spanned<Part>>(text, options());
    read.map(|part| part.into()).map_err(|error| {
        let error = error.without_snippet();
        let at = error.location().map_or(0..0, |location| bytes(text, location));
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or(&told).trim_start_matches("error: ");
        let (message, help) = in_words(told, text, at.start);
        Box::new(Problem::of_file(at, message, help))
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAXIMUM_DEPTH,
            max_nodes: MAXIMUM_NODES,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 16,
            max_alias_expansions_per_anchor: 1_000,
        },
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    }
}

/// What the reader told, in the words of a person who wrote a pipeline.
fn in_words(told: &str, text: &str, at: usize) -> (String, &'static str) {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let indentation: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    if told.contains("Documents {") {
        let message = "the file has several YAML documents".to_string();
        return (message, "keep one, and remove `---` between them");
    }
    if ["budget breached", "replay", "limit exceeded", "alias expansion"]
        .iter()
        .any(|word| told.contains(word))
    {
        let message = format!("this YAML stands for more than a pipeline can be ({told})");
        return (message, "this is not a pipeline declaration");
    }
    if let Some(name) = told.strip_prefix("duplicate mapping key: ") {
        let name = name.split(',').next().unwrap_or(name);
        return (format!("`{name}` stands twice in the same object"), "remove one of the two");
    }
    let message = format!("this YAML cannot be read: {told}");
    if indentation.contains('\t') {
        return (message, "indent with spaces: YAML does not allow tabs there");
    }
    (message, "look at the indentation and the quotes of this line and the one before")
}

/// The bytes of a location; the parser counts bytes for text, and gives line and column otherwise.
fn bytes(text: &str, location: Location) -> Range<usize> {
    let span = location.span();
    let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) else {
        let line = usize::try_from(location.line()).unwrap_or(1);
        let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        return start..start;
    };
    let at = |offset: u64| {
        let mut at = usize::try_from(offset).unwrap_or(text.len()).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    at(start)..at(start.saturating_add(length))
}

/// A value whose parts know their places.
enum Part {
    Scalar(Value),
    List(Vec<Spanned<Part>>),
    Map(Vec<(Spanned<String>, Spanned<Part>)>),
}

impl From<Spanned<Part>> for Node {
    fn from(part: Spanned<Part>) -> Self {
        let span = span(part.referenced);
        let kind = match part.value {
            Part::Scalar(value) => Kind::Scalar(value),
            Part::List(items) => Kind::List(items.into_iter().map(Self::from).collect()),
            Part::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|(name, value)| Entry {
                        name_span: self::span(name.referenced),
                        name: name.value,
                        value: value.into(),
                    })
                    .collect(),
            ),
        };
        Self { kind, span }
    }
}

fn span(location: Location) -> Range<usize> {
    let span = location.span();
    let start = span.byte_offset().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    start..start.saturating_add(length)
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor)
    }
}

struct PartVisitor;

impl<'de> Visitor<'de> for PartVisitor {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Part, E> {
        Ok(Part::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Part, E> {
        Ok(Part::Scalar(Value::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Part, E> {
        Ok(Part::Scalar(Value::Number(value.into())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Part, E> {
        Ok(Part::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Part, E> {
        Ok(Part::Scalar(Value::String(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Part, E> {
        Ok(Part::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Part, E> {
        Ok(Part::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        Part::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Part, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Part::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Part, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Part::Map(entries))
    }
}
