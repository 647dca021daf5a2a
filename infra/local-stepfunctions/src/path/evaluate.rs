//! Segments over a document.

use std::borrow::Cow;

use serde_json::Value;

use super::{JsonPath, Segment};

impl JsonPath {
    /// The value the path names in `document`; `None` when a definite path leads nowhere.
    pub(crate) fn find<'a>(&self, document: &'a Value) -> Option<Cow<'a, Value>> {
        let found = select(&self.segments, document, document);
        if self.is_definite() {
            found.into_iter().next().map(Cow::Borrowed)
        } else {
            Some(Cow::Owned(Value::Array(found.into_iter().cloned().collect())))
        }
    }
}

pub(super) fn select<'a>(segments: &[Segment], start: &'a Value, document: &'a Value) -> Vec<&'a Value> {
    let mut found = vec![start];
    for segment in segments {
        let mut next = Vec::new();
        for value in found {
            apply(segment, value, document, &mut next);
        }
        found = next;
    }
    found
}

fn apply<'a>(segment: &Segment, value: &'a Value, document: &'a Value, found: &mut Vec<&'a Value>) {
    match (segment, value) {
        (Segment::Field(name), Value::Object(fields)) => found.extend(fields.get(name)),
        (Segment::Fields(names), Value::Object(fields)) => {
            found.extend(names.iter().filter_map(|name| fields.get(name)));
        }
        (Segment::Index(index), Value::Array(items)) => found.extend(item(items, *index)),
        (Segment::Indexes(indexes), Value::Array(items)) => {
            found.extend(indexes.iter().filter_map(|index| item(items, *index)));
        }
        (Segment::Wildcard, Value::Array(items)) => found.extend(items),
        (Segment::Wildcard, Value::Object(fields)) => found.extend(fields.values()),
        (Segment::Slice { start, end, step }, Value::Array(items)) => {
            let start = bound(items, start.unwrap_or(0));
            let end = bound(items, end.unwrap_or(i64::MAX));
            let step = usize::try_from(*step).unwrap_or(1);
            found.extend(items.iter().take(end).skip(start).step_by(step));
        }
        (Segment::Filter(filter), Value::Array(items)) => {
            found.extend(items.iter().filter(|item| filter.accepts(item, document)));
        }
        (Segment::Filter(filter), Value::Object(_)) if filter.accepts(value, document) => found.push(value),
        (Segment::Descend(inner), _) => descend(inner, value, document, found),
        _ => {}
    }
}

fn descend<'a>(inner: &Segment, value: &'a Value, document: &'a Value, found: &mut Vec<&'a Value>) {
    apply(inner, value, document, found);
    match value {
        Value::Array(items) => items.iter().for_each(|item| descend(inner, item, document, found)),
        Value::Object(fields) => fields.values().for_each(|field| descend(inner, field, document, found)),
        _ => {}
    }
}

/// A negative index counts from the end.
fn item(items: &[Value], index: i64) -> Option<&Value> {
    let length = i64::try_from(items.len()).ok()?;
    let index = if index < 0 { length + index } else { index };
    items.get(usize::try_from(index).ok()?)
}

fn bound(items: &[Value], index: i64) -> usize {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let index = if index < 0 { length.saturating_add(index) } else { index };
    usize::try_from(index.clamp(0, length)).unwrap_or(0)
}
