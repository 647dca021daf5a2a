//! EventBridge event patterns.
//!
//! A pattern names fields and lists what each may be: an event matches when every field has one of
//! its values. Comparisons are those of the EventBridge user guide ("Comparison operators for use in
//! event patterns"); one that is not here (`cidr`) is refused when the pattern is read.

use serde_json::{Map, Value};

use crate::permissions::wildcard_matches;

/// A pattern that was understood completely.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    fields: Vec<(String, Field)>,
    /// Each `$or`: one of its patterns has to match.
    alternatives: Vec<Vec<Pattern>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Field {
    Nested(Pattern),
    /// One of these has to match.
    Leaf(Vec<Matcher>),
}

#[derive(Debug, Clone, PartialEq)]
enum Matcher {
    Exactly(Value),
    Text(TextMatcher),
    AnythingBut(Vec<Matcher>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

#[derive(Debug, Clone, PartialEq)]
enum TextMatcher {
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    EqualIgnoringCase(String),
    Wildcard(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// The error names the place in the pattern and what is wrong with it.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let Value::Object(object) = value else { return Err("an event pattern is an object".into()) };
        if object.is_empty() {
            return Err("an event pattern names at least one field".into());
        }
        let mut pattern = Self { fields: Vec::new(), alternatives: Vec::new() };
        for (name, value) in object {
            match value {
                Value::Array(patterns) if name == "$or" => {
                    let patterns: Result<_, _> = patterns.iter().map(Self::parse).collect();
                    pattern.alternatives.push(patterns.map_err(|problem| format!("$or: {problem}"))?);
                }
                value => {
                    let field = Field::parse(value).map_err(|problem| format!("{name}: {problem}"))?;
                    pattern.fields.push((name.clone(), field));
                }
            }
        }
        Ok(pattern)
    }

    /// `event` is the whole envelope (`source`, `detail-type`, `detail`, …).
    pub fn matches(&self, event: &Value) -> bool {
        match event {
            // EventBridge matches an array of objects when one of them matches.
            Value::Array(items) => items.iter().any(|item| self.matches(item)),
            event => {
                self.fields.iter().all(|(name, field)| field.matches(event.get(name)))
                    && self.alternatives.iter().all(|patterns| patterns.iter().any(|one| one.matches(event)))
            }
        }
    }
}

impl Pattern {
    /// Whether an event may match of which only these fields of the envelope are known.
    pub(super) fn may_match(&self, known: &Value) -> bool {
        self.fields.iter().all(|(name, field)| known.get(name).is_none_or(|value| field.matches(Some(value))))
    }
}

impl Field {
    fn parse(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(_) => Pattern::parse(value).map(Self::Nested),
            Value::Array(matchers) if !matchers.is_empty() => {
                matchers.iter().map(Matcher::parse).collect::<Result<_, _>>().map(Self::Leaf)
            }
            Value::Array(_) => Err("the list of values is empty, so nothing would ever match".into()),
            _ => Err("values are written as a list, even when there is one".into()),
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Nested(pattern) => pattern.matches(value.unwrap_or(&Value::Null)),
            Self::Leaf(matchers) => {
                let leaves = value.map(leaves).unwrap_or_default();
                matchers.iter().any(|matcher| matcher.matches_any(&leaves))
            }
        }
    }
}

/// An array stands for each of its elements; an object is no leaf.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(_) => Vec::new(),
        leaf => vec![leaf],
    }
}

impl Matcher {
    fn parse(value: &Value) -> Result<Self, String> {
        let Value::Object(object) = value else {
            return match value {
                Value::Array(_) => Err("a list inside of a list of values".into()),
                value => Ok(Self::Exactly(value.clone())),
            };
        };
        let (name, operand) = only_entry(object)?;
        match name {
            "anything-but" => anything_but(operand).map(Self::AnythingBut),
            "numeric" => numeric(operand).map(Self::Numeric),
            "exists" => match operand {
                Value::Bool(expected) => Ok(Self::Exists(*expected)),
                _ => Err("exists must be true or false".into()),
            },
            _ => TextMatcher::parse(name, operand).map(Self::Text),
        }
    }

    fn matches_any(&self, leaves: &[&Value]) -> bool {
        match self {
            Self::Exists(expected) => leaves.is_empty() != *expected,
            matcher => leaves.iter().any(|leaf| matcher.matches(leaf)),
        }
    }

    fn matches(&self, leaf: &Value) -> bool {
        match self {
            Self::Exactly(expected) => leaf == expected,
            Self::Text(matcher) => leaf.as_str().is_some_and(|text| matcher.matches(text)),
            Self::AnythingBut(excluded) => !excluded.iter().any(|matcher| matcher.matches(leaf)),
            Self::Numeric(bounds) => leaf.as_f64().is_some_and(|number| {
                bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(expected) => *expected,
        }
    }
}

impl TextMatcher {
    fn parse(name: &str, operand: &Value) -> Result<Self, String> {
        match (name, operand) {
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Value::String(text)) => Ok(Self::Suffix(text.clone())),
            ("prefix", Value::Object(inner)) => Ok(Self::PrefixIgnoringCase(ignoring_case(inner)?)),
            ("suffix", Value::Object(inner)) => Ok(Self::SuffixIgnoringCase(ignoring_case(inner)?)),
            ("equals-ignore-case", Value::String(text)) => Ok(Self::EqualIgnoringCase(text.to_lowercase())),
            // EventBridge's wildcard is only `*`; IAM's `?` and an escaped `\*` would mean something else.
            ("wildcard", Value::String(text)) if !text.contains(['?', '\\']) => {
                Ok(Self::Wildcard(text.clone()))
            }
            ("wildcard", Value::String(_)) => Err("a wildcard with ? or \\ is not supported locally".into()),
            ("prefix" | "suffix" | "equals-ignore-case" | "wildcard", _) => {
                Err(format!("{name} must be a text"))
            }
            _ => Err(format!("the comparison {name} is not supported locally")),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::PrefixIgnoringCase(prefix) => text.to_lowercase().starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::SuffixIgnoringCase(suffix) => text.to_lowercase().ends_with(suffix.as_str()),
            Self::EqualIgnoringCase(expected) => text.to_lowercase() == *expected,
            Self::Wildcard(pattern) => wildcard_matches(pattern, text),
        }
    }
}

impl Comparison {
    fn parse(operator: &Value) -> Result<Self, String> {
        match operator.as_str() {
            Some("=") => Ok(Self::Equal),
            Some("<") => Ok(Self::Less),
            Some("<=") => Ok(Self::LessOrEqual),
            Some(">") => Ok(Self::Greater),
            Some(">=") => Ok(Self::GreaterOrEqual),
            _ => Err(format!("numeric: {operator} is not one of = < <= > >=")),
        }
    }

    #[expect(clippy::float_cmp, reason = "a pattern's number is compared with the event's as written")]
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

fn anything_but(operand: &Value) -> Result<Vec<Matcher>, String> {
    let excluded = match operand {
        Value::Array(values) => values.iter().map(Matcher::parse).collect::<Result<Vec<_>, _>>()?,
        Value::Object(object) => {
            let (name, inner) = only_entry(object)?;
            let texts = match inner {
                Value::Array(texts) => texts.as_slice(),
                one => std::slice::from_ref(one),
            };
            texts
                .iter()
                .map(|text| TextMatcher::parse(name, text).map(Matcher::Text))
                .collect::<Result<Vec<_>, _>>()?
        }
        value => vec![Matcher::parse(value)?],
    };
    if excluded.is_empty() {
        return Err("anything-but: the list is empty".into());
    }
    Ok(excluded)
}

fn numeric(operand: &Value) -> Result<Vec<(Comparison, f64)>, String> {
    let parts = operand.as_array().map(Vec::as_slice).unwrap_or_default();
    if !matches!(parts.len(), 2 | 4) {
        return Err(r#"numeric must be ["<", 5] or [">", 0, "<=", 5]"#.into());
    }
    parts
        .chunks_exact(2)
        .map(|pair| {
            let bound = pair[1].as_f64().ok_or_else(|| format!("numeric: {} is not a number", pair[1]))?;
            Ok((Comparison::parse(&pair[0])?, bound))
        })
        .collect()
}

fn ignoring_case(object: &Map<String, Value>) -> Result<String, String> {
    match only_entry(object)? {
        ("equals-ignore-case", Value::String(text)) => Ok(text.to_lowercase()),
        (name, _) => Err(format!("the comparison {name} is not supported locally")),
    }
}

fn only_entry(object: &Map<String, Value>) -> Result<(&str, &Value), String> {
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err("a comparison is an object with one entry".into()),
    }
}

#[cfg(test)]
mod tests;
