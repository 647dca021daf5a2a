//! Filters: `[?(@.price < 10 && @.kind == 'book')]`.

use std::cmp::Ordering;

use serde_json::Value;

use super::parse::{Cursor, PathError, Segment, parse_quoted, parse_segments};

#[derive(Debug, Clone)]
pub(crate) enum Filter {
    Or(Box<Filter>, Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Exists(Operand),
    Compare(Operand, Comparison, Operand),
}

#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Literal(Value),
    /// `@…`, relative to the element under test.
    Element(Vec<Segment>),
    /// `$…`, relative to the whole document.
    Document(Vec<Segment>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Filter {
    pub(super) fn accepts(&self, element: &Value, document: &Value) -> bool {
        match self {
            Self::Or(left, right) => left.accepts(element, document) || right.accepts(element, document),
            Self::And(left, right) => left.accepts(element, document) && right.accepts(element, document),
            Self::Not(inner) => !inner.accepts(element, document),
            Self::Exists(operand) => operand.resolve(element, document).is_some(),
            Self::Compare(left, comparison, right) => {
                let left = left.resolve(element, document);
                let right = right.resolve(element, document);
                matches!((left, right), (Some(left), Some(right)) if comparison.holds(left, right))
            }
        }
    }
}

impl Operand {
    fn resolve<'a>(&'a self, element: &'a Value, document: &'a Value) -> Option<&'a Value> {
        let (segments, start) = match self {
            Self::Literal(value) => return Some(value),
            Self::Element(segments) => (segments, element),
            Self::Document(segments) => (segments, document),
        };
        super::evaluate::select(segments, start, document).into_iter().next()
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let equal = match (left.as_f64(), right.as_f64()) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        };
        let order = match (left, right) {
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            _ => left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right)),
        };
        match self {
            Self::Equal => equal,
            Self::NotEqual => !equal,
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

pub(super) fn parse_filter(cursor: &mut Cursor<'_>) -> Result<Filter, PathError> {
    let mut filter = parse_and(cursor)?;
    loop {
        cursor.skip_spaces();
        if !cursor.take("||") {
            return Ok(filter);
        }
        filter = Filter::Or(Box::new(filter), Box::new(parse_and(cursor)?));
    }
}

fn parse_and(cursor: &mut Cursor<'_>) -> Result<Filter, PathError> {
    let mut filter = parse_term(cursor)?;
    loop {
        cursor.skip_spaces();
        if !cursor.take("&&") {
            return Ok(filter);
        }
        filter = Filter::And(Box::new(filter), Box::new(parse_term(cursor)?));
    }
}

fn parse_term(cursor: &mut Cursor<'_>) -> Result<Filter, PathError> {
    cursor.skip_spaces();
    if cursor.take("!") {
        return Ok(Filter::Not(Box::new(parse_term(cursor)?)));
    }
    if cursor.take("(") {
        let filter = parse_filter(cursor)?;
        cursor.skip_spaces();
        return if cursor.take(")") { Ok(filter) } else { Err(cursor.error("')' is missing")) };
    }
    let left = parse_operand(cursor)?;
    cursor.skip_spaces();
    let comparisons = [
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    for (sign, comparison) in comparisons {
        if cursor.take(sign) {
            return Ok(Filter::Compare(left, comparison, parse_operand(cursor)?));
        }
    }
    Ok(Filter::Exists(left))
}

fn parse_operand(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    cursor.skip_spaces();
    if cursor.take("@") {
        return Ok(Operand::Element(parse_segments(cursor)?));
    }
    if cursor.take("$") {
        return Ok(Operand::Document(parse_segments(cursor)?));
    }
    if cursor.rest().starts_with(['\'', '"']) {
        return Ok(Operand::Literal(Value::String(parse_quoted(cursor)?)));
    }
    let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    serde_json::from_str(word).map(Operand::Literal).map_err(|_| cursor.error("the filter is not understood"))
}
